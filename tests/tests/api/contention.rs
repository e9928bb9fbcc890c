//! What DynamoDB does under contention and load, which the embedded one never does: conflicts are tried again, a
//! bounded number of times; what does not pass ends in 503 with `Retry-After`.

use std::collections::BTreeSet;

use api_tests::{Fault, TestApp};
use serde_json::{Value, json};

const CONFLICT: &str = "TransactionConflictException";

#[tokio::test]
async fn a_create_outlives_conflicts_of_its_transaction() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        app.wire.inject(Fault::cancellation(&["None", "TransactionConflict"]));
    }
    let created = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((created.status, app.wire.faults_left()), (201, 0), "{created:?}");
}

#[tokio::test]
async fn every_write_outlives_a_conflict() {
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
async fn conflicts_without_end_are_503_and_write_nothing() {
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
async fn throttling_and_a_failing_dynamodb_are_503_without_a_word_of_why() {
    for fault in [
        Fault::exception("GetItem", "ProvisionedThroughputExceededException"),
        Fault::exception("GetItem", "ThrottlingException"),
        Fault { status: 500, ..Fault::exception("GetItem", "InternalServerError") },
        // Something between us and DynamoDB, with a code that is not DynamoDB's or without one.
        Fault { status: 502, body: json!("bad gateway"), ..Fault::exception("GetItem", "") },
        Fault { status: 507, ..Fault::exception("GetItem", "SomethingNew") },
        Fault { status: 500, body: json!({}), ..Fault::exception("GetItem", "") },
        Fault { status: 429, body: json!({}), ..Fault::exception("GetItem", "") },
    ] {
        let app = TestApp::start().await;
        let id = app.operator().register_id("0871234567").await;
        // More than the SDK's own retries; the settings are cached by the create.
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
async fn a_request_that_dynamodb_refuses_is_500_without_a_word_of_why() {
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
async fn a_throttled_transaction_is_tried_again_and_ends_in_503() {
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
async fn a_transaction_that_is_cancelled_without_a_reason_is_tried_again() {
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

/// A passenger's app brings its saved places.
async fn save_at_once(app: &TestApp, count: usize) {
    let id = app.operator().register_id("0871234567").await;
    let path = format!("customer/{id}/addresses");
    let saves = (0..count).map(|n| {
        let (passenger, path) = (app.passenger(&id), path.clone());
        // Every tenth save is of a place that another one saves too.
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
async fn forty_addresses_saved_at_once_are_all_saved_though_transactions_conflict() {
    let app = TestApp::start().await;
    app.wire.let_transactions_conflict();
    save_at_once(&app, 40).await;
    assert!(app.wire.conflicts() > 0, "nothing conflicted");
}

#[tokio::test]
async fn two_hundred_creates_of_one_phone_are_one_customer_though_transactions_conflict() {
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
async fn an_item_that_is_not_ours_is_500_and_not_a_broken_answer() {
    use shared::domain::{ClientId, CustomerId};
    use shared::store::keys;
    let app = TestApp::start().await;
    let key = keys::customer(&ClientId::parse("demo").unwrap(), &CustomerId::parse("odd").unwrap());
    app.dynamodb.put_item().table_name(app.table()).set_item(Some(key.attributes())).send().await.unwrap();
    let refused = app.operator().get("customer/odd").await;
    refused.assert_problem(500, "internal_error");
    assert_silent(&refused.body);
}

/// Nothing of DynamoDB, the SDK or the keys is in an answer.
fn assert_silent(problem: &Value) {
    let text = problem.to_string();
    for word in ["Dynamo", "Exception", "injected", "#CUSTOMER#", "PROFILE", "missing field"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}
