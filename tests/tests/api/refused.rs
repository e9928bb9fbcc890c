//! Checks of requests that a caller's token does not allow.

use api_tests::{Session, TENANT, TestApp};
use serde_json::{Value, json};

/// Asserts that each of `sessions` gets the same 403 for a record that exists and for one that does not, and that
/// nothing is read or written.
pub(crate) async fn assert_forbidden(
    app: &TestApp,
    sessions: Vec<Session>,
    method: &str,
    paths: [&str; 2],
    body: &Value,
) {
    let _ = app.wire.take_all_calls();
    let mut seen = Vec::new();
    for (session, path) in sessions.iter().flat_map(|session| paths.map(|path| (session, path))) {
        let headers = [("content-type", "application/json")];
        let mut answer = session.send(method, path, &headers, body.to_string().into_bytes()).await;
        answer.assert_problem(403, "forbidden");
        answer.body["requestId"].take();
        seen.push(answer.body);
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:?}");
    assert_eq!(app.wire.take_all_calls().len(), 0, "something was read for a caller who may not");
}

/// Callers of another tenant, with every role.
pub(crate) fn strangers(app: &TestApp, customer: &str) -> Vec<Session> {
    let other = format!("{TENANT}2");
    let contexts = [
        json!({ "clientId": other, "role": "operator" }),
        json!({ "clientId": other, "role": "integration" }),
        json!({ "clientId": other, "role": "admin" }),
        json!({ "clientId": other, "role": "app", "brandId": "city" }),
        json!({ "clientId": other, "role": "passenger", "customerId": customer }),
    ];
    contexts.into_iter().map(|context| app.with_context(context)).collect()
}
