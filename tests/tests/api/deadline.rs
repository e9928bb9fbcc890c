//! A store that hangs or is slow: the deadline of a request ends it in 503 with `Retry-After`, before Lambda's timeout
//! could end it in the gateway's 502.

use std::time::Duration;

use api_tests::{Answer, Fault, TestApp, events};
use local::functions::{served, services};
use local::table::TEMPLATE;
use serde_json::json;
use shared::api::pipeline::DEADLINE;

/// Much less than a test may take, and nothing that a store which hangs could beat.
const SHORT: Duration = Duration::from_millis(100);

/// The answer of an operation to its event, on a store that the deadline is too short for.
async fn answer(app: &TestApp, function: &str, name: &str) -> Answer {
    let function = services(&app.state().with_deadline(SHORT)).remove(function).unwrap();
    let mut event = events::named(name);
    event["requestContext"]["stage"] = json!("$default");
    Answer::read(local::gateway::invoke(function, &event).await.unwrap()).await
}

#[tokio::test]
async fn every_operation_on_a_store_that_hangs_is_503() {
    let app = TestApp::start().await;
    events::seed(&app.dynamodb, app.table()).await;
    app.wire.hang();
    for (operation, function) in served() {
        if operation.is_public() {
            continue;
        }
        let refused = answer(&app, function, operation.name()).await;
        refused.assert_problem(503, "unavailable");
        assert_eq!(refused.header("retry-after").as_deref(), Some("1"), "{}", operation.name());
    }
}

#[tokio::test]
async fn a_store_that_answers_slowly_and_with_conflicts_is_503() {
    let app = TestApp::start().await;
    events::seed(&app.dynamodb, app.table()).await;
    for _ in 0..50 {
        app.wire.inject(Fault::exception("UpdateItem", "TransactionConflictException"));
    }
    // No call outlasts the deadline, but all of them together do.
    app.wire.slow_down(SHORT / 4);
    answer(&app, "tags", "addTag").await.assert_problem(503, "unavailable");
    assert!(app.wire.faults_left() > 0, "the retries ended by themselves");
}

#[tokio::test]
async fn a_write_that_was_cut_off_can_be_sent_again() {
    let app = TestApp::start().await;
    app.wire.slow_down(SHORT * 2);
    answer(&app, "customers", "createCustomer").await.assert_problem(503, "unavailable");
    app.wire.slow_down(Duration::ZERO);
    let phone = json!({ "phone": "086 123 4567" });
    let again = app.operator().post("customer", phone.clone()).await;
    assert!(matches!(again.status, 200 | 201), "{again:?}");
    assert_eq!(app.operator().post("customer", phone).await.body["id"], again.body["id"]);
}

#[test]
fn a_function_outlasts_the_deadline_and_the_gateway_outlasts_the_function() {
    let template: serde_yaml::Value = serde_yaml::from_str(TEMPLATE).unwrap();
    let timeout = template["Globals"]["Function"]["Timeout"].as_u64().unwrap();
    assert!((DEADLINE.as_secs() + 2..29).contains(&timeout), "{timeout}");
}
