//! Responses, and the checks that apply to every response.

use axum::body::to_bytes;
use axum::response::Response;
use http::HeaderMap;
use serde_json::Value;
use shared::api::cors::EXPOSED_HEADERS;

use crate::caller::values;

/// A response of the API.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The JSON of the body; null for an empty body.
    pub body: Value,
    pub bytes: Vec<u8>,
    /// The `operationId` of the request's method and path; `None` if the reference has no such operation.
    pub operation: Option<&'static str>,
}

impl Answer {
    /// Reads a whole response.
    ///
    /// # Panics
    /// If the body is incomplete.
    pub async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { status: parts.status.as_u16(), headers: parts.headers, body, bytes, operation: None }
    }

    /// The value of a header that occurs at most once.
    ///
    /// # Panics
    /// If the header occurs twice.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let mut all = values(&self.headers, name);
        assert!(all.len() <= 1, "{name} is there twice: {all:?}");
        all.pop()
    }

    /// The `code` of a problem.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The pointer (or parameter) and code of each entry of a problem's `errors`, sorted.
    #[must_use]
    pub fn errors(&self) -> Vec<(String, String)> {
        let entries = self.body["errors"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let place = |error: &Value| error.get("pointer").or_else(|| error.get("parameter")).map(text);
        let mut errors: Vec<_> =
            entries.map(|error| (place(error).unwrap_or_default(), text(&error["code"]))).collect();
        errors.sort();
        errors
    }

    /// Asserts a problem of this status and code.
    ///
    /// # Panics
    /// If the response is different.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{self:?}");
    }

    /// Checks what applies to every response.
    pub(crate) fn check(&self) {
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "no request id: {self:?}");
        assert_eq!(self.header("cache-control").as_deref(), Some("no-store"), "{self:?}");
        assert_eq!(self.header("access-control-allow-origin").as_deref(), Some("*"), "{self:?}");
        assert_eq!(self.header("access-control-expose-headers").as_deref(), Some(EXPOSED_HEADERS), "{self:?}");
        let content_type = self.header("content-type");
        if self.status < 400 {
            // The response to HEAD has the headers of GET and no body.
            let is_head = self.bytes.is_empty() && self.header("content-length").is_some_and(|length| length != "0");
            let expected = (is_head || !self.bytes.is_empty()).then_some("application/json");
            assert_eq!(content_type.as_deref(), expected, "{self:?}");
            assert!(!String::from_utf8_lossy(&self.bytes).contains("argon2"), "a password hash is shown: {self:?}");
            return;
        }
        assert_eq!(content_type.as_deref(), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.body["status"], self.status, "{self:?}");
        assert_eq!(self.body["type"], format!("urn:problem-type:{}", self.code()), "{self:?}");
        assert_eq!(self.body["requestId"].as_str(), self.header("x-request-id").as_deref(), "{self:?}");
        for text in ["title", "detail", "code"] {
            assert!(self.body[text].as_str().is_some_and(|text| !text.is_empty()), "no {text}: {self:?}");
        }
        assert_eq!(self.status == 405, self.header("allow").is_some(), "{self:?}");
        assert_eq!(matches!(self.status, 429 | 503), self.header("retry-after").is_some(), "{self:?}");
        assert_eq!(self.status == 401, self.header("www-authenticate").is_some(), "{self:?}");
    }
}
