//! How domain values look in the OpenAPI document.

use serde::Serialize;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type,
};
use utoipa::openapi::{KnownFormat, Ref, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::body::{Field, NotNull};
use super::json::{Degrees, IdRef, IdRefs, LoyaltyRules, Ranged, TagList, TagRules, Typed};
use crate::domain::customer::MAX_MILES;
use crate::domain::id::MAX_ID;
use crate::domain::settings::MAX_RULES;
use crate::domain::{
    AccountDepartmentId, AccountId, BrandId, CapabilityId, CustomerId, Email, MAX_LINKS, MAX_TAGS, Password, Phone,
    Priority, PriorityReason, PriorityType, Region, SavedAddressId, Tag, Text,
};

fn text(min: usize, max: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(min)).max_length(Some(max))
}

fn id() -> RefOr<Schema> {
    text(1, MAX_ID).pattern(Some("^[A-Za-z0-9_-]+$")).into()
}

/// One of these words.
fn one_of<T: Serialize>(words: impl IntoIterator<Item = T>) -> RefOr<Schema> {
    let words = words.into_iter().filter_map(|word| serde_json::to_value(word).ok());
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}

fn integer(min: i64, max: i64) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(min))
        .maximum(Some(max))
        .into()
}

/// A reference to something of the tenant's, whose ids are all of one form.
#[must_use]
pub fn reference() -> RefOr<Schema> {
    closed(ObjectBuilder::new().property("id", id()).required("id")).into()
}

/// An object with these fields and no others.
fn closed(object: ObjectBuilder) -> ObjectBuilder {
    object.additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

/// Every field of a body may be `null`, which clears it where it can be cleared.
fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Type(only) = object.schema_type {
                object.schema_type = SchemaType::Array(vec![only, Type::Null]);
            }
            RefOr::T(Schema::Object(object))
        }
        other => OneOfBuilder::new().item(other).item(ObjectBuilder::new().schema_type(Type::Null)).into(),
    }
}

macro_rules! schemas {
    ($($type:ty [$($generic:tt)*] => $schema:expr;)*) => {
        $(
            impl<$($generic)*> PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    $schema.into()
                }
            }
            impl<$($generic)*> ToSchema for $type {}
        )*
    };
}

schemas! {
    Email [] => text(3, Email::MAX).format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)));
    Password [] => text(Password::MIN, Password::MAX).format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
    Tag [] => text(1, Tag::MAX);
    Priority [] => integer(Priority::MIN, Priority::MAX);
    Region [] => text(2, 2).pattern(Some("^[A-Za-z]{2}$"));
    Phone [] => text(8, 16).pattern(Some("^\\+[1-9][0-9]+$"));
    PriorityType [] => one_of((Priority::MIN..=Priority::MAX).step_by(10).filter_map(|tier| Priority::parse(tier).ok()).map(Priority::tier));
    PriorityReason [] => one_of([PriorityReason::Assigned, PriorityReason::Minimum, PriorityReason::Tag, PriorityReason::Loyalty]);
    Typed [] => text(1, Phone::MAX_TYPED);
    CustomerId [] => id();
    AccountId [] => id();
    AccountDepartmentId [] => id();
    BrandId [] => id();
    CapabilityId [] => id();
    SavedAddressId [] => id();
    Text<MAX, LINES> [const MAX: usize, const LINES: bool] => text(1, MAX);
    Ranged<MIN, MAX> [const MIN: i64, const MAX: i64] => integer(MIN, MAX);
    IdRef<T> [T] => Ref::from_schema_name("Reference");
    IdRefs<T> [T] => ArrayBuilder::new().items(IdRef::<T>::schema()).max_items(Some(MAX_LINKS));
    TagList [] => ArrayBuilder::new().items(Tag::schema()).max_items(Some(MAX_TAGS));
    Degrees<LIMIT> [const LIMIT: i32] => ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-LIMIT)).maximum(Some(LIMIT));
    TagRules [] => ArrayBuilder::new().max_items(Some(MAX_RULES)).items(
        closed(ObjectBuilder::new().property("tag", Tag::schema()).required("tag").property("priority", Priority::schema()).required("priority")));
    LoyaltyRules [] => ArrayBuilder::new().max_items(Some(MAX_RULES)).items(
        closed(ObjectBuilder::new().property("miles", integer(0, MAX_MILES)).required("miles").property("priority", Priority::schema()).required("priority")));
    Field<T> [T: PartialSchema] => nullable(T::schema());
    NotNull<T> [T: PartialSchema] => T::schema();
}
