//! The events in `events/`, one for each operation, run against their functions on a seeded table.

use std::fs;
use std::path::Path;

use api_tests::TestApp;
use axum::body::to_bytes;
use local::functions::FUNCTIONS;
use serde_json::{Value, json};
use shared::api::{Operation, edge};
use shared::domain::{AccountId, BrandId, ClientId, Customer, CustomerId, Phone, Region, Tag};
use shared::store::Store;

/// The customer that the events are about.
const CUSTOMER: &str = "01920000-0000-7000-8000-000000000001";

async fn seeded() -> TestApp {
    let app = TestApp::start().await;
    let phone = Phone::parse("+353871234567", Region::parse("IE").unwrap()).unwrap();
    let mut customer = Customer::register(phone, 1_790_000_000);
    customer.id = CustomerId::parse(CUSTOMER).unwrap();
    customer.brands.insert(BrandId::parse("city").unwrap());
    customer.accounts.insert(AccountId::parse("acme").unwrap());
    customer.tags.insert(Tag::vip());
    let store = Store::new(&app.dynamodb, app.table());
    assert_eq!(store.load(&ClientId::parse("demo").unwrap(), &[customer]).await.unwrap(), 1);
    app
}

fn event(operation: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../events/{operation}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is not there", path.display()));
    let mut event: Value = serde_json::from_str(&text).unwrap();
    // On Lambda, AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH keeps the stage out of the path; it is not set here.
    event["requestContext"]["stage"] = json!("$default");
    event
}

#[tokio::test]
async fn every_operation_has_an_event_that_its_function_answers() {
    for (index, (_, routes)) in FUNCTIONS.iter().enumerate() {
        for (method, path, operation) in edge::declared(&routes()) {
            let app = seeded().await;
            let event = event(operation.name());
            assert_eq!((&event["httpMethod"], &event["resource"]), (&json!(method.as_str()), &json!(path)));

            let answer = local::gateway::invoke(app.function(index), &event).await.unwrap();
            let expected = match operation {
                Operation::CreateCustomer | Operation::SaveAddress => 201,
                Operation::DeleteCustomer | Operation::DeleteAddress => 204,
                _ => 200,
            };
            let status = answer.status().as_u16();
            assert_eq!(answer.headers()["x-request-id"], "JKJaXmPLvHcESHA=");
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            assert_eq!(status, expected, "{}: {}", operation.name(), String::from_utf8_lossy(&body));
        }
    }
}

#[test]
fn there_is_no_event_without_an_operation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let names: Vec<_> = names.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), Operation::ALL.len());
    assert!(names.iter().all(|name| Operation::named(name).is_some()), "{names:?}");
}
