//! The events in `events/`, their customer and their expected responses. A test runs them against the code, and the
//! example `emulator` against the built functions.

use std::fs;
use std::path::PathBuf;

use aws_sdk_dynamodb::Client;
use serde_json::{Value, json};
use shared::api::Operation;
use shared::domain::{AccountId, BrandId, ClientId, Customer, CustomerId, Phone, Region, Tag};
use shared::store::Store;

use crate::{Answer, TENANT};

/// The id of the customer in the events.
pub const CUSTOMER: &str = "01920000-0000-7000-8000-000000000001";
/// The name of the authorizer's event. The other events have the names of their operations.
pub const AUTHORIZER: &str = "authorizer";
/// The name of a preflight's event.
pub const PREFLIGHT: &str = "preflight";
/// The `iss` of the authorizer's token.
pub const ISSUER: &str = "https://login.example";
/// Its `aud`.
pub const AUDIENCE: &str = "customers";
/// The public key of its signature, from RFC 8037, appendix A.2.
pub const JWKS: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"rfc8037","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// The request id in every event.
const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

/// All events with their names, sorted by name.
#[must_use]
pub fn all() -> Vec<(String, Value)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../events"));
    let files = fs::read_dir(&folder).expect("a folder of events").map(|entry| entry.expect("an entry").path());
    let mut events: Vec<_> = files
        .map(|file| {
            let name = file.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
            let event = fs::read_to_string(&file).expect("a file");
            (name, serde_json::from_str(&event).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
        })
        .collect();
    events.sort_by(|(one, _), (other, _)| one.cmp(other));
    events
}

/// The event of this name.
#[must_use]
pub fn named(name: &str) -> Value {
    all().into_iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("events/{name}.json is not there")).1
}

/// Puts the customer of the events into an empty table.
pub async fn seed(dynamodb: &Client, table: &str) {
    let phone = Phone::parse("+353871234567", Region::parse("IE").expect("a region")).expect("a phone");
    let mut customer = Customer::register(phone, 1_790_000_000);
    customer.id = CustomerId::parse(CUSTOMER).expect("an id");
    customer.brands.insert(BrandId::parse("city").expect("an id"));
    customer.accounts.insert(AccountId::parse("acme").expect("an id"));
    customer.tags.insert(Tag::vip());
    let store = Store::new(dynamodb, table);
    let loaded = store.load(&ClientId::parse(TENANT).expect("an id"), &[customer]).await;
    assert_eq!(loaded.expect("a table"), 1, "the table was not empty");
}

/// Asserts that this is the response to the event of `operation` on a seeded table.
#[track_caller]
pub fn assert_answer(operation: Operation, answer: &Answer) {
    let expected = match operation {
        Operation::CreateCustomer | Operation::SaveAddress => 201,
        Operation::DeleteCustomer | Operation::DeleteAddress => 204,
        _ => 200,
    };
    assert_eq!(answer.status, expected, "{}: {}", operation.name(), String::from_utf8_lossy(&answer.bytes));
    assert_eq!(answer.header("x-request-id").as_deref(), Some(REQUEST_ID), "{}", operation.name());
    match operation {
        // The responses of these operations are not JSON.
        Operation::GetDocsPage | Operation::GetDocsFile => {}
        Operation::GetHealth => assert_eq!(answer.body["status"], "ok"),
        Operation::HeadHealth => assert!(answer.bytes.is_empty(), "HEAD has no body"),
        Operation::GetOpenapi => assert_eq!(answer.body["openapi"], "3.1.0"),
        _ => answer.check(),
    }
}

/// Asserts that this is the response to the event of a preflight.
#[track_caller]
pub fn assert_preflight(answer: &Answer) {
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(answer.header("x-request-id").as_deref(), Some(REQUEST_ID));
    assert_eq!(answer.header("access-control-allow-methods").as_deref(), Some("DELETE, GET, POST"));
    answer.check();
}

/// The expected response of the authorizer to its event.
#[must_use]
pub fn authorizer_answer() -> Value {
    let stage = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod";
    let resources = ["DELETE", "GET", "POST", "PUT"].map(|method| format!("{stage}/{method}/client/demo/*"));
    json!({
        "principalId": "demo/operator",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{ "Action": ["execute-api:Invoke"], "Effect": "Allow", "Resource": resources }],
        },
        "context": { "clientId": "demo", "role": "operator", "exp": "4102444800" },
        // printf prod/demo | sha256sum
        "usageIdentifierKey": "ab8231f8e05e24e249206845292a4f732ad2de7c86a812582541755effa72d41",
    })
}
