//! Contention and load, which the embedded DynamoDB never has. Conflicts are retried a limited number of times; then
//! the response is 503 with `Retry-After`.

use std::collections::BTreeSet;

use api_tests::{Fault, TestApp};
use serde_json::{Value, json};

const CONFLICT: &str = "TransactionConflictException";

#[tokio::test]
async fn a_create_retries_conflicts_of_its_transaction() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        app.wire.inject(Fault::cancellation(&["None", "TransactionConflict"]));
    }
    let created = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((created.status, app.wire.faults_left()), (201, 0), "{created:?}");
}

#[tokio::test]
async fn every_write_retries_a_conflict() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let id = operator.register_id("0871234567").await;
    let record = format!("customer/{id}");
    let place = json!({ "address": "1 Main Street", "latitude": 53.1, "longitude": -6.1 });

    app.wire.inject(Fault::exception("UpdateItem", CONFLICT));
    assert_eq!(operator.post(&record, json!({ "firstName": "Aoife" })).await.body["version"], 2);
    app.wire.inject(Fault::exception("UpdateItem", CONFLICT));
    assert_eq!(operator.post_empty(&format!("{record}/tag/vip")).await.body["version"], 3);
    app.wire.inject(Fault::exception("UpdateItem", CONFLICT));
    assert_eq!(operator.delete(&format!("{record}/tag/vip")).await.body["version"], 4);
    app.wire.inject(Fault::exception("UpdateItem", CONFLICT));
    let linked = operator.post("brand/city/customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((linked.status, &linked.body["version"]), (200, &json!(5)));
    app.wire.inject(Fault::cancellation(&["TransactionConflict", "None", "None"]));
    assert_eq!(operator.post(&record, json!({ "phone": "0861234567" })).await.body["version"], 6);
    app.wire.inject(Fault::cancellation(&["TransactionConflict", "None"]));
    let saved = operator.post(&format!("{record}/addresses"), place).await;
    assert_eq!(saved.status, 201, "{saved:?}");
    app.wire.inject(Fault::cancellation(&["TransactionConflict", "None"]));
    let address = saved.body["id"].as_str().unwrap();
    assert_eq!(operator.delete(&format!("{record}/addresses/{address}")).await.status, 204);
    app.wire.inject(Fault::cancellation(&["TransactionConflict", "None", "None"]));
    assert_eq!(operator.delete(&record).await.status, 204);
    assert_eq!(app.wire.faults_left(), 0);
    operator.get(&record).await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn endless_conflicts_are_503_and_write_nothing() {
    let app = TestApp::start().await;
    for _ in 0..50 {
        app.wire.inject(Fault::cancellation(&["None", "TransactionConflict"]));
    }
    let refused = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    refused.assert_problem(503, "unavailable");
    let tried = 50 - app.wire.faults_left();
    assert!((2..=15).contains(&tried), "tried {tried} times");
}

#[tokio::test]
async fn throttling_and_failures_of_dynamodb_are_503_without_details() {
    for fault in [
        Fault::exception("GetItem", "ProvisionedThroughputExceededException"),
        Fault::exception("GetItem", "ThrottlingException"),
        Fault { status: 500, ..Fault::exception("GetItem", "InternalServerError") },
        // A proxy responds instead of DynamoDB, with another code or without one.
        Fault { status: 502, body: json!("bad gateway"), ..Fault::exception("GetItem", "") },
        Fault { status: 507, ..Fault::exception("GetItem", "SomethingNew") },
        Fault { status: 500, body: json!({}), ..Fault::exception("GetItem", "") },
        Fault { status: 429, body: json!({}), ..Fault::exception("GetItem", "") },
    ] {
        let app = TestApp::start().await;
        let id = app.operator().register_id("0871234567").await;
        // More faults than the SDK retries. The create has cached the settings.
        for _ in 0..10 {
            app.wire.inject(fault.clone());
        }
        let refused = app.operator().get(&format!("customer/{id}")).await;
        refused.assert_problem(503, "unavailable");
        assert_eq!(refused.header("retry-after").as_deref(), Some("1"));
        assert_silent(&refused.body);
    }
}

#[tokio::test]
async fn a_request_that_dynamodb_refuses_is_500_without_details() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    for name in ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"] {
        app.wire.inject(Fault::exception("GetItem", name));
        let refused = app.operator().get(&format!("customer/{id}")).await;
        refused.assert_problem(500, "internal_error");
        assert_silent(&refused.body);
    }
}

#[tokio::test]
async fn a_throttled_transaction_is_retried_and_ends_in_503() {
    let app = TestApp::start().await;
    app.wire.inject(Fault::cancellation(&["ThrottlingError", "None"]));
    let created = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((created.status, app.wire.faults_left()), (201, 0), "{created:?}");
    for _ in 0..20 {
        app.wire.inject(Fault::cancellation(&["ProvisionedThroughputExceeded", "None"]));
    }
    let refused = app.operator().post("customer", json!({ "phone": "0861234567" })).await;
    refused.assert_problem(503, "unavailable");
}

#[tokio::test]
async fn a_transaction_that_is_cancelled_without_a_reason_is_retried() {
    let app = TestApp::start().await;
    app.wire.inject(Fault::exception("TransactWriteItems", "TransactionCanceledException"));
    app.wire.inject(Fault::cancellation(&["None", "None"]));
    let created = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((created.status, app.wire.faults_left()), (201, 0), "{created:?}");
    for _ in 0..20 {
        app.wire.inject(Fault::exception("TransactWriteItems", "TransactionCanceledException"));
    }
    let refused = app.operator().post("customer", json!({ "phone": "0861234567" })).await;
    refused.assert_problem(503, "unavailable");
}

/// Saves many addresses at once, as an app does that uploads a passenger's places.
async fn save_at_once(app: &TestApp, count: usize) {
    let id = app.operator().register_id("0871234567").await;
    let path = format!("customer/{id}/addresses");
    let saves = (0..count).map(|n| {
        let (passenger, path) = (app.passenger(&id), path.clone());
        // Another save also saves every tenth place.
        let longitude = n - usize::from(n % 10 == 9);
        let place = json!({ "address": "1 Main Street", "latitude": 53, "longitude": longitude });
        tokio::spawn(async move { passenger.post(&path, place).await })
    });
    let mut created = 0;
    for answer in saves.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        created += usize::from(answer.status == 201);
    }
    let list = app.operator().get(&path).await.body;
    let places: BTreeSet<_> =
        list["items"].as_array().unwrap().iter().map(|place| place["longitude"].to_string()).collect();
    let expected = count - count / 10;
    assert_eq!((created, list["items"].as_array().unwrap().len(), places.len()), (expected, expected, expected));
}

#[tokio::test]
async fn forty_addresses_saved_at_once_are_all_saved() {
    save_at_once(&TestApp::start().await, 40).await;
}

#[tokio::test]
async fn forty_addresses_saved_at_once_are_all_saved_despite_conflicts() {
    let app = TestApp::start().await;
    app.wire.let_transactions_conflict();
    save_at_once(&app, 40).await;
    assert!(app.wire.conflicts() > 0, "nothing conflicted");
}

#[tokio::test]
async fn two_hundred_creates_of_one_phone_are_one_customer_despite_conflicts() {
    let app = TestApp::start().await;
    app.wire.let_transactions_conflict();
    let creates = (0..200).map(|_| {
        let operator = app.operator();
        tokio::spawn(async move { operator.post("customer", json!({ "phone": "0871234567" })).await })
    });
    let mut created = 0;
    let mut ids = BTreeSet::new();
    for answer in creates.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        created += usize::from(answer.status == 201);
        ids.insert(answer.body["id"].as_str().unwrap().to_owned());
    }
    assert_eq!((created, ids.len()), (1, 1));
    assert!(app.wire.conflicts() > 0, "nothing conflicted");
}

#[tokio::test]
async fn an_unreadable_item_is_500() {
    use shared::domain::{ClientId, CustomerId};
    use shared::store::keys;
    let app = TestApp::start().await;
    let key = keys::customer(&ClientId::parse("demo").unwrap(), &CustomerId::parse("odd").unwrap());
    app.dynamodb.put_item().table_name(app.table()).set_item(Some(key.attributes())).send().await.unwrap();
    let refused = app.operator().get("customer/odd").await;
    refused.assert_problem(500, "internal_error");
    assert_silent(&refused.body);
}

/// Asserts that a response mentions neither DynamoDB nor the SDK nor a key.
fn assert_silent(problem: &Value) {
    let text = problem.to_string();
    for word in ["Dynamo", "Exception", "injected", "#CUSTOMER#", "PROFILE", "missing field"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}
