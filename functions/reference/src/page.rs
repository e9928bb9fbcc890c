//! The page and its files. Our script starts Scalar, and all files come from the server of the page.

use std::io::Read as _;

use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Forbids files from other servers, inline scripts, `eval` and framing. Scalar needs `<style>` elements and `data:`
/// images; decision 0014 says why the page allows them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The security headers of the page and its files. `X-Frame-Options` is for old browsers.
const SECURITY: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
];

/// The name of Scalar's bundle, which contains a hash of its content.
const SCALAR: &str = env!("SCALAR");

/// A file of the page.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: Content,
}

/// The content of a file, plain or compressed.
enum Content {
    Plain(&'static [u8]),
    Gzip(&'static [u8]),
}

const ASSETS: [Asset; 5] = [
    Asset {
        name: SCALAR,
        content_type: "text/javascript; charset=utf-8",
        content: Content::Gzip(include_bytes!(concat!(env!("OUT_DIR"), "/scalar.js.gz"))),
    },
    Asset {
        name: "site.json",
        content_type: "application/json",
        content: Content::Gzip(include_bytes!(concat!(env!("OUT_DIR"), "/site.json.gz"))),
    },
    Asset {
        name: "site.js",
        content_type: "text/javascript; charset=utf-8",
        content: Content::Plain(include_bytes!("../page/site.js")),
    },
    Asset {
        name: "site.css",
        content_type: "text/css; charset=utf-8",
        content: Content::Plain(include_bytes!("../page/site.css")),
    },
    Asset {
        name: "icon.svg",
        content_type: "image/svg+xml",
        content: Content::Plain(include_bytes!("../page/icon.svg")),
    },
];

pub(crate) fn page() -> impl IntoResponse {
    let bytes: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/index.html"));
    (SECURITY, [(CONTENT_TYPE, "text/html; charset=utf-8")], bytes)
}

/// The file of this name, if there is one.
pub(crate) fn asset(name: &str, headers: &HeaderMap) -> Option<Response> {
    let Asset { name, content_type, content } = ASSETS.iter().find(|asset| asset.name == name)?;
    let mut response = match content {
        Content::Plain(bytes) => bytes.into_response(),
        Content::Gzip(bytes) if takes_gzip(headers) => ([(CONTENT_ENCODING, "gzip")], *bytes).into_response(),
        Content::Gzip(bytes) => decompressed(bytes).into_response(),
    };
    let headers = response.headers_mut();
    headers.extend(SECURITY.map(|(name, value)| (name, HeaderValue::from_static(value))));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if matches!(content, Content::Gzip(_)) {
        headers.insert(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
    }
    // The name of the bundle changes with its content. The other files keep their names, so they are cached only for as
    // long as a reader needs who goes from page to page.
    let cache = if *name == SCALAR { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    Some(response)
}

/// The committed OpenAPI document without its white space; a test compares the two. The build has compressed it, because
/// Lambda's runtime takes fifteen instructions for each byte of a response.
pub(crate) fn openapi(headers: &HeaderMap) -> Response {
    let compressed: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));
    let plain: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json"));
    let body = if takes_gzip(headers) {
        ([(CONTENT_ENCODING, "gzip")], compressed).into_response()
    } else {
        plain.into_response()
    };
    let always =
        [(CONTENT_TYPE, "application/json"), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (VARY, ACCEPT_ENCODING.as_str())];
    (always, body).into_response()
}

/// Decompresses a file on request. All browsers accept gzip, so the function does not store a second, plain copy.
fn decompressed(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).expect("the build compressed it");
    plain
}

/// Whether the client accepts gzip (RFC 9110, 12.5.3): the header names it with a weight above zero. A `*` is not
/// enough, because such a client can also read a plain response.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value: &HeaderValue| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        is_gzip && weight.is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_only_if_the_client_names_it() {
        let takes = |value: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        for value in ["gzip", "gzip, deflate, br, zstd", "br, GZIP;q=0.5", "gzip; q=1"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "br", "*", "identity", "gzip;q=0", "gzip; q=0.000", "x-gzip2", "gzip;q=much"] {
            assert!(!takes(value), "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
