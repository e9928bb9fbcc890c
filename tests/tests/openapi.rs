//! Tests of the OpenAPI document.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use api_tests::formats::{FORMATS, validator};
use serde_json::{Value, json};
use shared::api::{Code, Operation};
use shared::domain::address::AddressText;
use shared::domain::text::{DriverNote, Name};
use shared::domain::{Email, Password, Region, Tag};

#[test]
fn the_committed_document_agrees_with_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    let committed = fs::read_to_string(path).unwrap();
    let generated = format!("{:#}\n", local::openapi::document());
    assert!(committed == generated, "run `cargo run -p local -- openapi > openapi.json` and look at what changed");
}

#[test]
fn every_operation_has_a_summary_a_description_and_roles() {
    let document = local::openapi::document();
    let mut names = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            let summary = operation["summary"].as_str().unwrap();
            assert!((8..60).contains(&summary.len()) && !summary.contains('\n'), "{name}: {summary}");
            let description = operation["description"].as_str().unwrap();
            assert!(description.len() > 60 && description.contains("\n\nRoles: "), "{name}: {description}");
            assert!(operation["security"][0]["bearer"].as_array().is_some_and(|roles| roles.len() == 1), "{name}");
            names.insert(name.to_owned());
        }
    }
    assert_eq!(names.len(), Operation::authenticated().count());
}

/// Calls `check` with every schema and its place.
fn each_schema(value: &Value, place: &str, check: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("type") && !place.ends_with("/securitySchemes/bearer") {
                check(place, value);
            }
            for (name, field) in fields.iter().filter(|(name, _)| !["example", "examples"].contains(&name.as_str())) {
                each_schema(field, &format!("{place}/{name}"), check);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| each_schema(entry, place, check)),
        _ => {}
    }
}

#[test]
fn every_schema_has_limits() {
    let document = local::openapi::document();
    let mut seen = 0;
    each_schema(&document, "", &mut |place, schema| {
        let is = |name: &str| {
            schema["type"] == name || schema["type"].as_array().is_some_and(|all| all.contains(&name.into()))
        };
        let has = |name: &str| schema.get(name).is_some();
        if is("string") {
            assert!(has("maxLength") || has("enum") || has("const"), "{place}: {schema}");
        }
        if is("object") {
            assert!(schema["properties"].as_object().is_some_and(|fields| !fields.is_empty()), "{place}: {schema}");
        }
        if is("array") {
            assert!(has("maxItems") && has("items"), "{place}: {schema}");
        }
        if is("integer") || is("number") {
            assert!(has("minimum") && has("maximum"), "{place}: {schema}");
        }
        seen += 1;
    });
    assert!(seen > 100, "{seen}");
}

#[test]
fn patterns_are_short() {
    each_schema(&local::openapi::document(), "", &mut |place, schema| {
        if let Some(pattern) = schema["pattern"].as_str() {
            assert!(pattern.len() <= 60, "{place}: {pattern}");
        }
    });
}

#[test]
fn every_own_format_has_a_regular_expression_and_a_description() {
    // A library decides what a valid phone is, and RFC 9110 defines entity tags. OpenAPI defines the other formats.
    let mut defined: BTreeSet<String> =
        ["phone", "entity-tags", "password", "int32", "int64"].map(str::to_owned).into();
    let mut used = BTreeSet::new();
    each_schema(&local::openapi::document(), "", &mut |place, schema| {
        if let Some(format) = schema["format"].as_str() {
            used.insert(format.to_owned());
            let is_ours = FORMATS.contains_key(format);
            assert!(!is_ours || schema["description"].as_str().is_some_and(|about| about.len() > 20), "{place}");
        }
    });
    defined.extend(FORMATS.keys().cloned());
    assert_eq!(used, defined);
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/customer-fields.md")).unwrap();
    for format in FORMATS.keys().map(String::as_str).chain(["phone", "entity-tags"]) {
        assert!(guide.contains(&format!("\n| `{format}` | ")), "{format}");
    }
}

#[test]
fn every_field_and_every_parameter_has_a_description() {
    let document = local::openapi::document();
    let is_described = |value: &Value| value["description"].as_str().is_some_and(|about| about.len() > 5);
    let mut seen = 0;
    each_schema(&document, "", &mut |place, schema| {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            assert!(is_described(field), "{place}: {name}");
            seen += 1;
        }
    });
    for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        for parameter in operation["parameters"].as_array().unwrap() {
            assert!(is_described(parameter), "{}: {parameter}", operation["operationId"]);
            seen += 1;
        }
    }
    for (name, header) in document["components"]["headers"].as_object().unwrap() {
        assert!(is_described(header), "{name}");
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn every_path_parameter_is_required_and_no_response_has_null_content() {
    let document = local::openapi::document();
    for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        let name = &operation["operationId"];
        for parameter in operation["parameters"].as_array().unwrap() {
            assert!(parameter["in"] != "path" || parameter["required"] == true, "{name}: {parameter}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(response.get("content").is_none_or(Value::is_object), "{name} {status}");
        }
    }
}

#[test]
fn the_reference_and_the_code_accept_the_same_texts() {
    let document = local::openapi::document();
    let fields = &document["components"]["schemas"]["CustomerCreate"]["properties"];
    let valid = |field: &str| validator(&fields[field]);
    let (name, note, email) = (valid("firstName"), valid("driverNote"), valid("email"));
    let address = &document["components"]["schemas"]["AddressSave"]["properties"]["address"];
    let address = validator(address);
    for c in '\0'..='\u{ffff}' {
        for text in [c.to_string(), format!("a{c}a"), format!(" {c}\t"), format!("\u{200b}{c}"), format!("a@b{c}c@d")] {
            assert_eq!(name.is_valid(&json!(text)), Name::parse(&text).is_ok(), "{text:?}");
            assert_eq!(note.is_valid(&json!(text)), DriverNote::parse(&text).is_ok(), "{text:?}");
            assert_eq!(address.is_valid(&json!(text)), AddressText::parse(&text).is_ok(), "{text:?}");
            assert_eq!(email.is_valid(&json!(text)), Email::parse(&text).is_ok(), "{text:?}");
        }
        for text in [format!("{c}a@b"), format!("a{c}b"), format!("{c}a@b@c"), format!("a@{c}")] {
            // At least three characters, because two characters may be composed into one or trimmed.
            if text.chars().count() > 3 || text.trim().chars().count() >= 3 {
                assert_eq!(email.is_valid(&json!(text)), Email::parse(&text).is_ok(), "{text:?}");
            }
        }
    }
}

#[test]
fn the_reference_and_the_code_have_the_same_limits_of_length() {
    let document = local::openapi::document();
    let fields = &document["components"]["schemas"]["CustomerCreate"]["properties"];
    let valid = |field: &str, text: &str| validator(&fields[field]).is_valid(&json!(text));
    for (count, padding) in (80..130).flat_map(|count| [0, 1, 30].map(|padding| (count, padding))) {
        for letter in ["a", "\u{e9}", "\u{1f695}"] {
            let text = letter.repeat(count) + &" ".repeat(padding);
            assert_eq!(valid("firstName", &text), Name::parse(&text).is_ok(), "{text}");
            assert_eq!(valid("password", &text), Password::parse(&text).is_ok(), "{text}");
        }
    }
    for count in 1..50 {
        let text = "a".repeat(count) + "   ";
        let tag = validator(&fields["tags"]["items"]);
        assert_eq!(tag.is_valid(&json!(text)), Tag::parse(&text).is_ok(), "{text}");
    }
}

/// Only for ASCII and spaces, because a portable regular expression cannot say which other characters are letters.
#[test]
fn the_reference_and_the_code_accept_the_same_ascii_tags() {
    let document = local::openapi::document();
    let tag = &document["components"]["schemas"]["CustomerCreate"]["properties"]["tags"]["items"];
    let valid = validator(tag);
    let spaces = || ('\0'..='\u{3000}').filter(|c| c.is_whitespace());
    for c in ('\0'..='\u{9f}').chain(spaces()) {
        for text in [format!("{c}"), format!("a{c}"), format!("{c}a"), format!("a{c}a"), format!("a {c} a")] {
            assert_eq!(valid.is_valid(&json!(text)), Tag::parse(&text).is_ok(), "{text:?}");
        }
    }
}

#[test]
fn every_link_provides_parameters_that_its_operation_has() {
    let document = local::openapi::document();
    let operations =
        || document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let operation = |name: &Value| operations().find(|operation| operation["operationId"] == *name).unwrap();
    let mut reached = BTreeSet::new();
    let answers = operations().flat_map(|operation| operation["responses"].as_object().unwrap().values());
    for link in answers.filter_map(|answer| answer["links"].as_object()).flat_map(|links| links.values()) {
        let takes = operation(&link["operationId"])["parameters"].as_array().unwrap();
        let given = link["parameters"].as_object().unwrap();
        assert!(given.keys().all(|name| takes.iter().any(|parameter| parameter["name"] == **name)), "{link}");
        assert!(given.contains_key("customerId") || given.contains_key("phone"), "{link}");
        reached.insert(link["operationId"].as_str().unwrap());
    }
    let about_a_customer = operations().filter(|operation| {
        operation["parameters"].as_array().unwrap().iter().any(|parameter| parameter["name"] == "customerId")
    });
    for operation in about_a_customer {
        assert!(reached.contains(operation["operationId"].as_str().unwrap()), "{}", operation["operationId"]);
    }
}

#[test]
fn the_reference_and_the_code_accept_the_same_regions() {
    let document = local::openapi::document();
    let region = &document["components"]["schemas"]["SettingsPut"]["properties"]["region"];
    let valid = validator(region);
    let signs = || ('\0'..='\u{17f}').chain(['\u{212a}']);
    for text in signs().flat_map(|a| signs().map(move |b| format!("{a}{b}"))).chain(["I".into(), "IEE".into()]) {
        assert_eq!(valid.is_valid(&json!(text)), Region::parse(&text).is_ok(), "{text:?}");
    }
}

#[test]
fn every_code_is_used_by_an_operation() {
    let document = local::openapi::document();
    let responses = document["components"]["responses"].as_object().unwrap();
    let told: BTreeSet<_> = responses
        .values()
        .flat_map(|response| response["x-codes"].as_array().unwrap())
        .filter_map(Value::as_str)
        .collect();
    // A wrong method belongs to a route and not to an operation.
    let known = Code::ALL.iter().map(|code| code.as_str()).filter(|code| *code != "method_not_allowed");
    assert_eq!(told, known.collect());
}

#[test]
fn every_reference_in_the_document_has_a_target() {
    let document = local::openapi::document();
    let text = document.to_string();
    let references: Vec<_> = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(references.len() > 100);
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}
