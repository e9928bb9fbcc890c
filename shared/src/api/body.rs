//! Reads JSON bodies. Every field is checked, so that one response lists all broken rules.

use std::fmt;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::{Map, Value};

use super::fields::FieldRules;
use super::json::{Violations, pointer_to};
use super::object::Reader;
use super::problem::FieldError;
use super::unambiguous::{Unambiguous, with_finite_numbers};
use super::{Code, Problem};
use crate::domain::Invalid;

/// The maximum size of a body, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// A JSON object, not yet checked against a schema.
pub struct Body(Map<String, Value>);

/// Prints nothing of the body, because it may contain a password.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body(…)")
    }
}

impl<S: Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        check_headers(request.headers())?;
        let bytes = to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| {
            Problem::new(Code::PayloadTooLarge, "The body is larger than 65,536 bytes. Send a smaller body.")
        })?;
        Self::parse(&bytes)
    }
}

/// A body is JSON in UTF-8 (RFC 8259) without compression.
fn check_headers(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if !text(CONTENT_TYPE).is_some_and(is_json_in_utf8) {
        let detail = "Send the body in UTF-8 with the header Content-Type: application/json.";
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    let is_encoded = headers.contains_key(CONTENT_ENCODING)
        && !text(CONTENT_ENCODING).is_some_and(|coding| coding.eq_ignore_ascii_case("identity"));
    if is_encoded {
        return Err(Problem::new(Code::UnsupportedMediaType, "Send the body without a Content-Encoding."));
    }
    Ok(())
}

/// Whether a media type (RFC 9110, section 8.3.1) is JSON in UTF-8. A malformed parameter is refused, because another
/// parser could read `charset =utf-16` as a `charset`. The crate `mime` is not used: it refuses white space before a
/// `;`, although that is valid.
fn is_json_in_utf8(declared: &str) -> bool {
    let mut parts = declared.split(';').map(|part| part.trim_matches([' ', '\t']));
    let is_json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    is_json && parts.filter(|parameter| !parameter.is_empty()).all(is_utf8_or_other)
}

fn is_utf8_or_other(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            ["utf-8", "utf8", "us-ascii"].iter().any(|known| value.trim_matches('"').eq_ignore_ascii_case(known))
        }
        Some((name, _)) => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
        None => false,
    }
}

impl Body {
    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        // RFC 8259, section 8.1: a parser may ignore a byte order mark.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.trim_ascii().is_empty() {
            return Err(Problem::new(Code::MalformedJson, "The body is empty. Send a JSON object."));
        }
        let read = serde_json::from_slice(bytes).or_else(|_| serde_json::from_slice(&with_finite_numbers(bytes)));
        let Unambiguous(value) = read.map_err(|error| {
            // The position helps the client. The text at that position may be personal, so it is not repeated.
            let place = format!("line {}, column {}", error.line(), error.column());
            let detail = if error.is_data() {
                format!("An object contains the same field twice, at {place}. Send each field once.")
            } else {
                format!("The body cannot be read as JSON in UTF-8, at {place}. Fix that place and try again.")
            };
            Problem::new(Code::MalformedJson, detail)
        })?;
        if let Value::Object(fields) = value {
            return Ok(Self(fields));
        }
        let violation = FieldError::at("", &Invalid::WrongType("an object"));
        Err(Problem::fields(Code::ValidationFailed, vec![violation]))
    }

    /// Checks the names of the fields against `rules`.
    ///
    /// # Errors
    /// If the caller's role may not write some of the fields, only those are reported, as `403`. Other errors in names
    /// are reported by the returned reader, together with errors in values.
    pub fn fields(self, rules: FieldRules) -> Result<Reader, Problem> {
        let mut allowed = Map::new();
        let mut violations = Violations::new();
        let mut kept_from_role = Violations::new();
        for (name, value) in self.0 {
            if rules.allows(&name) {
                allowed.insert(name, value);
            } else if !rules.knows(&name) {
                violations.push((pointer_to(&name), Invalid::UnknownField));
            } else if rules.by_role {
                kept_from_role.push((pointer_to(&name), rules.refusal(&name)));
            } else {
                violations.push((pointer_to(&name), Invalid::NotWritable));
            }
        }
        if kept_from_role.is_empty() { Ok(Reader::new(allowed, violations)) } else { Err(problem_of(kept_from_role)) }
    }
}

/// The problem of a body that breaks these rules.
pub(super) fn problem_of(violations: Violations) -> Problem {
    let is = |code: Invalid| violations.iter().any(|(_, invalid)| *invalid == code);
    let code = if is(Invalid::FieldNotAllowed) {
        Code::FieldNotAllowed
    } else if is(Invalid::PhoneChangeNeedsOperator) {
        Code::PhoneChangeNeedsOperator
    } else if is(Invalid::NotWritable) {
        Code::NotWritable
    } else {
        Code::ValidationFailed
    };
    Problem::fields(code, violations.into_iter().map(|(pointer, invalid)| FieldError::at(pointer, &invalid)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_contain_the_body() {
        let body = Body::parse(br#"{ "password": "sentinel password" }"#).unwrap();
        let shown = format!("{body:?}");
        assert!(!shown.contains("sentinel"), "{shown}");
    }
}
