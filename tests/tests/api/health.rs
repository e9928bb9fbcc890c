//! getHealth and headHealth

use api_tests::{Fault, TestApp};
use serde_json::json;

#[tokio::test]
async fn health_returns_the_version_without_a_token_and_calls_nothing() {
    let app = TestApp::start().await;
    for path in ["/health", "/health?deep=false"] {
        let answer = app.stranger().get(path).await;
        let body = json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "functionVersion": null });
        assert_eq!((answer.status, &answer.body), (200, &body), "{path}");
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    }
    assert!(app.wire.take_all_calls().is_empty());
}

#[tokio::test]
async fn a_deep_check_reads_one_missing_item() {
    let app = TestApp::start().await;
    assert_eq!(app.stranger().get("/health?deep=true").await.status, 200);
    let calls = app.wire.take_all_calls();
    let [call] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!(call.operation, "GetItem");
    assert_eq!(call.request["Key"]["pk"]["S"], "#HEALTH");
    assert!((call.capacity - 1.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn an_unreadable_table_fails_only_a_deep_check() {
    let app = TestApp::start().await;
    let fault = || Fault::exception("GetItem", "ResourceNotFoundException");
    app.wire.inject(fault());
    app.stranger().get("/health?deep=true").await.assert_problem(500, "internal_error");
    app.wire.inject(fault());
    assert_eq!(app.stranger().get("/health").await.status, 200);
    assert_eq!(app.wire.faults_left(), 1);
}

#[tokio::test]
async fn head_has_the_response_of_get_without_a_body() {
    let app = TestApp::start().await;
    for path in ["/health", "/health?deep=true"] {
        let answer = app.stranger().send("HEAD", path, &[], Vec::new()).await;
        assert_eq!((answer.status, answer.bytes.len()), (200, 0), "{path}");
        assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    }
    assert_eq!(app.wire.take_all_calls().len(), 1);
}

#[tokio::test]
async fn any_other_value_of_deep_is_refused() {
    let app = TestApp::start().await;
    for (query, code) in [("deep=", "wrong_type"), ("deep=1", "wrong_type"), ("deep=true&deep=true", "repeated")] {
        let answer = app.stranger().get(&format!("/health?{query}")).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.errors(), [("deep".to_owned(), code.to_owned())], "{query}");
    }
}

#[tokio::test]
async fn another_method_is_not_allowed() {
    let app = TestApp::start().await;
    let answer = app.stranger().send("POST", "/health", &[], Vec::new()).await;
    answer.assert_problem(405, "method_not_allowed");
}
