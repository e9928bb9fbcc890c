//! JSON bodies: read whole, checked field by field, so that one answer names every rule that is broken.

use std::fmt;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::{Map, Value};

use super::fields::FieldRules;
use super::json::FromJson;
use super::problem::FieldError;
use super::{Code, Problem};
use crate::domain::{Change, Invalid};

/// Most bytes of a body.
pub const MAX_BODY: usize = 64 * 1024;

/// A JSON object with no field twice, not yet checked against a schema.
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
        let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let essence = declared.split(';').next().unwrap_or("").trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            let detail = "Send the body with the header Content-Type: application/json.";
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        let bytes = to_bytes(request.into_body(), MAX_BODY)
            .await
            .map_err(|_| Problem::new(Code::PayloadTooLarge, "A body may have 65,536 bytes. Send a smaller one."))?;
        Self::parse(&bytes)
    }
}

impl Body {
    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        serde_json::from_slice::<OneOfEach>(bytes).map(|object| Self(object.0)).map_err(|error| {
            // Where it broke helps; what stood there may be personal.
            let place = format!("line {}, column {}", error.line(), error.column());
            Problem::new(
                Code::MalformedJson,
                if error.is_data() {
                    format!("The body must be one JSON object that has no field twice; see {place}.")
                } else {
                    format!("The body cannot be read as JSON in UTF-8; see {place}.")
                },
            )
        })
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

/// An object that is refused if it, or one inside it, has a field twice: readers disagree on which one counts.
struct OneOfEach(Map<String, Value>);

impl<'de> Deserialize<'de> for OneOfEach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Map<String, Value>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
                fields(access)
            }
        }
        deserializer.deserialize_map(Object).map(Self)
    }
}

/// A value with no field twice in any object inside it.
struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Anything;
        impl<'de> Visitor<'de> for Anything {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_string<E>(self, value: String) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
                let mut values = Vec::new();
                while let Some(Unambiguous(value)) = access.next_element()? {
                    values.push(value);
                }
                Ok(Value::Array(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
                fields(access).map(Value::Object)
            }
        }
        deserializer.deserialize_any(Anything).map(Self)
    }
}

/// The fields of an object, each once.
fn fields<'de, A: MapAccess<'de>>(mut access: A) -> Result<Map<String, Value>, A::Error> {
    let mut fields = Map::new();
    while let Some((name, Unambiguous(value))) = access.next_entry::<String, _>()? {
        if fields.insert(name, value).is_some() {
            return Err(A::Error::custom("a field twice"));
        }
    }
    Ok(fields)
}

/// Declares the body of an operation: a struct of [`Field`]s, each under its JSON name, with the schema of each out
/// of its type.
#[macro_export]
macro_rules! body {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Default, serde::Deserialize, utoipa::ToSchema)]
        #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
        $vis struct $name {
            $($(#[$field_meta])* #[schema(schema_with = <$type as utoipa::PartialSchema>::schema)] $field: $type,)*
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
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::Null,
            value => T::from_json(value).map_or_else(Self::Invalid, Self::Value),
        })
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
                errors.extend(name, wrong);
                Change::Keep
            }
        }
    }

    /// The value of a field that cannot be cleared.
    pub fn value(self, name: &str, errors: &mut FieldErrors) -> Option<T> {
        match self.change(name, errors) {
            Change::Keep => None,
            Change::Set(value) => Some(value),
            Change::Clear => {
                errors.push(pointer_to(name), &Invalid::NotClearable);
                None
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
