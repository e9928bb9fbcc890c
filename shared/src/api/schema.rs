//! How domain values look in the OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type,
};
use utoipa::openapi::{KnownFormat, Ref, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::body::{Field, NotNull};
use super::json::{Degrees, IdRef, IdRefs, LoyaltyRules, Ranged, TagList, TagRules, Typed};
use crate::domain::address::GeocoderId;
use crate::domain::customer::MAX_MILES;
use crate::domain::id::MAX_ID;
use crate::domain::settings::MAX_RULES;
use crate::domain::text::INVISIBLE;
use crate::domain::{
    AccountDepartmentId, AccountId, BrandId, CapabilityId, CustomerId, Email, MAX_LINKS, MAX_TAGS, Password, Phone,
    Priority, PriorityReason, PriorityType, Region, SavedAddressId, Tag, Text,
};

fn text(min: usize, max: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(min)).max_length(Some(max))
}

/// White space, which is trimmed, without brackets: what `char::is_whitespace` says, since the `\s` of regular
/// expressions is another set in each dialect.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// The same without control characters.
const SPACE_BUT_CONTROL: &str = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// Control characters, without brackets; and the same without the line feed.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
const CONTROL_BUT_LINE_FEED: &str = r"\u0000-\u0009\u000b-\u001f\u007f-\u009f";

/// Something to be seen, spaces around it, and no control characters.
///
/// At each place of a text only one part of the pattern can go on, so that a validator that tries one way after another
/// (most languages' do) has but one to try, however hostile the text.
fn visible_text(max: usize, lines: bool) -> ObjectBuilder {
    let (control, spaces_of_control) =
        if lines { (CONTROL_BUT_LINE_FEED, r"\t\u000b-\r\u0085") } else { (CONTROL, r"\t-\r\u0085") };
    let range = |(first, last): &(char, char)| {
        let escaped = |c: char| format!(r"\u{:04x}", u32::from(c));
        if first == last { escaped(*first) } else { format!("{}-{}", escaped(*first), escaped(*last)) }
    };
    let invisible: String = INVISIBLE.iter().map(range).collect();
    let inner_space = SPACE_BUT_CONTROL.to_owned() + if lines { r"\n" } else { "" };
    let before = format!("([{invisible}][{invisible}{inner_space}]*)?");
    let visible = format!("[^{CONTROL}{SPACE}{invisible}]");
    let after = format!("([{spaces_of_control}][{SPACE}]*)?");
    text(1, max).pattern(Some(format!("^[{SPACE}]*{before}{visible}[^{control}]*{after}$")))
}

/// As [`Email::parse`] has it. The format `email` would be another rule: it leaves out addresses of other scripts.
fn email() -> ObjectBuilder {
    let plain = format!("[^@{CONTROL}{SPACE}]+");
    let quoted = format!("\"[^{CONTROL}{SPACE}]*");
    text(3, Email::MAX).pattern(Some(format!("^[{SPACE}]*({plain}|{quoted})@{plain}[{SPACE}]*$")))
}

/// Letters, marks and digits cannot be said in a regular expression that every dialect reads, so this only leaves out
/// what people try: other signs of ASCII, spaces of other kinds, and nothing but spaces.
fn tag() -> ObjectBuilder {
    let other = format!(r"\u0000-\u001f!-,./:-@\[-\^`{{-\u009f{}", SPACE_BUT_CONTROL.trim_start());
    text(1, Tag::MAX)
        .format(Some(SchemaFormat::Custom("tag".to_owned())))
        .pattern(Some(format!("^[{SPACE}]*[^ {other}]([^{other}]*[^ {other}])?[{SPACE}]*$")))
        .description(Some("Letters, marks, digits, spaces, `-` and `_`, in any case: `vip` and `VIP` are one tag."))
}

/// Every country whose numbers are known, in either case: an initial and the letters that may come after it.
fn region() -> ObjectBuilder {
    let mut by_initial = BTreeMap::<char, BTreeSet<char>>::new();
    for code in Region::all().map(String::from) {
        let mut letters = code.chars();
        if let (Some(initial), Some(second)) = (letters.next(), letters.next()) {
            by_initial.entry(initial).or_default().insert(second);
        }
    }
    let either_case = |letters: String| format!("[{letters}{}]", letters.to_ascii_lowercase());
    let countries = by_initial
        .into_iter()
        .map(|(initial, seconds)| either_case(initial.to_string()) + &either_case(seconds.into_iter().collect()));
    text(2, 2).pattern(Some(format!("^({})$", countries.collect::<Vec<_>>().join("|"))))
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
    let format =
        if i32::try_from(min).and(i32::try_from(max)).is_ok() { KnownFormat::Int32 } else { KnownFormat::Int64 };
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .minimum(Some(min))
        .maximum(Some(max))
        .into()
}

/// The schemas that others name: of what stands in a body and in an answer alike.
#[must_use]
pub fn shared() -> [(&'static str, RefOr<Schema>); 3] {
    let rule =
        |about: &str, on: &str, schema: RefOr<Schema>| closed(about, [(on, schema), ("priority", Priority::schema())]);
    [
        // Ids are all of one form, whatever they are of.
        ("Reference", closed("Something that the tenant has elsewhere, by its id.", [("id", id())])),
        ("TagRule", rule("Customers with the tag are served with this priority or better.", "tag", Tag::schema())),
        (
            "LoyaltyRule",
            rule(
                "Customers with so many miles, or more, are served with this priority or better.",
                "miles",
                integer(0, MAX_MILES),
            ),
        ),
    ]
}

/// An object with all of these fields and no others.
fn closed<const N: usize>(about: &str, fields: [(&str, RefOr<Schema>); N]) -> RefOr<Schema> {
    let object = ObjectBuilder::new()
        .description(Some(about))
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    fields.into_iter().fold(object, |object, (name, schema)| object.property(name, schema).required(name)).into()
}

/// Every field of a body may be `null`, which clears it where it can be cleared.
fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = or_null(object.schema_type);
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
    Email [] => email();
    Password [] => text(Password::MIN, Password::MAX).format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
    Tag [] => tag();
    Priority [] => integer(Priority::MIN, Priority::MAX);
    Region [] => region();
    Phone [] => text(7, 16).pattern(Some("^\\+[1-9][0-9]+$"));
    PriorityType [] => one_of((Priority::MIN..=Priority::MAX).step_by(10).filter_map(|tier| Priority::parse(tier).ok()).map(Priority::tier));
    PriorityReason [] => one_of([PriorityReason::Assigned, PriorityReason::Minimum, PriorityReason::Tag, PriorityReason::Loyalty]);
    Typed [] => text(1, Phone::MAX_TYPED).format(Some(SchemaFormat::Custom("phone".to_owned())));
    CustomerId [] => id();
    AccountId [] => id();
    AccountDepartmentId [] => id();
    BrandId [] => id();
    CapabilityId [] => id();
    SavedAddressId [] => id();
    GeocoderId [] => visible_text(GeocoderId::MAX_BYTES, false);
    Text<MAX, LINES> [const MAX: usize, const LINES: bool] => visible_text(MAX, LINES);
    Ranged<MIN, MAX> [const MIN: i64, const MAX: i64] => integer(MIN, MAX);
    IdRef<T> [T] => Ref::from_schema_name("Reference");
    IdRefs<T> [T] => ArrayBuilder::new().items(IdRef::<T>::schema()).max_items(Some(MAX_LINKS));
    TagList [] => ArrayBuilder::new().items(Tag::schema()).max_items(Some(MAX_TAGS));
    Degrees<LIMIT> [const LIMIT: i32] => ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-LIMIT)).maximum(Some(LIMIT));
    TagRules [] => ArrayBuilder::new().max_items(Some(MAX_RULES)).items(Ref::from_schema_name("TagRule"));
    LoyaltyRules [] => ArrayBuilder::new().max_items(Some(MAX_RULES)).items(Ref::from_schema_name("LoyaltyRule"));
    Field<T> [T: PartialSchema] => nullable(T::schema());
    NotNull<T> [T: PartialSchema] => T::schema();
}
