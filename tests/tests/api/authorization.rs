//! Tokens at the gateway: which operations each token allows.

use api_tests::{NOW, Session, TENANT, TestApp};
use local::issuer::Issuer;
use serde_json::json;
use shared::api::Caller;

use crate::operations::{self, Declared};
use crate::roles::is_open;
use crate::stored;

/// A token of each role of the tenant `client`.
fn each_role(app: &TestApp, client: &str, brand: &str, customer: &str) -> [(&'static str, Session); 5] {
    [
        ("operator", app.bearer(client, "operator", None, None)),
        ("integration", app.bearer(client, "integration", None, None)),
        ("admin", app.bearer(client, "admin", None, None)),
        ("app", app.bearer(client, "app", Some(brand), None)),
        ("passenger", app.bearer(client, "passenger", None, Some(customer))),
    ]
}

/// Calls every operation with a plausible body, on a customer and a brand of [`TENANT`].
async fn call_all(caller: &Session, customer: &str, brand: &str, mut check: impl FnMut(&Declared, api_tests::Answer)) {
    for operation in operations::all() {
        let answer = operation.call(caller, TENANT, customer, brand).await;
        check(&operation, answer);
    }
}

#[tokio::test]
async fn a_token_allows_the_operations_of_its_role() {
    let app = TestApp::start().await;
    for (role, caller) in each_role(&app, TENANT, "city", "p1") {
        call_all(&caller, "p1", "city", |operation, answer| {
            if is_open(role, operation.name) {
                assert!(matches!(answer.status, 200 | 201 | 204 | 404 | 409), "{role} {}: {answer:?}", operation.name);
            } else {
                assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{role} {}", operation.name);
            }
        })
        .await;
    }
}

#[tokio::test]
async fn the_functions_learn_the_session_from_the_token() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    for (epoch, status) in [(0, 200), (1, 401)] {
        let passenger = Caller::from_parts(TENANT, "passenger", None, Some(&id)).unwrap();
        let token = app.issuer.token(&passenger.in_session("s1", epoch).unwrap(), NOW, NOW + 60).unwrap();
        let answer = app.with_authorization(&format!("Bearer {token}")).get(&format!("customer/{id}")).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn a_token_of_another_tenant_customer_or_brand_is_403() {
    let app = TestApp::start().await;
    let created = app.operator().post("brand/night/customer", json!({ "phone": "0871234567" })).await.body;
    let id = created["id"].as_str().unwrap();
    let before = stored::items(&app).await;
    let _ = app.wire.take_all_calls();
    let mut callers = each_role(&app, "other", "night", id).to_vec();
    callers.push(("app", app.bearer(TENANT, "app", Some("city"), None)));
    callers.push(("passenger", app.bearer(TENANT, "passenger", None, Some("p1"))));
    for (role, caller) in callers {
        call_all(&caller, id, "night", |operation, answer| {
            assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{role} {}", operation.name);
        })
        .await;
    }
    assert!(app.wire.take_all_calls().is_empty(), "something was read for a stranger");
    assert_eq!(stored::items(&app).await, before);
}

#[tokio::test]
async fn without_a_valid_token_every_operation_is_401() {
    let app = TestApp::start().await;
    let operator = Caller::from_parts(TENANT, "operator", None, None).unwrap();
    let good = app.issuer.token(&operator, NOW, NOW + 60).unwrap();
    let stranger = Issuer::generate().unwrap();
    let (signed, _) = good.rsplit_once('.').unwrap();
    let leeway = shared::api::caller::LEEWAY;
    let bad = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Basic {good}"),
        good.clone(),
        format!("Bearer {signed}"),
        format!("Bearer {signed}."),
        format!("Bearer {}", &good[..good.len() - 2]),
        format!("Bearer {good} {good}"),
        format!("Bearer {}", stranger.token(&operator, NOW, NOW + 60).unwrap()),
        format!("Bearer {}", app.issuer.token(&operator, NOW - 60, NOW - leeway).unwrap()),
    ];
    let mut callers: Vec<_> = bad.iter().map(|header| (header.as_str(), app.with_authorization(header))).collect();
    callers.push(("no header", app.stranger()));
    for (what, caller) in callers {
        call_all(&caller, "c1", "city", |operation, answer| {
            assert_eq!((answer.status, answer.code()), (401, "unauthorized"), "{what} {}", operation.name);
        })
        .await;
    }
    assert!(app.wire.take_all_calls().is_empty());
    let known = app.with_authorization(&format!("Bearer {good}")).get("customer/c1").await;
    known.assert_problem(404, "not_found");
}

#[tokio::test]
async fn a_request_with_two_tokens_is_401() {
    let app = TestApp::start().await;
    let caller = app.bearer(TENANT, "operator", None, None);
    let answer = caller.send("GET", "customer/c1", &[("authorization", "Bearer x")], Vec::new()).await;
    answer.assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn an_expired_token_is_401() {
    let app = TestApp::start().await;
    let caller = app.bearer(TENANT, "operator", None, None);
    app.pass(60 + shared::api::caller::LEEWAY - 1);
    caller.get("customer/c1").await.assert_problem(404, "not_found");
    app.pass(1);
    caller.get("customer/c1").await.assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn unknown_route_returns_404_without_a_token() {
    let app = TestApp::start().await;
    app.stranger().get("/nowhere").await.assert_problem(404, "route_not_found");
    app.stranger().send("PATCH", "customer/c1", &[], Vec::new()).await.assert_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn the_body_of_an_unauthenticated_request_is_not_read() {
    let app = TestApp::start().await;
    let eleven_megabytes = vec![b' '; 11 * 1024 * 1024];
    let answer = app.stranger().send("POST", "customer", &[], eleven_megabytes.clone()).await;
    answer.assert_problem(401, "unauthorized");
    let known = app.bearer(TENANT, "operator", None, None);
    known.send("POST", "customer", &[], eleven_megabytes).await.assert_problem(413, "payload_too_large");
}

#[tokio::test]
async fn the_function_refuses_to_delete_a_customer_for_an_integration() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let integration = app.bearer(TENANT, "integration", None, None);
    integration.delete(&format!("customer/{id}")).await.assert_problem(403, "forbidden");
    let link = integration.delete(&format!("customer/{id}/account/acme")).await;
    assert_eq!(link.status, 200, "the gateway lets an integration's DELETE through: {link:?}");
}

#[tokio::test]
async fn a_function_gets_the_context_of_the_authorizer() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let passenger = app.bearer(TENANT, "passenger", None, Some(&id));
    let seen = passenger.get(&format!("customer/{id}")).await;
    assert_eq!(seen.status, 200);
    assert!(seen.body.get("rating").is_none(), "a passenger's view: {seen:?}");
}
