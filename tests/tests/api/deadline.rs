//! A store that hangs or is slow. The deadline ends a request in 503 with `Retry-After`, before Lambda's timeout would
//! end it in the gateway's 502.

use std::time::Duration;

use api_tests::{Answer, Fault, TestApp, events};
use local::functions::{served, services};
use local::table::TEMPLATE;
use serde_json::json;
use shared::api::pipeline::DEADLINE;

/// A short deadline, which a hanging store always exceeds.
const SHORT: Duration = Duration::from_millis(100);

/// The response of an operation to its event, on a store that is slower than the deadline.
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
async fn a_slow_store_with_conflicts_is_503() {
    let app = TestApp::start().await;
    events::seed(&app.dynamodb, app.table()).await;
    for _ in 0..50 {
        app.wire.inject(Fault::exception("UpdateItem", "TransactionConflictException"));
    }
    // Each call is shorter than the deadline, but all of them together are longer.
    app.wire.slow_down(SHORT / 4);
    answer(&app, "tags", "addTag").await.assert_problem(503, "unavailable");
    assert!(app.wire.faults_left() > 0, "the retries ended by themselves");
}

#[tokio::test]
async fn an_aborted_write_can_be_retried() {
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
fn the_timeouts_of_deadline_function_and_gateway_increase_in_this_order() {
    let template: serde_yaml::Value = serde_yaml::from_str(TEMPLATE).unwrap();
    let timeout = template["Globals"]["Function"]["Timeout"].as_u64().unwrap();
    assert!((DEADLINE.as_secs() + 2..29).contains(&timeout), "{timeout}");
}
