//! How domain values look in the OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, Ref, RefOr, SchemaFormat};

use super::json::{Degrees, IdRef, IdRefs, Ranged};
use super::object::{Fields as _, Outline};
use super::view;
use crate::domain::address::{AddressText, GeocoderId};
use crate::domain::id::MAX_ID;
use crate::domain::phone::PhoneKind;
use crate::domain::settings::MAX_RULES;
use crate::domain::text::{INVISIBLE, REFUSED};
use crate::domain::{
    AccountDepartmentId, AccountId, ActorRole, BrandId, CapabilityId, CustomerId, Email, LoyaltyRule, MAX_LINKS,
    MAX_TAGS, Password, Phone, Priority, PriorityReason, PriorityType, Region, SavedAddressId, Subject, Tag, TagRule,
    Text,
};

fn text(min: usize, max: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(min)).max_length(Some(max))
}

/// White space, which is trimmed, without brackets: what `char::is_whitespace` says, since the `\s` of regular
/// expressions is another set in each dialect.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// The white space that may also stand inside a text.
const INNER_SPACE: &str = r" \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000";
/// Control characters, without brackets; and the same without those of lines and tabs.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
const CONTROL_BUT_LINES: &str = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f";

/// Ranges of characters as a class of a regular expression, without brackets. Characters beyond the Basic Multilingual
/// Plane are left out, because each dialect writes them in another way: what only has those is refused in words alone.
fn class(ranges: &[(char, char)]) -> String {
    let escaped = |c: char| format!(r"\u{:04x}", u32::from(c));
    let in_plane = ranges.iter().filter(|(_, last)| *last <= '\u{ffff}');
    in_plane
        .map(
            |(first, last)| {
                if first == last { escaped(*first) } else { format!("{}-{}", escaped(*first), escaped(*last)) }
            },
        )
        .collect()
}

/// Something visible, spaces around it, and no character that a text may not have.
///
/// At each place of a text only one part of the pattern can go on, so that a validator that tries one way after another
/// (most languages' do) has but one to try, however hostile the text.
fn visible_text(max: usize, lines: bool) -> ObjectBuilder {
    let (control, outer_space) = if lines {
        (CONTROL_BUT_LINES, r"\u000b\u000c\u0085\u2028\u2029")
    } else {
        (CONTROL, r"\t-\r\u0085\u2028\u2029")
    };
    let allowed_invisible: Vec<_> = INVISIBLE.iter().filter(|range| !REFUSED.contains(range)).copied().collect();
    let invisible = class(&allowed_invisible);
    let refused = control.to_owned() + &class(REFUSED);
    let inner_space = INNER_SPACE.to_owned() + if lines { r"\t\n\r" } else { "" };
    let before = format!("([{invisible}][{invisible}{inner_space}]*)?");
    let visible = format!("[^{refused}{SPACE}{invisible}]");
    let after = format!("([{outer_space}][{SPACE}]*)?");
    text(1, max).pattern(Some(format!("^[{SPACE}]*{before}{visible}[^{refused}]*{after}$")))
}

/// As [`Email::parse`] has it. The format `email` would be another rule: it leaves out addresses of other scripts.
fn email() -> ObjectBuilder {
    let outside = format!("{CONTROL}{SPACE}{}{}", class(INVISIBLE), class(REFUSED));
    let plain = format!("[^@{outside}]+");
    let quoted = format!("\"[^{outside}]*");
    text(3, Email::MAX).pattern(Some(format!("^[{SPACE}]*({plain}|{quoted})@{plain}[{SPACE}]*$")))
}

/// Letters, marks and digits cannot be said in a regular expression that every dialect reads, so this only leaves out
/// what people try: other signs of ASCII, spaces of other kinds, invisible characters, and nothing but spaces.
fn tag() -> ObjectBuilder {
    let other =
        format!(r"\u0000-\u001f!-,./:-@\[-\^`{{-\u009f\u2028\u2029{}{}", INNER_SPACE.trim_start(), class(INVISIBLE));
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

/// The schemas that others refer to by name: of what stands in a body and in a response alike.
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

/// Every field of a body may be `null`, which clears it where it can be cleared.
pub(super) fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = or_null(object.schema_type);
            // An integer is of 32 bits unless its format says otherwise, and the fuzzer takes `null` for a violation of
            // this format.
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

/// The same schema with a description of its own.
pub(super) fn with_description(mut schema: RefOr<Schema>, about: &str) -> RefOr<Schema> {
    if about.is_empty() {
        return schema;
    }
    let about = about.to_owned();
    match &mut schema {
        RefOr::Ref(reference) => reference.description = about,
        RefOr::T(Schema::Object(object)) => object.description = Some(about),
        RefOr::T(Schema::Array(array)) => array.description = Some(about),
        RefOr::T(Schema::OneOf(one_of)) => one_of.description = Some(about),
        RefOr::T(_) => unreachable!("no value has another kind of schema"),
    }
    schema
}

/// A phone as it is typed.
#[must_use]
pub fn typed_phone() -> RefOr<Schema> {
    text(1, Phone::MAX_TYPED).format(Some(SchemaFormat::Custom("phone".to_owned()))).into()
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
    Phone [] => text(7, 16).pattern(Some("^\\+[1-9][0-9]+$"));
    PhoneKind [] => one_of(PhoneKind::ALL);
    PriorityType [] => one_of((Priority::MIN..=Priority::MAX).step_by(10).filter_map(|tier| Priority::parse(tier).ok()).map(Priority::tier));
    PriorityReason [] => one_of([PriorityReason::Assigned, PriorityReason::Minimum, PriorityReason::Tag, PriorityReason::Loyalty]);
    String [] => ObjectBuilder::new().schema_type(Type::String);
    bool [] => ObjectBuilder::new().schema_type(Type::Boolean);
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
    Ranged<MIN, MAX> [const MIN: i64, const MAX: i64] => integer(MIN, MAX);
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
