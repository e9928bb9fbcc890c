//! The schemas of domain values in the OpenAPI document.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, Ref, RefOr, SchemaFormat};

use super::json::{BoundedInteger, Degrees, IdRef, IdRefs, True};
use super::object::{Fields as _, Outline};
use super::view;
use crate::domain::address::{AddressText, GeocoderId};
use crate::domain::block::BlockLevel;
use crate::domain::id::MAX_ID;
use crate::domain::phone::PhoneKind;
use crate::domain::settings::MAX_RULES;
use crate::domain::{
    AccountDepartmentId, AccountId, ActorRole, BrandId, CapabilityId, CustomerId, Email, LoyaltyRule, MAX_LINKS,
    MAX_TAGS, Password, Phone, Priority, PriorityReason, PriorityType, Region, SavedAddressId, Subject, Tag, TagRule,
    Text,
};

fn text(min: usize, max: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(min)).max_length(Some(max))
}

/// Text in a format of ours. `.ci/formats.yaml` has each format as a regular expression, which would be too long to read here.
fn formatted(min: usize, max: usize, format: &str, about: &str) -> ObjectBuilder {
    text(min, max).format(Some(SchemaFormat::Custom(format.to_owned()))).description(Some(about))
}

/// Text with at least one visible character, on one line or on several.
fn visible_text(max: usize, lines: bool) -> ObjectBuilder {
    if lines {
        formatted(1, max, "multi-line-text", "One or more lines, with at least one visible character.")
    } else {
        formatted(1, max, "single-line-text", "One line, with at least one visible character.")
    }
}

/// The rules of [`Email::parse`]. The standard format `email` is different: it excludes addresses in other scripts.
fn email() -> ObjectBuilder {
    formatted(3, Email::MAX, "email-address", "One `@` with text on both sides, and no spaces inside.")
}

fn tag() -> ObjectBuilder {
    let about = "Letters, marks, digits, spaces, `-` and `_`, in any case: `vip` and `VIP` are one tag.";
    formatted(1, Tag::MAX, "tag", about)
}

fn region() -> ObjectBuilder {
    formatted(2, 2, "iso-3166-alpha-2", "Two letters, in any case, of a country whose phone numbers are known.")
}

fn id() -> RefOr<Schema> {
    text(1, MAX_ID).pattern(Some("^[A-Za-z0-9_-]+$")).into()
}

/// One of these words.
pub fn one_of<T: Serialize>(words: impl IntoIterator<Item = T>) -> RefOr<Schema> {
    let words = words.into_iter().filter_map(|word| serde_json::to_value(word).ok());
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}

/// Some of these words, each at most once.
#[must_use]
pub fn list_of_words(words: &[&str]) -> RefOr<Schema> {
    ArrayBuilder::new().items(one_of(words)).min_items(Some(1)).max_items(Some(words.len())).unique_items(true).into()
}

/// An integer from `min` to `max`.
#[must_use]
pub fn integer(min: i64, max: i64) -> RefOr<Schema> {
    let format =
        if i32::try_from(min).and(i32::try_from(max)).is_ok() { KnownFormat::Int32 } else { KnownFormat::Int64 };
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .minimum(Some(min))
        .maximum(Some(max))
        .into()
}

/// The schemas that requests and responses share. Others refer to them by name.
#[must_use]
pub fn shared() -> [(&'static str, RefOr<Schema>); 4] {
    // Ids all have one form, whatever they identify.
    let mut reference = Outline::new("A reference to something that the tenant keeps elsewhere.");
    reference.required::<BrandId>("id", "The tenant's own id of it.");
    let mut tag_rule = Outline::new("Customers with the tag are served with this priority or better.");
    TagRule::fields(&mut tag_rule);
    let mut loyalty_rule =
        Outline::new("Customers with at least so many miles are served with this priority or better.");
    LoyaltyRule::fields(&mut loyalty_rule);
    [
        ("Reference", reference.closed()),
        ("TagRule", tag_rule.closed()),
        ("LoyaltyRule", loyalty_rule.closed()),
        ("PhoneInfo", view::phone_info_schema()),
    ]
}

/// Allows `null`, which clears a field.
pub(super) fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = or_null(object.schema_type);
            // Removes the format `int32`, because the fuzzer treats `null` as a violation of it. Without a format an
            // integer has 32 bits too.
            if object.format == Some(SchemaFormat::KnownFormat(KnownFormat::Int32)) {
                object.format = None;
            }
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = or_null(array.schema_type);
            RefOr::T(Schema::Array(array))
        }
        other => OneOfBuilder::new().item(other).item(ObjectBuilder::new().schema_type(Type::Null)).into(),
    }
}

fn or_null(schema_type: SchemaType) -> SchemaType {
    match schema_type {
        SchemaType::Type(only) => SchemaType::Array(vec![only, Type::Null]),
        other => other,
    }
}

/// Puts a description in front of the description of the schema's format.
pub(super) fn with_description(mut schema: RefOr<Schema>, about: &str) -> RefOr<Schema> {
    let before = |own: Option<&String>| own.map_or_else(|| about.to_owned(), |own| format!("{about} {own}"));
    match &mut schema {
        RefOr::Ref(reference) => about.clone_into(&mut reference.description),
        RefOr::T(Schema::Object(object)) => object.description = Some(before(object.description.as_ref())),
        RefOr::T(Schema::Array(array)) => array.description = Some(about.to_owned()),
        RefOr::T(Schema::OneOf(one_of)) => one_of.description = Some(about.to_owned()),
        RefOr::T(_) => unreachable!("no value has another kind of schema"),
    }
    schema
}

/// A phone number as a person types it.
#[must_use]
pub fn typed_phone() -> RefOr<Schema> {
    text(1, Phone::MAX_TYPED).format(Some(SchemaFormat::Custom("phone".to_owned()))).into()
}

/// Text of a query parameter of a search.
#[must_use]
pub fn searched_text(max: usize) -> RefOr<Schema> {
    text(1, max).into()
}

/// A cursor.
#[must_use]
pub fn cursor() -> RefOr<Schema> {
    text(1, view::MAX_CURSOR).pattern(Some("^[A-Za-z0-9_-]+$")).into()
}

/// A phone number as it is written within its country: at most 15 digits, and separators.
pub(super) fn national_phone() -> RefOr<Schema> {
    text(1, 40).into()
}

/// A value as the API reference describes it.
pub trait Described: Sized {
    /// Its schema.
    fn schema() -> RefOr<Schema>;
}

macro_rules! described {
    ($($type:ty [$($generic:tt)*] => $schema:expr;)*) => {
        $(impl<$($generic)*> Described for $type {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        })*
    };
}

described! {
    AddressText [] => visible_text(AddressText::MAX, true);
    Email [] => email();
    Password [] => text(Password::MIN, Password::MAX).format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
    Tag [] => tag();
    Priority [] => integer(Priority::MIN, Priority::MAX);
    Region [] => region();
    BlockLevel [] => one_of(BlockLevel::ALL);
    Phone [] => text(7, 16).pattern(Some("^\\+[1-9][0-9]+$"));
    PhoneKind [] => one_of(PhoneKind::ALL);
    PriorityType [] => one_of((Priority::MIN..=Priority::MAX).step_by(10).filter_map(|tier| Priority::parse(tier).ok()).map(Priority::tier));
    PriorityReason [] => one_of([PriorityReason::Assigned, PriorityReason::Minimum, PriorityReason::Tag, PriorityReason::Loyalty]);
    String [] => ObjectBuilder::new().schema_type(Type::String);
    bool [] => ObjectBuilder::new().schema_type(Type::Boolean);
    True [] => ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true]));
    ActorRole [] => one_of(ActorRole::ALL);
    Subject [] => id();
    CustomerId [] => id();
    AccountId [] => id();
    AccountDepartmentId [] => id();
    BrandId [] => id();
    CapabilityId [] => id();
    SavedAddressId [] => id();
    GeocoderId [] => visible_text(GeocoderId::MAX_BYTES, false);
    Text<MAX, LINES> [const MAX: usize, const LINES: bool] => visible_text(MAX, LINES);
    BoundedInteger<MIN, MAX> [const MIN: i64, const MAX: i64] => integer(MIN, MAX);
    Degrees<LIMIT> [const LIMIT: i32] => ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-LIMIT)).maximum(Some(LIMIT));
    IdRef<T> [T] => Ref::from_schema_name("Reference");
    IdRefs<T> [T] => ArrayBuilder::new().items(IdRef::<T>::schema()).max_items(Some(MAX_LINKS));
    BTreeSet<Tag> [] => ArrayBuilder::new().items(Tag::schema()).max_items(Some(MAX_TAGS));
    TagRule [] => Ref::from_schema_name("TagRule");
    Vec<TagRule> [] => ArrayBuilder::new().max_items(Some(MAX_RULES)).items(TagRule::schema());
    LoyaltyRule [] => Ref::from_schema_name("LoyaltyRule");
    Vec<LoyaltyRule> [] => ArrayBuilder::new().max_items(Some(MAX_RULES)).items(LoyaltyRule::schema());
    Option<T> [T: Described] => nullable(T::schema());
    &T [T: Described] => T::schema();
}
