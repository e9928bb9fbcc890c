//! The regular expressions of `.ci/formats.yaml`, for validators. A validator does not know the formats of the API
//! reference.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::{Draft, Validator};
use serde_json::Value;

/// The regular expression of each format.
pub static FORMATS: LazyLock<HashMap<String, String>> =
    LazyLock::new(|| serde_yaml::from_str(include_str!("../../.ci/formats.yaml")).expect("formats by name"));

/// A validator of `schema` that knows the formats.
///
/// # Panics
/// If `schema` is not a valid schema.
#[must_use]
pub fn validator(schema: &Value) -> Validator {
    let mut schema = schema.clone();
    add_patterns(&mut schema);
    jsonschema::options().with_draft(Draft::Draft202012).build(&schema).expect("a schema")
}

/// Adds its regular expression to every schema with a format of [`FORMATS`].
fn add_patterns(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let pattern = fields.get("format").and_then(Value::as_str).and_then(|format| FORMATS.get(format));
            if let Some(pattern) = pattern {
                fields.insert("pattern".to_owned(), Value::String(pattern.clone()));
            }
            fields.values_mut().for_each(add_patterns);
        }
        Value::Array(entries) => entries.iter_mut().for_each(add_patterns),
        _ => {}
    }
}
