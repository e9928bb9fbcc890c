//! JSON bodies: read whole, checked field by field, so that one answer names every rule that is broken.

use std::fmt;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::fields::FieldRules;
use super::json::FromJson;
use super::problem::FieldError;
use super::unambiguous::{Unambiguous, with_finite_numbers};
use super::{Code, Problem};
use crate::domain::{Change, Invalid};

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

/// Whether a media type (RFC 9110, section 8.3.1) is JSON, and no parameter says that it is not in UTF-8. A malformed
/// parameter is refused: another reader could take `charset =utf-16` for a `charset`. The crate `mime` would refuse
/// the white space before a `;` too, which is valid.
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
        let read = serde_json::from_slice(bytes).or_else(|_| serde_json::from_slice(&with_finite_numbers(bytes)));
        let Unambiguous(value) = read.map_err(|error| {
            // The place helps; the text there may be personal.
            let place = format!("line {}, column {}", error.line(), error.column());
            let detail = if error.is_data() {
                format!("An object contains the same field twice, at {place}. Send each field once.")
            } else {
                format!("The body is not valid JSON in UTF-8, at {place}. Fix the syntax and try again.")
            };
            Problem::new(Code::MalformedJson, detail)
        })?;
        if let Value::Object(fields) = value {
            return Ok(Self(fields));
        }
        let wrong = FieldError::at("", &Invalid::WrongType("an object"));
        Err(Problem::fields(Code::ValidationFailed, vec![wrong]))
    }

    /// Reads the fields into `T`, a struct of [`Field`]s, once `rules` allow them.
    ///
    /// # Errors
    /// Fields that the caller's role may not write come alone, as `403`. All else that is wrong with the names of
    /// fields goes into `errors`, to be told together with what is wrong with their values.
    pub fn read<T: DeserializeOwned>(self, rules: FieldRules, errors: &mut FieldErrors) -> Result<T, Problem> {
        let mut allowed = Map::new();
        let mut kept_from_role = Vec::new();
        for (name, value) in self.0 {
            let pointer = pointer_to(&name);
            if rules.allows(&name) {
                allowed.insert(name, value);
            } else if rules.by_role && rules.knows(&name) {
                let passenger_phone = name == "phone";
                let why = if passenger_phone { Invalid::PhoneChangeNeedsOperator } else { Invalid::FieldNotAllowed };
                kept_from_role.push(FieldError::at(pointer, &why));
            } else if rules.knows(&name) {
                errors.push(pointer, &Invalid::NotWritable);
            } else {
                errors.push(pointer, &Invalid::UnknownField);
            }
        }
        if let [first, rest @ ..] = kept_from_role.as_slice() {
            let only_phone = rest.is_empty() && first.code == Invalid::PhoneChangeNeedsOperator.code();
            let code = if only_phone { Code::PhoneChangeNeedsOperator } else { Code::FieldNotAllowed };
            return Err(Problem::fields(code, kept_from_role));
        }
        serde_json::from_value(Value::Object(allowed)).map_err(Problem::internal)
    }
}

/// A JSON pointer to a field of an object.
pub(super) fn pointer_to(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Declares the body of an operation: a struct of [`Field`]s, each under its JSON name, with the schema of each out
/// of its type. `is` gives the name of the schema.
#[macro_export]
macro_rules! body {
    ($(#[doc = $about:literal])* $vis:vis struct $name:ident is $component:literal {
        $($(#[doc = $doc:literal])* $field:ident: $type:ty,)*
    }) => {
        $crate::described! {
            $(#[doc = $about])*
            #[derive(Debug, Default, serde::Deserialize)]
            #[serde(default, deny_unknown_fields)]
            $vis struct $name is $component closed { $($(#[doc = $doc])* $field: $type,)* }
        }
    };
}

/// One field of a body. Reading it never fails: what is wrong with it is kept until all fields have been read.
#[derive(Debug, Default)]
pub enum Field<T> {
    #[default]
    Absent,
    Null,
    Value(T),
    /// What is wrong, and where below the field.
    Invalid(Vec<(String, Invalid)>),
}

impl<'de, T: FromJson> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::Null,
            value => T::from_json(value).map_or_else(Self::Invalid, Self::Value),
        })
    }
}

/// A field that cannot be cleared: `null` is refused.
#[derive(Debug, Deserialize)]
#[serde(transparent, bound = "T: FromJson")]
pub struct NotNull<T>(Field<T>);

impl<T> Default for NotNull<T> {
    fn default() -> Self {
        Self(Field::Absent)
    }
}

impl<T> NotNull<T> {
    /// Whether the body does not have it.
    pub fn is_absent(&self) -> bool {
        matches!(self.0, Field::Absent)
    }

    /// Its value, if the body has a good one.
    pub fn value(self, name: &str, errors: &mut FieldErrors) -> Option<T> {
        match self.0 {
            Field::Absent => None,
            Field::Value(value) => Some(value),
            Field::Null => {
                errors.push(pointer_to(name), &Invalid::NotClearable);
                None
            }
            Field::Invalid(wrong) => {
                errors.extend(name, wrong);
                None
            }
        }
    }
}

impl<T> Field<T> {
    /// The change that this field asks for.
    pub fn change(self, name: &str, errors: &mut FieldErrors) -> Change<T> {
        match self {
            Self::Absent => Change::Keep,
            Self::Null => Change::Clear,
            Self::Value(value) => Change::Set(value),
            Self::Invalid(wrong) => {
                let is_empty = |(below, invalid): &(String, Invalid)| below.is_empty() && *invalid == Invalid::Empty;
                if wrong.iter().any(is_empty) {
                    errors.push(pointer_to(name), &Invalid::EmptyNotNull);
                } else {
                    errors.extend(name, wrong);
                }
                Change::Keep
            }
        }
    }
}

/// All that is wrong with a body.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Adds a broken rule at a JSON pointer.
    pub fn push(&mut self, pointer: impl Into<String>, invalid: &Invalid) {
        self.0.push(FieldError::at(pointer, invalid));
    }

    fn extend(&mut self, name: &str, wrong: Vec<(String, Invalid)>) {
        for (below, invalid) in wrong {
            self.push(format!("{}{below}", pointer_to(name)), &invalid);
        }
    }

    /// The value that a required field gave.
    ///
    /// # Errors
    /// As [`FieldErrors::check`]; and a field that gave no value has left an error here.
    pub fn check_with<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) => self.check().map(|()| value),
            None => Err(self.into_problem()),
        }
    }

    /// # Errors
    /// The problem that names every broken rule, if there is one.
    pub fn check(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_problem()) }
    }

    fn into_problem(self) -> Problem {
        let not_writable = self.0.iter().any(|error| error.code == Invalid::NotWritable.code());
        Problem::fields(if not_writable { Code::NotWritable } else { Code::ValidationFailed }, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Typed;
    use crate::domain::Password;

    #[test]
    fn neither_a_body_nor_a_field_shows_what_it_holds_when_debugged() {
        let body = Body::parse(br#"{ "password": "sentinel password" }"#).unwrap();
        let password: Field<Password> = serde_json::from_str("\"sentinel password\"").unwrap();
        let phone: Field<Typed> = serde_json::from_str("\"sentinel phone\"").unwrap();
        let shown = format!("{body:?} {password:?} {phone:?}");
        assert!(!shown.contains("sentinel"), "{shown}");
    }
}
