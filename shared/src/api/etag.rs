//! Conditional requests (RFC 9110, section 13): `If-Match` on every write to a customer, `If-None-Match: *` on a
//! create. Other operations refuse these headers, so that no client believes an ignored condition was evaluated.

use axum::extract::FromRequestParts;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::problem::FieldError;
use super::{Code, Operation, Problem};
use crate::domain::{Customer, Invalid};
use crate::store::{MAX_VERSIONS, Precondition};

/// The versions that `If-Match` allows a write at.
#[derive(Debug)]
pub struct IfMatch(pub Precondition);

/// Whether `If-None-Match: *` was sent: the create must not match an existing customer. Any other value is refused, so
/// that a typo such as `"*"` in quotes does not match a customer. Entity tags are refused too, because a customer that
/// does not exist has none.
#[derive(Debug)]
pub struct CreateOnly(pub bool);

/// The maximum length of a list of entity tags, in bytes.
const MAX_LIST: usize = 4000;

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let precondition = if_match(&parts.headers);
        precondition.map(Self).map_err(|why| Problem::parameter(Code::ValidationFailed, "If-Match", &why))
    }
}

impl<S: Sync> FromRequestParts<S> for CreateOnly {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.headers.get(IF_NONE_MATCH).map(|value| value.as_bytes().trim_ascii()) {
            None => Ok(Self(false)),
            Some(b"*") => Ok(Self(true)),
            Some(_) => Err(Problem::parameter(Code::ValidationFailed, "If-None-Match", &Invalid::NotACondition)),
        }
    }
}

/// The description of that header in the API reference.
#[must_use]
pub fn described_condition(operation: Operation) -> Option<Value> {
    let condition = operation.condition()?;
    Some(if condition == IF_MATCH {
        json!({
            "name": "If-Match", "in": "header", "required": false,
            "description": "Up to 100 `ETag`s of the customer, or `*`. The request succeeds only if the customer's current \
                            `ETag` is one of them (otherwise `412`), or if the record already is as the request wants it.",
            "schema": { "type": "string", "format": "entity-tags", "maxLength": MAX_LIST },
        })
    } else {
        json!({
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "`*`: create only, and `412` if the phone is known.",
            "schema": { "type": "string", "enum": ["*"] },
        })
    })
}

/// Refuses every condition that `operation` does not evaluate.
///
/// # Errors
/// [`Code::ValidationFailed`].
pub(super) fn refuse_other_conditions(operation: Operation, headers: &HeaderMap) -> Result<(), Problem> {
    let evaluated = operation.condition();
    let sent = [(IF_MATCH, "If-Match"), (IF_NONE_MATCH, "If-None-Match")].into_iter();
    let other = sent.filter(|(name, _)| headers.contains_key(name) && evaluated.as_ref() != Some(name));
    let errors: Vec<_> =
        other.map(|(_, shown)| FieldError::in_parameter(shown, &Invalid::ConditionNotSupported)).collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(Code::ValidationFailed, errors)) }
}

/// Reads `If-Match`. A tag that this service never issues, such as a weak one, matches no version. Versions after the
/// first [`MAX_VERSIONS`] are ignored. RFC 9110 joins several lines of one header into one list, but `lambda_http`
/// keeps only the last line. The lost lines can only turn a `200` into a `412`.
///
/// # Errors
/// [`Invalid::NotEntityTags`] for a malformed list (RFC 9110, 8.8.3), or [`Invalid::TooManyBytes`].
fn if_match(headers: &HeaderMap) -> Result<Precondition, Invalid> {
    let Some(value) = headers.get(IF_MATCH) else { return Ok(Precondition::AnyVersion) };
    if value.len() > MAX_LIST {
        return Err(Invalid::TooManyBytes { max: MAX_LIST, actual: value.len() });
    }
    let value = value.to_str().map_err(|_| Invalid::NotEntityTags)?.trim();
    if value == "*" {
        return Ok(Precondition::AnyVersion);
    }
    let mut versions = Vec::new();
    // RFC 9110, 5.6.1.2: a recipient ignores empty elements of a list.
    let tags: Vec<_> = value.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
    if tags.is_empty() {
        return Err(Invalid::NotEntityTags);
    }
    for tag in tags {
        let opaque = opaque(tag).ok_or(Invalid::NotEntityTags)?;
        let canonical =
            opaque.parse().ok().filter(|version: &i64| version.to_string() == opaque && !tag.starts_with("W/"));
        versions.extend(canonical.filter(|version| !versions.contains(version)));
    }
    versions.truncate(MAX_VERSIONS);
    Ok(Precondition::OneOf(versions))
}

/// The text between the quotes of a weak or strong entity tag. A tag that contains a comma is not read as one tag; this
/// service issues none.
fn opaque(tag: &str) -> Option<&str> {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    opaque.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"').then_some(opaque)
}

/// The `ETag` of a customer's representation.
///
/// # Panics
/// Never: a number in quotes is a valid value.
#[must_use]
pub fn etag(customer: &Customer) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{}\"", customer.version)).expect("digits in quotes are a header's value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Option<&'static str>) -> Result<Precondition, Invalid> {
        if_match(&value.into_iter().map(|value| (IF_MATCH, HeaderValue::from_static(value))).collect())
    }

    fn versions(value: Option<&'static str>) -> Option<Vec<i64>> {
        match read(value).unwrap() {
            Precondition::AnyVersion => None,
            Precondition::OneOf(versions) => Some(versions),
        }
    }

    #[test]
    fn a_list_of_strong_tags_names_versions() {
        assert_eq!(versions(Some("\"1\"")), Some(vec![1]));
        assert_eq!(versions(Some("\"1\", \"3\",\"3\" , \"7\"")), Some(vec![1, 3, 7]));
        assert_eq!(versions(Some(", \"1\",,\"2\",")), Some(vec![1, 2]));
    }

    #[test]
    fn absence_and_a_star_allow_any_version() {
        assert_eq!(versions(None), None);
        assert_eq!(versions(Some("*")), None);
        assert_eq!(versions(Some(" * ")), None);
    }

    #[test]
    fn a_weak_tag_in_a_list_is_ignored() {
        assert_eq!(versions(Some("W/\"1\", \"2\"")), Some(vec![2]));
    }

    #[test]
    fn a_malformed_list_is_refused() {
        for value in
            ["*, \"1\"", "\"1\" \"2\"", "1, \"1\"", "\"1\", w/\"2\"", "\"1\", \"a b\"", "*, *", "1", "", ",", "\"1"]
        {
            assert_eq!(read(Some(value)), Err(Invalid::NotEntityTags), "{value}");
        }
        let long = format!("\"1\", \"{}\"", "9".repeat(MAX_LIST));
        let headers = HeaderMap::from_iter([(IF_MATCH, HeaderValue::from_str(&long).unwrap())]);
        let too_long = Invalid::TooManyBytes { max: MAX_LIST, actual: long.len() };
        assert_eq!(if_match(&headers), Err(too_long));
    }

    #[test]
    fn a_tag_that_is_never_issued_matches_no_version() {
        for value in ["W/\"1\"", "\"\"", "\"01\"", "\"+1\"", "\"abc\""] {
            assert_eq!(versions(Some(value)), Some(vec![]), "{value}");
        }
    }
}
