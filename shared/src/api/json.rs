//! How each domain value is read from JSON. [`super::schema`] describes the same values for the API reference.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;
use serde_json::Value;

use super::object::{Fields, Reader};
use super::schema::Described;
use crate::domain::Region;
use crate::domain::address::{AddressText, GeocoderId};
use crate::domain::block::BlockLevel;
use crate::domain::customer::MAX_MILES;
use crate::domain::settings::MAX_RULES;
use crate::domain::{
    AccountDepartmentId, AccountId, BrandId, CapabilityId, Email, Invalid, LoyaltyRule, MAX_LINKS, MAX_TAGS,
    Microdegrees, Password, Priority, SavedAddressId, Tag, TagRule, Text,
};

/// The rules that a value breaks. Each has a JSON pointer (RFC 6901), relative to the value, to the place of the error.
pub type Violations = Vec<(String, Invalid)>;

/// A value that a body can contain.
pub trait Json: Described {
    /// Reads the value. The caller has handled `null`.
    ///
    /// # Errors
    /// Every rule that the value breaks.
    fn read(value: Value) -> Result<Self, Violations>;
}

/// A violation by the value itself, not by something inside it.
pub(super) fn at_root(invalid: Invalid) -> Violations {
    vec![(String::new(), invalid)]
}

/// A JSON pointer to a field of an object.
pub(super) fn pointer_to(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn text<T>(value: Value, parse: impl FnOnce(&str) -> Result<T, Invalid>) -> Result<T, Violations> {
    parse(&String::read(value)?).map_err(at_root)
}

fn integer(value: &Value) -> Result<i64, Violations> {
    let wrong = || at_root(Invalid::WrongType("an integer"));
    if let Some(integer) = value.as_i64() {
        return Ok(integer);
    }
    match value.as_f64() {
        // In JSON, 60.0 is the same number as 60. Floats are inexact above 2^53, but all limits are far below that.
        Some(float) if float.fract() == 0.0 =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and the limits refuse the ends")]
            Ok(float as i64)
        }
        _ => Err(wrong()),
    }
}

impl Json for String {
    fn read(value: Value) -> Result<Self, Violations> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(at_root(Invalid::WrongType("a string"))),
        }
    }
}

/// `true`: a statement that a caller makes or leaves out.
pub struct True;

impl Json for True {
    fn read(value: Value) -> Result<Self, Violations> {
        if value == true { Ok(Self) } else { Err(at_root(Invalid::WrongType("true"))) }
    }
}

impl Json for bool {
    fn read(value: Value) -> Result<Self, Violations> {
        value.as_bool().ok_or_else(|| at_root(Invalid::WrongType("true or false")))
    }
}

impl<const MAX: usize, const LINES: bool> Json for Text<MAX, LINES> {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, Self::parse)
    }
}

impl Json for AddressText {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, Self::parse)
    }
}

impl Json for GeocoderId {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, Self::parse)
    }
}

impl Json for Email {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, Self::parse)
    }
}

impl Json for Password {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, Self::parse)
    }
}

impl Json for Tag {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, Self::parse)
    }
}

impl Json for BlockLevel {
    fn read(value: Value) -> Result<Self, Violations> {
        let name = String::read(value)?;
        let level = Self::ALL.into_iter().find(|level| level.as_str() == name);
        level.ok_or_else(|| at_root(Invalid::WrongType("`warn` or `refuse`")))
    }
}

impl Json for Region {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, Self::parse)
    }
}

impl Json for AccountId {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, |raw| Self::parse(raw))
    }
}

impl Json for AccountDepartmentId {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, |raw| Self::parse(raw))
    }
}

impl Json for BrandId {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, |raw| Self::parse(raw))
    }
}

impl Json for CapabilityId {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, |raw| Self::parse(raw))
    }
}

impl Json for SavedAddressId {
    fn read(value: Value) -> Result<Self, Violations> {
        text(value, |raw| Self::parse(raw))
    }
}

impl Json for Priority {
    fn read(value: Value) -> Result<Self, Violations> {
        Self::parse(integer(&value)?).map_err(at_root)
    }
}

/// An integer from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct BoundedInteger<const MIN: i64, const MAX: i64>(pub i64);

impl<const MIN: i64, const MAX: i64> Json for BoundedInteger<MIN, MAX> {
    fn read(value: Value) -> Result<Self, Violations> {
        let integer = integer(&value)?;
        if (MIN..=MAX).contains(&integer) {
            Ok(Self(integer))
        } else {
            Err(at_root(Invalid::OutOfRange { min: MIN, max: MAX }))
        }
    }
}

/// An angle from `-LIMIT` to `LIMIT` degrees.
#[derive(Debug, Clone, Copy)]
pub struct Degrees<const LIMIT: i32>(pub Microdegrees);

impl<const LIMIT: i32> Json for Degrees<LIMIT> {
    fn read(value: Value) -> Result<Self, Violations> {
        let degrees = value.as_f64().ok_or_else(|| at_root(Invalid::WrongType("a number")))?;
        Microdegrees::within(degrees, LIMIT).map(Self).map_err(at_root)
    }
}

impl<const LIMIT: i32> Serialize for Degrees<LIMIT> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.degrees())
    }
}

/// A reference to something that the tenant keeps elsewhere: an object with an `id`.
#[derive(Debug, Serialize)]
pub struct IdRef<T> {
    pub id: T,
}

impl<T: Json> Json for IdRef<T> {
    fn read(value: Value) -> Result<Self, Violations> {
        nested(value, |fields| Some(Self { id: fields.required("id", "The tenant's own id of it.")? }))
    }
}

/// A set of references.
#[derive(Debug)]
pub struct IdRefs<T>(pub BTreeSet<T>);

impl<T> Default for IdRefs<T> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<T: Json + Ord> Json for IdRefs<T> {
    fn read(value: Value) -> Result<Self, Violations> {
        list::<IdRef<T>>(value, MAX_LINKS, |_| true)
            .map(|references| Self(references.into_iter().map(|IdRef { id }| id).collect()))
    }
}

impl Json for BTreeSet<Tag> {
    fn read(value: Value) -> Result<Self, Violations> {
        list(value, MAX_TAGS, |_| true).map(|tags| tags.into_iter().collect())
    }
}

/// A tenant's tag rules. A second rule for the same tag is refused, because it contradicts or repeats the first.
impl Json for Vec<TagRule> {
    fn read(value: Value) -> Result<Self, Violations> {
        let mut seen = HashSet::new();
        list(value, MAX_RULES, |rule: &TagRule| seen.insert(rule.tag.clone()))
    }
}

impl TagRule {
    /// The fields of a rule.
    pub(super) fn fields(fields: &mut impl Fields) -> Option<Self> {
        let tag = fields.required("tag", "The tag, in any case.");
        let priority = fields.required("priority", "The priority that the rule grants.");
        Some(Self { tag: tag?, priority: priority? })
    }
}

impl Json for TagRule {
    fn read(value: Value) -> Result<Self, Violations> {
        nested(value, Self::fields)
    }
}

/// A tenant's loyalty rules. A second rule for the same number of miles is refused, because it contradicts or repeats
/// the first.
impl Json for Vec<LoyaltyRule> {
    fn read(value: Value) -> Result<Self, Violations> {
        let mut seen = HashSet::new();
        list(value, MAX_RULES, |rule: &LoyaltyRule| seen.insert(rule.miles))
    }
}

impl LoyaltyRule {
    /// The fields of a rule.
    pub(super) fn fields(fields: &mut impl Fields) -> Option<Self> {
        let miles = fields.required::<BoundedInteger<0, MAX_MILES>>("miles", "The least number of miles.");
        let priority = fields.required("priority", "The priority that the rule grants.");
        Some(Self { miles: miles?.0, priority: priority? })
    }
}

impl Json for LoyaltyRule {
    fn read(value: Value) -> Result<Self, Violations> {
        nested(value, Self::fields)
    }
}

/// Reads a list. An entry for which `is_first` returns false is a repetition and is refused.
fn list<T: Json>(value: Value, max: usize, mut is_first: impl FnMut(&T) -> bool) -> Result<Vec<T>, Violations> {
    let Value::Array(values) = value else { return Err(at_root(Invalid::WrongType("a list"))) };
    if values.len() > max {
        return Err(at_root(Invalid::TooMany { max, actual: values.len() }));
    }
    let mut read = Vec::with_capacity(values.len());
    let mut wrong = Violations::new();
    for (index, value) in values.into_iter().enumerate() {
        match T::read(value) {
            Ok(entry) if !is_first(&entry) => wrong.push((format!("/{index}"), Invalid::Repeated)),
            Ok(entry) => read.push(entry),
            Err(below) => wrong.extend(below.into_iter().map(|(below, why)| (format!("/{index}{below}"), why))),
        }
    }
    if wrong.is_empty() { Ok(read) } else { Err(wrong) }
}

/// Reads an object inside a body. `read` returns `None` if a field is invalid.
fn nested<T>(value: Value, read: impl FnOnce(&mut Reader) -> Option<T>) -> Result<T, Violations> {
    let Value::Object(fields) = value else { return Err(at_root(Invalid::WrongType("an object"))) };
    let mut reader = Reader::new(fields, Violations::new());
    let value = read(&mut reader);
    reader.finish_nested()?;
    Ok(value.expect("a field without a value has reported a violation"))
}
