//! Conditional requests (RFC 9110, section 13): `If-Match` on an update, `If-None-Match: *` on a create.

use axum::extract::FromRequestParts;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::{Code, Problem};
use crate::domain::Customer;
use crate::store::MAX_VERSIONS;

/// The versions that an update may find, from `If-Match`; `None` if any will do.
#[derive(Debug)]
pub struct IfMatch(pub Option<Vec<i64>>);

/// Whether a create may only create, from `If-None-Match: *`. Tags are fine, since none is for a customer who is not there
/// yet. What cannot be read is refused, lest a slip of the pen match somebody.
#[derive(Debug)]
pub struct CreateOnly(pub bool);

/// How long a condition can be, in bytes.
const MAX_CONDITION: usize = 4000;

/// `*`, or a list of entity tags. None of ours has a comma in it, so a list may be split at commas.
struct Condition;

impl ToSchema for Condition {}

impl PartialSchema for Condition {
    fn schema() -> RefOr<Schema> {
        const PATTERN: &str = r#"^(\*|(W/)?"[!#-+\--~]*"([ \t]*,[ \t]*(W/)?"[!#-+\--~]*")*)$"#;
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(PATTERN));
        text.min_length(Some(1)).max_length(Some(MAX_CONDITION)).into()
    }
}

/// The header that [`IfMatch`] reads.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the reference's word for a header that is read by hand")]
pub struct IfMatchHeader {
    /// `ETag`s that were given for the record, or `*`: the change is made if the record has one of them, else it is `412`.
    #[param(rename = "If-Match", required = false, inline, example = "\"1\"")]
    if_match: Condition,
}

/// The header that [`CreateOnly`] reads.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the reference's word for a header that is read by hand")]
pub struct IfNoneMatchHeader {
    /// `*`: create only, and `412` if the phone is known. Entity tags ask for nothing; anything else is `412`.
    #[param(rename = "If-None-Match", required = false, inline)]
    if_none_match: Condition,
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(if_match(&parts.headers)))
    }
}

impl<S: Sync> FromRequestParts<S> for CreateOnly {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        create_only(&parts.headers).map(Self).ok_or_else(|| {
            Problem::new(
                Code::PreconditionFailed,
                "Nothing was written: If-None-Match cannot be read. Send *, without quotes, to create only, or leave it out.",
            )
        })
    }
}

/// The value of the header, if it is there, without spaces around it. Empty, and so no condition that can be met, if it
/// is too long or not text.
fn condition<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let value = headers.get(name)?;
    Some(value.to_str().ok().filter(|text| text.len() <= MAX_CONDITION).unwrap_or_default().trim())
}

/// Whether a create may only create; `None` if the header says neither that nor which tags it is about.
fn create_only(headers: &HeaderMap) -> Option<bool> {
    match condition(headers, &IF_NONE_MATCH) {
        None => Some(false),
        Some("*") => Some(true),
        Some(list) => list.split(',').map(str::trim).all(is_entity_tag).then_some(false),
    }
}

/// An entity tag of RFC 9110, weak or strong.
fn is_entity_tag(tag: &str) -> bool {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    opaque.is_some_and(|tag| tag.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"'))
}

/// A tag that we could not have given, a weak one included, is a version that no customer has. So are those after the
/// first [`MAX_VERSIONS`], which only a fault could send.
///
/// `lambda_http` keeps only the last of several lines of one header, so several lines are not one list here, as they
/// are in RFC 9110: what is lost can only turn a `200` into a `412`.
fn if_match(headers: &HeaderMap) -> Option<Vec<i64>> {
    let value = condition(headers, &IF_MATCH)?;
    if value == "*" {
        return None;
    }
    let mut versions = Vec::new();
    for tag in value.split(',').map(str::trim) {
        let opaque = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        let canonical = opaque.and_then(|tag| tag.parse().ok().filter(|version: &i64| version.to_string() == tag));
        versions.extend(canonical.filter(|version| !versions.contains(version)));
    }
    versions.truncate(MAX_VERSIONS);
    Some(versions)
}

/// The `ETag` of a customer's representation.
#[must_use]
pub fn etag(customer: &Customer) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{}\"", customer.version)).unwrap_or(HeaderValue::from_static("\"0\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(value: Option<&'static str>) -> Option<Vec<i64>> {
        if_match(&value.into_iter().map(|value| (IF_MATCH, HeaderValue::from_static(value))).collect())
    }

    #[test]
    fn a_list_of_strong_tags_names_versions() {
        assert_eq!(versions(Some("\"1\"")), Some(vec![1]));
        assert_eq!(versions(Some("\"1\", \"3\",\"3\" , \"7\"")), Some(vec![1, 3, 7]));
    }

    #[test]
    fn absence_and_a_star_allow_any_version() {
        assert_eq!(versions(None), None);
        assert_eq!(versions(Some("*")), None);
        assert_eq!(versions(Some(" * ")), None);
    }

    #[test]
    fn only_a_star_creates_only_and_only_tags_ask_for_nothing() {
        let read =
            |value| create_only(&HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_bytes(value).unwrap())]));
        assert_eq!(create_only(&HeaderMap::new()), Some(false));
        for star in [b"*".as_slice(), b" *\t"] {
            assert_eq!(read(star), Some(true));
        }
        for tags in [b"\"1\"".as_slice(), b"W/\"1\"", b"\"\"", b"\"1\" ,W/\"a*b\"", b"\"*\""] {
            assert_eq!(read(tags), Some(false));
        }
        for neither in
            [b"".as_slice(), b"1", b"'*'", b"**", b"*, \"1\"", b"\"1\",", b"w/\"1\"", b"\"\xe9\"", &[b'*'; 4001]]
        {
            assert_eq!(read(neither), None, "{neither:?}");
        }
    }

    #[test]
    fn what_we_never_gave_matches_nothing() {
        for value in ["*, *", "W/\"1\"", "1", "\"\"", "\"01\"", "\"+1\"", "\"abc\"", "", ",", "\"1"] {
            assert_eq!(versions(Some(value)), Some(vec![]), "{value}");
        }
    }
}
