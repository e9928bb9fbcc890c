//! Reads JSON and refuses objects that have a field twice, because parsers disagree on which of the two counts.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A JSON value in which no object has a field twice.
pub struct Unambiguous(pub Value);

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

/// Reads the fields of an object and refuses a repeated one.
fn fields<'de, A: MapAccess<'de>>(mut access: A) -> Result<Map<String, Value>, A::Error> {
    let mut fields = Map::new();
    while let Some((name, Unambiguous(value))) = access.next_entry::<String, _>()? {
        if fields.insert(name, value).is_some() {
            return Err(A::Error::custom("a field twice"));
        }
    }
    Ok(fields)
}

/// Replaces each number that is too large for an `f64` by a very large `f64`. `serde_json` reports such a number as a
/// syntax error, although it is valid JSON (RFC 8259, section 6). The limits of the field refuse the replacement, and
/// that error names the field. All positions in the text stay the same.
pub(super) fn with_finite_numbers(json: &[u8]) -> Vec<u8> {
    let mut finite = json.to_vec();
    let (mut at, mut in_string) = (0, false);
    while at < json.len() {
        match json[at] {
            b'"' => in_string = !in_string,
            b'\\' if in_string => at += 1,
            b'-' | b'0'..=b'9' if !in_string => {
                let length = json[at..].iter().take_while(|byte| is_in_number(**byte)).count();
                let number = &mut finite[at..at + length];
                if is_out_of_range(number) {
                    let digits = usize::from(number[0] == b'-');
                    number[digits..].fill(b' ');
                    number[digits..digits + LARGE.len()].copy_from_slice(LARGE);
                }
                at += length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    finite
}

/// The replacement. It fits, because the shortest numbers that are too large, such as `2e308`, have the same length.
const LARGE: &[u8; 5] = b"9e307";

fn is_in_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

/// Whether a number is valid JSON but too large. `IgnoredAny` checks the syntax of a number, but not its size.
fn is_out_of_range(number: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(number).is_ok() && serde_json::from_slice::<f64>(number).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finite(json: &str) -> String {
        String::from_utf8(with_finite_numbers(json.as_bytes())).unwrap()
    }

    #[test]
    fn numbers_too_large_for_a_float_become_large_ones_of_the_same_length() {
        let many_digits = "1".repeat(400);
        for (sent, read) in [
            ("2e308", "9e307"),
            ("[-1e400,1E+99999999999]", "[-9e307,9e307         ]"),
            (r#"{"a\"":1e400,"1e400":"-1e400\\"}"#, r#"{"a\"":9e307,"1e400":"-1e400\\"}"#),
            (&many_digits, &format!("{:<400}", "9e307")),
        ] {
            assert_eq!(finite(sent), read);
            serde_json::from_str::<Value>(read).unwrap();
        }
    }

    #[test]
    fn other_numbers_and_other_text_stay_the_same() {
        for json in ["1e308", "-0", "1e-400", "0e999999999999", "01e400", "1.e400", "1e400.5", "-", "\"1e400"] {
            assert_eq!(finite(json), json);
        }
    }
}
