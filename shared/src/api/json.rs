//! Domain values out of JSON values.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use serde_json::{Map, Value};

use super::body::pointer_to;
use crate::domain::Region;
use crate::domain::address::GeocoderId;
use crate::domain::customer::MAX_MILES;
use crate::domain::settings::MAX_RULES;
use crate::domain::{
    AccountDepartmentId, AccountId, BrandId, CapabilityId, Email, Invalid, LoyaltyRule, MAX_LINKS, MAX_TAGS,
    Microdegrees, Password, Priority, SavedAddressId, Tag, TagRule, Text,
};

/// A value that can be read from JSON; what is wrong with it comes with where below the value it is.
pub trait FromJson: Sized {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>>;
}

/// A broken rule at the value itself.
fn here(invalid: Invalid) -> Vec<(String, Invalid)> {
    vec![(String::new(), invalid)]
}

fn string(value: Value) -> Result<String, Vec<(String, Invalid)>> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(here(Invalid::WrongType("a string"))),
    }
}

fn integer(value: &Value) -> Result<i64, Vec<(String, Invalid)>> {
    let wrong = || here(Invalid::WrongType("an integer"));
    if let Some(integer) = value.as_i64() {
        return Ok(integer);
    }
    match value.as_f64() {
        // In JSON 60.0 is an integer as much as 60 is. Beyond 2^53 a float is not exact; the limits are far below.
        Some(float) if float.fract() == 0.0 =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and the limits refuse the ends")]
            Ok(float as i64)
        }
        _ => Err(wrong()),
    }
}

macro_rules! from_string {
    ($($type:ty: $parse:expr;)*) => {
        $(impl FromJson for $type {
            fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
                #[allow(clippy::redundant_closure_call)]
                ($parse)(string(value)?.as_str()).map_err(here)
            }
        })*
    };
}

from_string! {
    Email: Email::parse;
    Password: Password::parse;
    Tag: Tag::parse;
    Region: Region::parse;
    AccountId: |raw: &str| AccountId::parse(raw);
    AccountDepartmentId: |raw: &str| AccountDepartmentId::parse(raw);
    BrandId: |raw: &str| BrandId::parse(raw);
    CapabilityId: |raw: &str| CapabilityId::parse(raw);
    SavedAddressId: |raw: &str| SavedAddressId::parse(raw);
    GeocoderId: GeocoderId::parse;
}

impl<const MAX: usize, const LINES: bool> FromJson for Text<MAX, LINES> {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        Self::parse(&string(value)?).map_err(here)
    }
}

impl FromJson for bool {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        value.as_bool().ok_or_else(|| here(Invalid::WrongType("true or false")))
    }
}

impl FromJson for Priority {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        Self::parse(integer(&value)?).map_err(here)
    }
}

/// A string whose rules depend on more than itself: a phone's, on the tenant's region.
pub struct Typed(pub String);

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

impl FromJson for Typed {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        string(value).map(Self)
    }
}

/// An integer from `MIN` to `MAX`.
#[derive(Debug)]
pub struct Ranged<const MIN: i64, const MAX: i64>(pub i64);

impl<const MIN: i64, const MAX: i64> FromJson for Ranged<MIN, MAX> {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        let integer = integer(&value)?;
        if (MIN..=MAX).contains(&integer) {
            Ok(Self(integer))
        } else {
            Err(here(Invalid::OutOfRange { min: MIN, max: MAX }))
        }
    }
}

/// An angle from `-LIMIT` to `LIMIT` degrees.
#[derive(Debug)]
pub struct Degrees<const LIMIT: i32>(pub Microdegrees);

impl<const LIMIT: i32> FromJson for Degrees<LIMIT> {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        let degrees = value.as_f64().ok_or_else(|| here(Invalid::WrongType("a number")))?;
        Microdegrees::within(degrees, LIMIT).map(Self).map_err(here)
    }
}

/// A reference, always written as an object with an `id`.
#[derive(Debug)]
pub struct IdRef<T>(pub T);

impl<T: FromJson> FromJson for IdRef<T> {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        let mut wrong = Vec::new();
        let mut fields = object(value)?;
        let id = take(&mut fields, "id", &mut wrong);
        refuse_others(&fields, &mut wrong);
        id.filter(|_| wrong.is_empty()).map(Self).ok_or(wrong)
    }
}

/// A list of references, each once.
#[derive(Debug)]
pub struct IdRefs<T>(pub BTreeSet<T>);

impl<T> Default for IdRefs<T> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<T: FromJson + Ord> FromJson for IdRefs<T> {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        list::<IdRef<T>>(value, MAX_LINKS).map(|refs| Self(refs.into_iter().map(|IdRef(id)| id).collect()))
    }
}

/// A list of tags, each once.
#[derive(Debug, Default)]
pub struct TagList(pub BTreeSet<Tag>);

impl FromJson for TagList {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        list(value, MAX_TAGS).map(|tags| Self(tags.into_iter().collect()))
    }
}

/// A tenant's rules about tags. Two about one tag contradict each other, or say nothing.
#[derive(Debug)]
pub struct TagRules(pub Vec<TagRule>);

impl FromJson for TagRules {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        let mut seen = HashSet::new();
        list_of(value, MAX_RULES, |rule: &TagRule| seen.insert(rule.tag.clone())).map(Self)
    }
}

impl FromJson for TagRule {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        let mut wrong = Vec::new();
        let mut fields = object(value)?;
        let tag = take(&mut fields, "tag", &mut wrong);
        let priority = take(&mut fields, "priority", &mut wrong);
        refuse_others(&fields, &mut wrong);
        match (tag, priority) {
            (Some(tag), Some(priority)) if wrong.is_empty() => Ok(Self { tag, priority }),
            _ => Err(wrong),
        }
    }
}

/// A tenant's rules about miles. Two about one number contradict each other, or say nothing.
#[derive(Debug)]
pub struct LoyaltyRules(pub Vec<LoyaltyRule>);

impl FromJson for LoyaltyRules {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        let mut seen = HashSet::new();
        list_of(value, MAX_RULES, |rule: &LoyaltyRule| seen.insert(rule.miles)).map(Self)
    }
}

impl FromJson for LoyaltyRule {
    fn from_json(value: Value) -> Result<Self, Vec<(String, Invalid)>> {
        let mut wrong = Vec::new();
        let mut fields = object(value)?;
        let miles = take::<Ranged<0, MAX_MILES>>(&mut fields, "miles", &mut wrong);
        let priority = take(&mut fields, "priority", &mut wrong);
        refuse_others(&fields, &mut wrong);
        match (miles, priority) {
            (Some(Ranged(miles)), Some(priority)) if wrong.is_empty() => Ok(Self { miles, priority }),
            _ => Err(wrong),
        }
    }
}

/// Reads every entry, and says what is wrong with each.
fn list<T: FromJson>(value: Value, max: usize) -> Result<Vec<T>, Vec<(String, Invalid)>> {
    list_of(value, max, |_| true)
}

/// The same, of entries of which each must be one that `is_first` has not seen.
fn list_of<T: FromJson>(
    value: Value,
    max: usize,
    mut is_first: impl FnMut(&T) -> bool,
) -> Result<Vec<T>, Vec<(String, Invalid)>> {
    let Value::Array(values) = value else { return Err(here(Invalid::WrongType("a list"))) };
    if values.len() > max {
        return Err(here(Invalid::TooMany { max, actual: values.len() }));
    }
    let mut read = Vec::with_capacity(values.len());
    let mut wrong = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        let entry = T::from_json(value)
            .and_then(|entry| if is_first(&entry) { Ok(entry) } else { Err(here(Invalid::Repeated)) });
        match entry {
            Ok(entry) => read.push(entry),
            Err(errors) => {
                wrong.extend(errors.into_iter().map(|(below, invalid)| (format!("/{index}{below}"), invalid)));
            }
        }
    }
    if wrong.is_empty() { Ok(read) } else { Err(wrong) }
}

fn object(value: Value) -> Result<Map<String, Value>, Vec<(String, Invalid)>> {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(here(Invalid::WrongType("an object"))),
    }
}

/// Reads a required field of a nested object.
fn take<T: FromJson>(fields: &mut Map<String, Value>, name: &str, wrong: &mut Vec<(String, Invalid)>) -> Option<T> {
    let Some(value) = fields.remove(name) else {
        wrong.push((format!("/{name}"), Invalid::Required));
        return None;
    };
    let below = |(below, invalid): (String, Invalid)| (format!("/{name}{below}"), invalid);
    T::from_json(value).map_err(|errors| wrong.extend(errors.into_iter().map(below))).ok()
}

/// What is left of a nested object after its fields were taken is unknown.
fn refuse_others(fields: &Map<String, Value>, wrong: &mut Vec<(String, Invalid)>) {
    wrong.extend(fields.keys().map(|name| (pointer_to(name), Invalid::UnknownField)));
}
