//! Pages of other origins: preflights, and the headers that let a page read a response.
//!
//! `Answer::check` asserts the headers of every response that any test gets through the gateway.

use std::collections::BTreeSet;

use api_tests::{Answer, Session, TestApp, events};
use http::Request;
use local::access::Access;
use local::gateway::{Gateway, invoke};
use serde_json::json;
use shared::api::Operation;
use shared::api::cors::{ALLOWED_HEADERS, AllowedOrigin, MAX_AGE};
use shared::app::App;
use tower::ServiceExt as _;

use crate::operations;

const PAGE: &str = "https://app.city.example";

/// The path of an operation, with ids.
fn path_of(operation: Operation) -> String {
    operations::path(operation.path(), |name| match name {
        "clientId" => "demo",
        "file" => "site.js",
        _ => "x1",
    })
}

async fn preflight(caller: &Session, path: &str, method: &str) -> Answer {
    let headers = [
        ("origin", PAGE),
        ("access-control-request-method", method),
        ("access-control-request-headers", "authorization,content-type,if-match"),
    ];
    caller.send("OPTIONS", path, &headers, Vec::new()).await
}

/// The entries of a header that is a list.
fn list(answer: &Answer, name: &str) -> BTreeSet<String> {
    answer.header(name).unwrap_or_default().split(", ").map(str::to_owned).collect()
}

#[tokio::test]
async fn a_preflight_of_every_operation_is_answered_without_a_token() {
    let app = TestApp::start().await;
    for operation in Operation::ALL {
        let answer = preflight(&app.stranger(), &path_of(*operation), operation.method().as_str()).await;
        assert_eq!((answer.status, answer.bytes.len()), (204, 0), "{}", operation.name());
        let on_path = Operation::ALL.iter().filter(|other| other.path() == operation.path());
        let methods: BTreeSet<_> = on_path.map(|other| other.method().to_string()).collect();
        assert_eq!(list(&answer, "access-control-allow-methods"), methods, "{}", operation.name());
        assert_eq!(answer.header("access-control-allow-headers").as_deref(), Some(ALLOWED_HEADERS));
        assert_eq!(answer.header("access-control-max-age").as_deref(), Some(MAX_AGE));
        // It answers for every caller the same.
        assert_eq!((answer.header("vary"), answer.header("access-control-allow-credentials")), (None, None));
    }
    assert!(app.wire.take_calls().is_empty());
}

#[tokio::test]
async fn a_preflight_allows_every_header_that_an_operation_reads() {
    let allowed = ALLOWED_HEADERS.to_ascii_lowercase();
    let allowed: BTreeSet<_> = allowed.split(", ").collect();
    let conditions = Operation::ALL.iter().filter_map(|operation| operation.condition());
    let mut read: BTreeSet<_> = conditions.map(|name| name.to_string()).collect();
    read.extend(["authorization", "content-type"].map(str::to_owned));
    assert_eq!(allowed, read.iter().map(String::as_str).collect());
}

#[tokio::test]
async fn a_page_can_read_that_its_preflight_was_for_no_route() {
    let app = TestApp::start().await;
    for path in ["/client/demo/nowhere", "/nowhere", "/"] {
        let answer = preflight(&app.stranger(), path, "GET").await;
        answer.assert_problem(404, "route_not_found");
        assert_eq!(answer.header("access-control-allow-methods"), None, "{path}");
    }
}

#[tokio::test]
async fn a_function_answers_a_preflight_and_calls_nothing() {
    let app = TestApp::start().await;
    app.wire.take_calls();
    let mut event = events::named(events::PREFLIGHT);
    event["requestContext"]["stage"] = json!("$default");
    let answer = Answer::read(invoke(app.function("customers"), &event).await.unwrap()).await;
    events::assert_preflight(&answer);
    assert!(app.wire.take_calls().is_empty());
}

/// A gateway that allows `origin`, and the id of a customer.
async fn gateway(app: &TestApp, access: Access, origin: Option<&str>) -> (axum::Router, String) {
    let id = app.operator().register_id("0871234567").await;
    let state: App = app.state();
    let origin = origin.map(|origin| origin.parse::<AllowedOrigin>().unwrap());
    (
        Gateway::new(&state, access, ([127, 0, 0, 1], 3000).into(), origin).into_router(),
        format!("/client/demo/customer/{id}"),
    )
}

async fn sent(gateway: &axum::Router, method: &str, path: &str, origin: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:3000");
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    let request = request.body(axum::body::Body::empty()).unwrap();
    Answer::read(gateway.clone().oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn a_deployment_can_allow_one_origin() {
    let app = TestApp::start().await;
    let authorizer = app.issuer.authorizer(shared::clock::Clock::system()).unwrap();
    let (gateway, path) = gateway(&app, Access::Tokens(authorizer), Some(PAGE)).await;
    // The header is the same for every page, and a browser compares it with the origin of its page.
    for origin in [Some(PAGE), Some("https://evil.example"), None] {
        for (method, path, status) in
            [("OPTIONS", path.as_str(), 204), ("GET", &path, 401), ("GET", "/nowhere", 404), ("GET", "/docs", 200)]
        {
            let answer = sent(&gateway, method, path, origin).await;
            assert_eq!(answer.status, status, "{method} {path}");
            assert_eq!(answer.header("access-control-allow-origin").as_deref(), Some(PAGE), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn without_an_allowed_origin_no_response_has_the_headers() {
    let app = TestApp::start().await;
    let (gateway, path) = gateway(&app, Access::Open, None).await;
    for (method, path) in [("OPTIONS", path.as_str()), ("GET", &path), ("GET", "/nowhere")] {
        let answer = sent(&gateway, method, path, None).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{method} {path}: {}", answer.status);
        assert_eq!(answer.header("access-control-expose-headers"), None, "{method} {path}: {}", answer.status);
    }
}

#[tokio::test]
async fn without_authentication_only_the_allowed_origin_gets_data() {
    let app = TestApp::start().await;
    let (gateway, path) = gateway(&app, Access::Open, Some(PAGE)).await;
    for (origin, status) in [(Some(PAGE), 200), (None, 200), (Some("https://evil.example"), 403), (Some("null"), 403)] {
        assert_eq!(sent(&gateway, "GET", &path, origin).await.status, status, "{origin:?}");
    }
}
