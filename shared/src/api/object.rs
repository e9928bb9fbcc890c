//! Reads and describes the fields of a JSON object.
//!
//! Each body has one function that lists its fields and is generic over [`Fields`]. With a [`Reader`] the function
//! reads a request: every value is checked and all violations are collected. With an [`Outline`] the same function
//! describes the fields for the API reference. So the name, type and description of a field are in one place, and the
//! pointer of an error cannot differ from the name of the field.

use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema};

use super::Problem;
use super::body::problem_of;
use super::json::{Json, Violations, at_root, pointer_to};
use super::schema;
use crate::domain::{Change, Invalid, Phone, Region};

/// Reads or describes fields.
pub trait Fields {
    /// An optional field that `null` clears.
    fn change<T: Json>(&mut self, name: &'static str, about: &str) -> Change<T>;

    /// An optional field that must not be `null`. Returns `None` if it was left out or is invalid.
    fn value<T: Json>(&mut self, name: &'static str, about: &str) -> Option<T>;

    /// An optional phone number in the tenant's region. It must not be `null`.
    fn phone(&mut self, name: &'static str, about: &str) -> Option<Phone>;

    /// Requires a field that was read before.
    fn require(&mut self, name: &'static str);

    /// A required field. Returns `None` if it is missing or invalid; `null` is invalid.
    fn required<T: Json>(&mut self, name: &'static str, about: &str) -> Option<T>;
}

/// Reads the fields of an object and collects all violations.
pub struct Reader {
    unread: Map<String, Value>,
    /// The names that were read, and whether the object has them.
    asked: Vec<(&'static str, bool)>,
    violations: Violations,
    region: Option<Region>,
}

impl Reader {
    /// Reads `fields`. `violations` are those found in the names of other fields.
    pub(super) fn new(fields: Map<String, Value>, violations: Violations) -> Self {
        Self { unread: fields, asked: Vec::new(), violations, region: None }
    }

    /// Reads phone numbers as they are typed in `region`.
    #[must_use]
    pub fn in_region(self, region: Region) -> Self {
        Self { region: Some(region), ..self }
    }

    /// Whether the object does not have this field, which was read before. An invalid field is not absent.
    ///
    /// # Panics
    /// If the field was not read: the name is misspelled.
    #[must_use]
    pub fn lacks(&self, name: &'static str) -> bool {
        let (_, present) = self.asked.iter().find(|(asked, _)| *asked == name).expect("the field was asked for");
        !present
    }

    /// Reports a violation of a field that was read before, for a rule that involves several fields.
    ///
    /// # Panics
    /// If the field was not read: the name is misspelled.
    pub fn refuse(&mut self, name: &'static str, invalid: Invalid) {
        assert!(self.asked.iter().any(|(asked, _)| *asked == name), "the field {name} was asked for");
        self.violations.push((pointer_to(name), invalid));
    }

    /// Finishes reading a body.
    ///
    /// # Errors
    /// The problem that lists all violations, if there are any.
    pub fn finish(self) -> Result<(), Problem> {
        self.finish_nested().map_err(problem_of)
    }

    /// Finishes reading an object inside a body. A field that was not read is unknown.
    pub(super) fn finish_nested(mut self) -> Result<(), Violations> {
        self.violations.extend(self.unread.keys().map(|name| (pointer_to(name), Invalid::UnknownField)));
        if self.violations.is_empty() { Ok(()) } else { Err(self.violations) }
    }

    fn take_field(&mut self, name: &'static str) -> Option<Value> {
        // The remaining fields keep their order, so that errors are listed in the order of the body.
        let value = self.unread.shift_remove(name);
        self.asked.push((name, value.is_some()));
        value
    }

    fn keep_wrong<T>(&mut self, name: &str, read: Result<T, Violations>) -> Option<T> {
        let below = |(below, invalid): (String, Invalid)| (pointer_to(name) + &below, invalid);
        read.map_err(|violations| self.violations.extend(violations.into_iter().map(below))).ok()
    }
}

impl Fields for Reader {
    fn change<T: Json>(&mut self, name: &'static str, _: &str) -> Change<T> {
        match self.take_field(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(value) => self.keep_wrong(name, T::read(value).map_err(null_clears)).map_or(Change::Keep, Change::Set),
        }
    }

    fn value<T: Json>(&mut self, name: &'static str, _: &str) -> Option<T> {
        let read = match self.take_field(name)? {
            Value::Null => Err(at_root(Invalid::NotClearable)),
            value => T::read(value),
        };
        self.keep_wrong(name, read)
    }

    fn phone(&mut self, name: &'static str, about: &str) -> Option<Phone> {
        let region = self.region.expect("a body with a phone is read in a region");
        let typed: String = self.value(name, about)?;
        self.keep_wrong(name, Phone::parse(&typed, region).map_err(at_root))
    }

    fn require(&mut self, name: &'static str) {
        if self.lacks(name) {
            self.refuse(name, Invalid::Required);
        }
    }

    fn required<T: Json>(&mut self, name: &'static str, _: &str) -> Option<T> {
        let read = self.take_field(name).map_or_else(|| Err(at_root(Invalid::Required)), T::read);
        self.keep_wrong(name, read)
    }
}

/// For an empty text, replaces the violation by one that explains how to clear the field.
fn null_clears(violations: Violations) -> Violations {
    let is_empty = |(below, invalid): &(String, Invalid)| below.is_empty() && *invalid == Invalid::Empty;
    if violations.iter().any(is_empty) { at_root(Invalid::EmptyNotNull) } else { violations }
}

/// Describes the fields of an object for the API reference.
pub struct Outline {
    object: ObjectBuilder,
}

impl Outline {
    /// An object without fields.
    #[must_use]
    pub fn new(about: &str) -> Self {
        Self { object: ObjectBuilder::new().description(Some(about)) }
    }

    /// The schema of a request: other fields are not allowed.
    #[must_use]
    pub fn closed(self) -> RefOr<Schema> {
        self.object.additional_properties(Some(AdditionalProperties::FreeForm(false))).into()
    }

    /// The schema of a response: later versions may add fields.
    #[must_use]
    pub fn open(self) -> RefOr<Schema> {
        self.object.into()
    }

    /// Adds a field.
    pub(super) fn add(&mut self, name: &str, schema: RefOr<Schema>, about: &str) {
        let object = std::mem::take(&mut self.object);
        self.object = object.property(name, schema::with_description(schema, about));
    }

    /// Marks a field as always present.
    pub(super) fn always(&mut self, name: &str) {
        self.object = std::mem::take(&mut self.object).required(name);
    }
}

impl Fields for Outline {
    fn change<T: Json>(&mut self, name: &'static str, about: &str) -> Change<T> {
        self.add(name, schema::nullable(T::schema()), about);
        Change::Keep
    }

    fn value<T: Json>(&mut self, name: &'static str, about: &str) -> Option<T> {
        self.add(name, T::schema(), about);
        None
    }

    fn phone(&mut self, name: &'static str, about: &str) -> Option<Phone> {
        self.add(name, schema::typed_phone(), about);
        None
    }

    fn require(&mut self, name: &'static str) {
        self.always(name);
    }

    fn required<T: Json>(&mut self, name: &'static str, about: &str) -> Option<T> {
        self.always(name);
        self.value(name, about)
    }
}
