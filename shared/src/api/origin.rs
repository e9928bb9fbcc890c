//! Checks `Host` and `X-Forwarded-Proto`. A client can set them, so `lambda_http` must not build a URL from them.

use axum::Router;
use axum::response::Response;
use http::header::{HOST, HeaderName};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, LambdaEvent};
use tower::util::MapRequest;

use super::{Code, Problem};

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

type Event = LambdaEvent<LambdaRequest>;

/// Wraps `function` as the service that Lambda's runtime calls with events. The URI of a request has only a path and a
/// query. Otherwise `lambda_http` would build the URI from the event's host and scheme, and panic if they are
/// malformed.
#[must_use]
pub fn adapter(function: Router) -> MapRequest<Adapter<'static, Response, Router>, fn(Event) -> Event> {
    MapRequest::new(Adapter::from(function), without_origin)
}

fn without_origin(mut event: Event) -> Event {
    if let LambdaRequest::ApiGatewayV1(request) = &mut event.payload {
        request.request_context.domain_name = None;
        for name in [HOST, X_FORWARDED_PROTO] {
            // `lambda_http` reads them only here. As multi-value headers they stay headers of the request.
            if let Some(value) = request.headers.remove(&name) {
                request.multi_value_headers.entry(name).or_insert(value);
            }
        }
    }
    event
}

/// Refuses a `Host` that is not a host with an optional port (RFC 9110, section 7.2), and a scheme other than `http`
/// and `https`.
pub(super) fn refuse_malformed_origin(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get_all(HOST).iter().all(is_host) && headers.get_all(X_FORWARDED_PROTO).iter().all(is_scheme) {
        return Ok(());
    }
    Err(Problem::new(Code::InvalidPath, "The header `Host` or `X-Forwarded-Proto` is malformed. Fix it and try again."))
}

fn is_host(value: &HeaderValue) -> bool {
    Authority::try_from(value.as_bytes()).is_ok_and(|authority| {
        // With user information or a malformed port, the authority is longer than its host and port together.
        let port = authority.port().map_or(0, |port| 1 + port.as_str().len());
        authority.as_str().len() == authority.host().len() + port
    })
}

fn is_scheme(value: &HeaderValue) -> bool {
    [b"http".as_slice(), b"https"].iter().any(|scheme| value.as_bytes().eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for host in ["api.example.com", "127.0.0.1:3000", "[::1]:3000", "LOCALHOST", "a_b"] {
            assert!(is_host(&HeaderValue::from_static(host)), "{host}");
        }
        for host in ["", "a b", "a/b", "a?b", "a#b", "a\\b", "u@a", "a:b", "a:99999", "[::1", "a{b}", "a%zz"] {
            assert!(!is_host(&HeaderValue::from_static(host)), "{host}");
        }
    }
}
