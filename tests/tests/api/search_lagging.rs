//! Searches while the indexes are behind, missing or throttled.

use api_tests::{Fault, TestApp};
use serde_json::{Value, json};

use crate::search_customers::{ids, search};

/// Questions that find the customer below.
const QUESTIONS: [(&str, &str); 5] =
    [("limit", "20"), ("name", "by"), ("name", "aoife"), ("email", "a@example.com"), ("phoneEnding", "0042")];

fn aoife() -> Value {
    json!({ "phone": "0871000042", "firstName": "Aoife", "lastName": "Byrne", "email": "a@example.com" })
}

#[tokio::test]
async fn what_an_index_that_is_behind_shows_is_never_stale() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let id = operator.post("customer", aoife()).await.body["id"].as_str().unwrap().to_owned();
    let record = format!("customer/{id}");
    app.stop_indexes().await;

    // A change that is no answer to the question is shown.
    let rated = operator.post(&record, json!({ "rating": 90 })).await.body;
    for (parameter, value) in QUESTIONS {
        assert_eq!(search(&operator, parameter, value).await.body["items"], json!([rated]), "{parameter}={value}");
    }
    // What no longer matches is not shown, and what matches now may be missing.
    let changes = json!({ "phone": "0861000043", "firstName": "Orla", "lastName": "Kelly", "email": "b@example.com" });
    let changed = operator.post(&record, changes).await;
    for (parameter, value) in &QUESTIONS[1..] {
        assert_eq!(ids(&search(&operator, parameter, value).await), [""; 0], "{parameter}={value}");
    }
    assert_eq!(ids(&search(&operator, "name", "kelly").await), [""; 0]);
    assert_eq!(operator.get("customer").await.body["items"], json!([changed.body]));
    let new = operator.register("0851000044").await;
    assert_eq!(operator.get("customer").await.body["items"], json!([changed.body]));
    // Reads by id and by phone do not lag.
    assert_eq!(operator.get("customer/phone?phone=0851000044").await.body, new);

    assert_eq!(operator.delete(&record).await.status, 204);
    for (parameter, value) in QUESTIONS {
        assert_eq!(ids(&search(&operator, parameter, value).await), [""; 0], "{parameter}={value}");
    }
    app.wire.query_indexes_of(None);
    assert_eq!(operator.get("customer").await.body["items"], json!([new]));
}

#[tokio::test]
async fn a_search_is_503_until_its_index_is_there_or_filled() {
    let app = TestApp::start().await;
    let operator = app.operator();
    operator.get("customer").await;
    for message in [
        "The table does not have the specified index: lastName",
        "Cannot read from backfilling global secondary index: lastName",
    ] {
        let mut fault = Fault::exception("Query", "ValidationException");
        fault.body["message"] = json!(message);
        app.wire.inject(fault);
        search(&operator, "name", "byrne").await.assert_problem(503, "unavailable");
    }
    app.wire.inject(Fault::exception("Query", "ValidationException"));
    search(&operator, "name", "byrne").await.assert_problem(500, "internal_error");
}

/// The response to a batch read of which nothing was processed.
fn unprocessed(key: &Value) -> Fault {
    let keys = json!({ "customers": { "Keys": [key], "ConsistentRead": true } });
    let body = json!({ "Responses": { "customers": [] }, "UnprocessedKeys": keys });
    Fault { operation: "BatchGetItem", status: 200, body, after: 0 }
}

#[tokio::test]
async fn keys_that_a_batch_read_leaves_out_are_read_again_and_a_throttled_one_is_503() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let created = operator.post("customer", aoife()).await.body;
    let key = json!({
        "pk": { "S": format!("demo#CUSTOMER#{}", created["id"].as_str().unwrap()) }, "sk": { "S": "PROFILE" },
    });
    app.wire.take_calls();
    for _ in 0..3 {
        app.wire.inject(unprocessed(&key));
    }
    assert_eq!(search(&operator, "name", "byrne").await.body["items"], json!([created]));
    let calls: Vec<_> = app.wire.take_calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(calls, [&["Query"; 2][..], &["BatchGetItem"; 4]].concat());

    for _ in 0..30 {
        app.wire.inject(unprocessed(&key));
    }
    search(&operator, "email", "a@example.com").await.assert_problem(503, "unavailable");
    assert!(app.wire.faults_left() > 0, "a search tries for ever");
}

#[tokio::test]
async fn a_throttled_query_or_batch_read_is_503() {
    for operation in ["Query", "BatchGetItem"] {
        let app = TestApp::start().await;
        let operator = app.operator();
        operator.post("customer", aoife()).await;
        for _ in 0..10 {
            app.wire.inject(Fault::exception(operation, "ProvisionedThroughputExceededException"));
        }
        search(&operator, "name", "byrne").await.assert_problem(503, "unavailable");
    }
}
