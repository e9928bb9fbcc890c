//! JSON bodies: read whole, checked field by field, so that one answer names every rule that is broken.

use std::fmt;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::{Map, Value};

use super::fields::FieldRules;
use super::json::{Wrong, pointer_to};
use super::object::Reader;
use super::problem::FieldError;
use super::unambiguous::Unambiguous;
use super::{Code, Problem};
use crate::domain::Invalid;

/// Most bytes of a body.
pub const MAX_BODY: usize = 64 * 1024;

/// A JSON object, not yet checked against a schema.
pub struct Body(Map<String, Value>);

/// A body may hold a password.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body(…)")
    }
}

impl<S: Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        check_headers(request.headers())?;
        let bytes = to_bytes(request.into_body(), MAX_BODY)
            .await
            .map_err(|_| Problem::new(Code::PayloadTooLarge, "A body may have 65,536 bytes. Send a smaller one."))?;
        Self::parse(&bytes)
    }
}

/// A body is JSON, which is always UTF-8 (RFC 8259), and is not compressed.
fn check_headers(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    let declared = text(CONTENT_TYPE).unwrap_or_default();
    let mut parts = declared.split(';').map(str::trim);
    let is_json = parts.next() == Some("application/json");
    let is_utf8 = parts
        .filter_map(|parameter| parameter.strip_prefix("charset="))
        .all(|charset| matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"));
    if !is_json || !is_utf8 {
        let detail = "Send the body in UTF-8 with the header Content-Type: application/json.";
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    if text(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Problem::new(Code::UnsupportedMediaType, "Send the body without a Content-Encoding."));
    }
    Ok(())
}

impl Body {
    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let Unambiguous(value) = serde_json::from_slice(bytes).map_err(|error| {
            // Where it broke helps; what stood there may be personal.
            let place = format!("line {}, column {}", error.line(), error.column());
            let detail = if error.is_data() {
                format!("An object must not have a field twice; see {place}.")
            } else {
                format!("The body cannot be read as JSON in UTF-8; see {place}.")
            };
            Problem::new(Code::MalformedJson, detail)
        })?;
        if let Value::Object(fields) = value {
            return Ok(Self(fields));
        }
        let wrong = FieldError::at("", &Invalid::WrongType("an object"));
        Err(Problem::fields(Code::ValidationFailed, vec![wrong]))
    }

    /// The fields, once `rules` allow them.
    ///
    /// # Errors
    /// Fields that the caller's role may not write come alone, as `403`. Everything else that is wrong with the names of
    /// fields is reported together with what is wrong with their values.
    pub fn fields(self, rules: FieldRules) -> Result<Reader, Problem> {
        let mut allowed = Map::new();
        let mut wrong = Wrong::new();
        let mut kept_from_role = Wrong::new();
        for (name, value) in self.0 {
            if rules.allows(&name) {
                allowed.insert(name, value);
            } else if !rules.knows(&name) {
                wrong.push((pointer_to(&name), Invalid::UnknownField));
            } else if rules.by_role {
                kept_from_role.push((pointer_to(&name), rules.refusal(&name)));
            } else {
                wrong.push((pointer_to(&name), Invalid::NotWritable));
            }
        }
        if kept_from_role.is_empty() { Ok(Reader::new(allowed, wrong)) } else { Err(problem_of(kept_from_role)) }
    }
}

/// The problem of a body that breaks these rules.
pub(super) fn problem_of(wrong: Wrong) -> Problem {
    let is = |code: Invalid| wrong.iter().any(|(_, invalid)| *invalid == code);
    let code = if is(Invalid::FieldNotAllowed) {
        Code::FieldNotAllowed
    } else if is(Invalid::PhoneChangeNeedsOperator) {
        Code::PhoneChangeNeedsOperator
    } else if is(Invalid::NotWritable) {
        Code::NotWritable
    } else {
        Code::ValidationFailed
    };
    Problem::fields(code, wrong.into_iter().map(|(pointer, invalid)| FieldError::at(pointer, &invalid)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_not_shown_when_debugged() {
        let body = Body::parse(br#"{ "password": "sentinel password" }"#).unwrap();
        let shown = format!("{body:?}");
        assert!(!shown.contains("sentinel"), "{shown}");
    }
}
