//! The fields of a JSON object, each named in one place.
//!
//! A body has one function that asks for its fields by name, generic over [`Fields`]. [`Reader`] answers it from a
//! request: it reads and checks each value and keeps everything that is wrong. [`Outline`] answers it for the API
//! reference: it describes each field. So a field's name, type and description stand together, and the pointer of an
//! error is always the name that was read.

use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema};

use super::Problem;
use super::body::problem_of;
use super::json::{Json, Violations, at_root, pointer_to};
use super::schema;
use crate::domain::{Change, Invalid, Phone, Region};

/// Where a body's fields come from, or go to.
pub trait Fields {
    /// A field that may be left out, and that `null` clears.
    fn change<T: Json>(&mut self, name: &'static str, about: &str) -> Change<T>;

    /// A field that may be left out but not be `null`. `None` if it was left out or is wrong.
    fn value<T: Json>(&mut self, name: &'static str, about: &str) -> Option<T>;

    /// A phone number, read as in the tenant's region. It may be left out but not be `null`.
    fn phone(&mut self, name: &'static str, about: &str) -> Option<Phone>;

    /// Requires a field that was asked for before.
    fn require(&mut self, name: &'static str);

    /// A field that every such object has: there is nothing that `null` could clear. `None` if it is missing or wrong.
    fn required<T: Json>(&mut self, name: &'static str, about: &str) -> Option<T>;
}

/// Reads the fields of an object and keeps everything that is wrong with them.
pub struct Reader {
    unread: Map<String, Value>,
    /// The names that were asked for, and whether the object has them.
    asked: Vec<(&'static str, bool)>,
    violations: Violations,
    region: Option<Region>,
}

impl Reader {
    /// Reads `fields`. `wrong` is what is known to be wrong with others.
    pub(super) fn new(fields: Map<String, Value>, violations: Violations) -> Self {
        Self { unread: fields, asked: Vec::new(), violations, region: None }
    }

    /// Reads phone numbers as they are typed in `region`.
    #[must_use]
    pub fn in_region(self, region: Region) -> Self {
        Self { region: Some(region), ..self }
    }

    /// Whether the object lacks this field, which was asked for before. A field that is wrong is not absent.
    ///
    /// # Panics
    /// If nobody asked for the field: the name is misspelled.
    #[must_use]
    pub fn lacks(&self, name: &'static str) -> bool {
        let (_, present) = self.asked.iter().find(|(asked, _)| *asked == name).expect("the field was asked for");
        !present
    }

    /// Refuses the value of a field that was asked for before, for a rule that looks at several fields.
    ///
    /// # Panics
    /// If nobody asked for the field: the name is misspelled.
    pub fn refuse(&mut self, name: &'static str, invalid: Invalid) {
        assert!(self.asked.iter().any(|(asked, _)| *asked == name), "the field {name} was asked for");
        self.violations.push((pointer_to(name), invalid));
    }

    /// Ends the reading of a body.
    ///
    /// # Errors
    /// The problem that names every broken rule, if there is one.
    pub fn finish(self) -> Result<(), Problem> {
        self.finish_nested().map_err(problem_of)
    }

    /// Ends the reading of an object inside of a body. A field that nobody asked for is unknown.
    pub(super) fn finish_nested(mut self) -> Result<(), Violations> {
        self.violations.extend(self.unread.keys().map(|name| (pointer_to(name), Invalid::UnknownField)));
        if self.violations.is_empty() { Ok(()) } else { Err(self.violations) }
    }

    fn take_field(&mut self, name: &'static str) -> Option<Value> {
        // The fields that are left keep their order, so that errors come in the order of the body.
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

/// The same, but for text that is empty the message says how to clear the field.
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

    /// The object, with no other fields than those asked for.
    #[must_use]
    pub fn closed(self) -> RefOr<Schema> {
        self.object.additional_properties(Some(AdditionalProperties::FreeForm(false))).into()
    }

    /// The object, which may get more fields later: a response.
    #[must_use]
    pub fn open(self) -> RefOr<Schema> {
        self.object.into()
    }

    /// Adds a field.
    pub(super) fn add(&mut self, name: &str, schema: RefOr<Schema>, about: &str) {
        let object = std::mem::take(&mut self.object);
        self.object = object.property(name, schema::with_description(schema, about));
    }

    /// Says that a field is always there.
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
