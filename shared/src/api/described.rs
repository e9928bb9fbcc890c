//! Structs that are described to clients: each field's schema with its doc comment, under its JSON name.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, Schema};

/// One field of an object: its name in Rust, its doc comment and its schema.
pub type Described = (&'static str, &'static str, RefOr<Schema>);

/// Gives a struct the schema of an object. A field's is that of its type, unless another type's stands after `as`. With
/// `closed` it has no other fields; with `whole` none is ever left out.
///
/// `utoipa`'s own derive loses the doc comment of a field whose schema comes from somewhere else.
#[macro_export]
macro_rules! described {
    (
        $(#[doc = $about:literal])* #[derive($($derive:path),*)] $(#[serde($($serde:tt)*)])?
        $vis:vis struct $name:ident $(<$life:lifetime>)? is $component:literal $($closed:ident)? {
            $($(#[doc = $doc:literal])* $field:ident: $type:ty $(as $schema:ty)?,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive($($derive),*)]
        $(#[serde($($serde)*)])?
        #[serde(rename_all = "camelCase")]
        $vis struct $name $(<$life>)? { $($(#[doc = $doc])* $field: $type,)* }

        impl $(<$life>)? utoipa::PartialSchema for $name $(<$life>)? {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let object = $crate::api::described::object(concat!($($about, "\n",)*), vec![$((
                    stringify!($field),
                    concat!($($doc, "\n",)*),
                    $crate::schema_of!($type $(, $schema)?),
                ),)*]);
                $(let object = $crate::api::described::$closed(object);)?
                object.into()
            }
        }

        impl $(<$life>)? utoipa::ToSchema for $name $(<$life>)? {
            fn name() -> std::borrow::Cow<'static, str> {
                $component.into()
            }
        }
    };
}

/// The schema of the last of these types.
#[macro_export]
#[doc(hidden)]
macro_rules! schema_of {
    ($type:ty) => {
        <$type as utoipa::PartialSchema>::schema()
    };
    ($type:ty, $schema:ty) => {
        <$schema as utoipa::PartialSchema>::schema()
    };
}

/// An object with these fields.
#[must_use]
pub fn object(about: &str, fields: Vec<Described>) -> Object {
    let mut object = ObjectBuilder::new().description(Some(prose(about)));
    for (name, doc, schema) in fields {
        object = object.property(camel_case(name), with_description(schema, doc));
    }
    object.build()
}

/// The same object with no other fields than these.
#[must_use]
pub fn closed(mut object: Object) -> Object {
    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    object
}

/// The same object with all of its fields in every answer.
#[must_use]
pub fn whole(mut object: Object) -> Object {
    object.required = object.properties.keys().cloned().collect();
    object
}

/// `first_name` as `firstName`, as serde has it.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_ascii_uppercase() + rest
    })
}

fn with_description(mut schema: RefOr<Schema>, doc: &str) -> RefOr<Schema> {
    if doc.is_empty() {
        return schema;
    }
    match &mut schema {
        RefOr::Ref(reference) => reference.description = prose(doc),
        RefOr::T(Schema::Object(object)) => object.description = Some(prose(doc)),
        RefOr::T(Schema::Array(array)) => array.description = Some(prose(doc)),
        RefOr::T(Schema::OneOf(one_of)) => one_of.description = Some(prose(doc)),
        RefOr::T(_) => {}
    }
    schema
}

/// A doc comment as prose: the lines of a paragraph joined to one, an empty line between two paragraphs.
#[must_use]
pub fn prose(doc: &str) -> String {
    doc.lines()
        .map(str::trim)
        .fold(String::new(), |text, line| match line {
            "" if text.is_empty() || text.ends_with('\n') => text,
            "" => text + "\n\n",
            line if text.is_empty() || text.ends_with('\n') => text + line,
            line => text + " " + line,
        })
        .trim_end()
        .to_owned()
}
