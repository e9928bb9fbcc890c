//! Cross-origin resource sharing (CORS, <https://fetch.spec.whatwg.org/#http-cors-protocol>): which web pages of other
//! origins a browser lets call the API. A page sends a bearer token that it has itself, and no cookie, so any origin may be
//! allowed.
//!
//! API Gateway passes the responses of functions on unchanged, so each function sets the headers; the gateway's own
//! responses have theirs in `template.yaml`.

use std::env::{self, VarError};
use std::str::FromStr;

use axum::Router;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

use super::Operation;

/// The request headers that a page may set.
pub const ALLOWED_HEADERS: &str = "Authorization, Content-Type, If-Match, If-None-Match";
/// The response headers that a page may read.
pub const EXPOSED_HEADERS: &str = "ETag, Location, Customer-Match, Retry-After, X-Request-Id";
/// How long a browser may keep the response to a preflight, in seconds. Chromium keeps none longer.
pub const MAX_AGE: &str = "7200";

/// The variable with the allowed origin. If it is absent, browsers allow no page of another origin.
const VARIABLE: &str = "ALLOWED_ORIGIN";

/// The origin whose pages may call the API, or all origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigin(HeaderValue);

/// A text that no browser sends as the origin of a page.
#[derive(Debug, thiserror::Error)]
#[error("must be `*`, or an origin such as https://app.example.com, without a path and without the default port")]
pub struct InvalidOrigin;

/// The variable is set to something else.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {VARIABLE} {InvalidOrigin}")]
pub struct InvalidVariable;

impl AllowedOrigin {
    /// All origins.
    #[must_use]
    pub fn any() -> Self {
        Self(HeaderValue::from_static("*"))
    }

    /// Whether these are all origins.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.0 == "*"
    }

    /// Whether a page of this `Origin` may call the API.
    #[must_use]
    pub fn allows(&self, origin: &HeaderValue) -> bool {
        self.is_any() || self.0 == *origin
    }

    /// The origin in the environment, if there is one.
    ///
    /// # Errors
    /// If it is not an origin.
    pub fn from_env() -> Result<Option<Self>, InvalidVariable> {
        match env::var(VARIABLE) {
            Ok(text) => text.parse().map(Some).map_err(|InvalidOrigin| InvalidVariable),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(InvalidVariable),
        }
    }

    /// Sets the headers of a response that is not a preflight's alone. They do not depend on the request, so a cache needs
    /// no `Vary: Origin`.
    pub fn set_on(&self, headers: &mut HeaderMap) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.0.clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
    }
}

impl FromStr for AllowedOrigin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        if text == "*" {
            return Ok(Self::any());
        }
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(InvalidOrigin) };
        let default_port = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err(InvalidOrigin),
        };
        let is_serialized = text == format!("{scheme}://{authority}").to_lowercase();
        if is_serialized && !authority.as_str().contains('@') && authority.port_u16() != Some(default_port) {
            HeaderValue::from_str(text).map(Self).map_err(|_| InvalidOrigin)
        } else {
            Err(InvalidOrigin)
        }
    }
}

/// Lets pages of `origin` read every response of `function`.
pub fn allow(function: Router, origin: Option<AllowedOrigin>) -> Router {
    let Some(origin) = origin else { return function };
    function.layer(map_response(move |mut response: Response| {
        origin.set_on(response.headers_mut());
        async { response }
    }))
}

/// The response to a preflight for a route. It asks for no token, because a browser sends none with a preflight.
pub(super) fn preflight(route: &str) -> Response {
    let on_route = Operation::ALL.iter().filter(|operation| operation.path() == route);
    let mut methods: Vec<_> = on_route.map(|operation| operation.method().to_string()).collect();
    methods.sort_unstable();
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, methods.join(", ")),
        (ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS.to_owned()),
        (ACCESS_CONTROL_MAX_AGE, MAX_AGE.to_owned()),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for origin in
            ["*", "https://app.example.com", "http://localhost:5173", "https://[::1]:8443", "http://127.0.0.1:3001"]
        {
            assert_eq!(origin.parse::<AllowedOrigin>().unwrap().0, origin);
        }
        for other in [
            "",
            "null",
            "app.example.com",
            "//app.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com?",
            "https://App.example.com",
            "HTTPS://app.example.com",
            "https://app.example.com:443",
            "http://app.example.com:80",
            "https://user@app.example.com",
            "ftp://app.example.com",
            "https://a.example, https://b.example",
            "https://*.example.com/",
            "https://app.example.com\n",
        ] {
            assert!(other.parse::<AllowedOrigin>().is_err(), "{other:?}");
        }
    }

    #[test]
    fn only_pages_of_the_allowed_origin_are_allowed() {
        let page = HeaderValue::from_static("https://app.example.com");
        assert!(AllowedOrigin::any().allows(&page));
        assert!("https://app.example.com".parse::<AllowedOrigin>().unwrap().allows(&page));
        for other in ["http://app.example.com", "https://app.example.com:8443", "https://example.com"] {
            assert!(!other.parse::<AllowedOrigin>().unwrap().allows(&page), "{other}");
        }
    }
}
