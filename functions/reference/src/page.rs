//! The page: Swagger UI, started by a script of ours. Everything comes from where the page comes from.

use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Nothing from elsewhere, nothing inline and no frame around it. Swagger UI carries its icons as `data:` images.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a browser is told of the page and each of its parts. The old header about frames is for old browsers.
const SECURITY: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
];

/// A file of the page.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    /// The same, compressed, where that is worth it.
    gzip: Option<&'static [u8]>,
}

macro_rules! swagger_ui {
    ($name:literal, $content_type:literal) => {
        Asset {
            name: $name,
            content_type: $content_type,
            bytes: include_bytes!(concat!(env!("OUT_DIR"), "/", $name)),
            gzip: Some(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz"))),
        }
    };
}

macro_rules! ours {
    ($name:literal, $content_type:literal) => {
        Asset {
            name: $name,
            content_type: $content_type,
            bytes: include_bytes!(concat!("../page/", $name)),
            gzip: None,
        }
    };
}

const ASSETS: [Asset; 5] = [
    swagger_ui!("swagger-ui.css", "text/css; charset=utf-8"),
    swagger_ui!("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ours!("explorer.css", "text/css; charset=utf-8"),
    ours!("explorer.js", "text/javascript; charset=utf-8"),
    ours!("icon.svg", "image/svg+xml"),
];

pub(crate) fn page() -> impl IntoResponse {
    let bytes: &[u8] = include_bytes!("../page/index.html");
    (SECURITY, [(CONTENT_TYPE, "text/html; charset=utf-8")], bytes)
}

/// The file of this name, if there is one.
pub(crate) fn asset(name: &str, headers: &HeaderMap) -> Option<Response> {
    let asset = ASSETS.iter().find(|asset| asset.name == name)?;
    let head = (SECURITY, [(CONTENT_TYPE, asset.content_type)]);
    Some(match asset.gzip {
        Some(gzip) if takes_gzip(headers) => {
            (head, [(CONTENT_ENCODING, "gzip"), (VARY, ACCEPT_ENCODING.as_str())], gzip).into_response()
        }
        Some(_) => (head, [(VARY, ACCEPT_ENCODING.as_str())], asset.bytes).into_response(),
        None => (head, asset.bytes).into_response(),
    })
}

/// Whether the client takes gzip (RFC 9110, 12.5.3): it is named, and not with a weight of nothing. A `*` is not taken
/// for it: whoever names nothing else can do with what is not compressed.
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
    fn gzip_is_for_those_who_name_it() {
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
