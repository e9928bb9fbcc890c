//! Unknown, malformed and ambiguous paths and methods. The response is a problem, and nothing is read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use api_tests::{Answer, TestApp};
use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Method, Request};
use local::functions::served;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::get_customer::without_request_id;
use crate::operations;

#[tokio::test]
async fn a_malformed_id_is_refused_in_every_position() {
    let app = TestApp::start().await;
    let long = "x".repeat(65);
    let very_long = "x".repeat(20_000);
    let no_ids = [
        "a.b",
        "a%20b",
        "a%2Fb",
        "a%23b",
        "%00",
        "%0A",
        "%C3%A9",
        "%F0%9F%98%80",
        "a@b",
        "a:b",
        "a~b",
        "a+b",
        "a,b",
        "a;b=c",
        "*",
        "$",
        "%7Bid%7D",
        "{id}",
        "%2541",
        "%zz",
        "%",
        "%4",
        "%ff",
        "%c0%80",
        &long,
        &very_long,
    ];
    for operation in operations::all() {
        let parameters: Vec<_> = operation.template.split(['{', '}']).filter(|part| part.ends_with("Id")).collect();
        assert!(!parameters.is_empty());
        for wrong in parameters {
            for no_id in no_ids {
                let path = operations::path(operation.template, |name| match name {
                    name if name == wrong => no_id,
                    "clientId" => "demo",
                    _ => "x1",
                });
                let answer = app.operator().send(operation.method.as_str(), &path, &[], Vec::new()).await;
                assert_eq!((answer.status, answer.code()), (400, "invalid_path"), "{} {path}", operation.method);
            }
        }
    }
    assert_eq!(app.wire.take_calls().len(), 0);
}

#[tokio::test]
async fn dot_segments_and_backslashes_are_refused_raw_and_encoded() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let _ = app.wire.take_calls();
    let paths = [
        "/client/demo/customer/.",
        "/client/demo/customer/..",
        "/client/demo/./customer/{id}",
        "/client/demo/brand/../customer/{id}",
        "/client/other/../demo/customer/{id}",
        "/client/other/%2e%2e/demo/customer/{id}",
        "/client/other/%2E./demo/customer/{id}",
        "/client/other/.%2e/demo/customer/{id}",
        "/client/demo/customer/%2e",
        "/client/demo/customer/%2E%2e",
        "/client/demo/customer/x%2F..%2F{id}",
        "/client/demo/customer/{id}/..",
        "/client/demo/customer/x\\..\\{id}",
        "/client/demo/customer/{id}\\",
        "/client/demo/customer/%5C{id}",
        "/client/demo/customer/%5c..%5c{id}",
        "/../client/demo/customer/{id}",
        "/.",
        "/%2e%2e/etc/passwd",
    ];
    for path in paths {
        let path = path.replace("{id}", &id);
        for caller in [app.operator(), app.passenger(&id), app.staff("other", "operator")] {
            for method in ["GET", "POST", "DELETE", "PATCH"] {
                let answer = caller.send(method, &path, &[], Vec::new()).await;
                assert_eq!((answer.status, answer.code()), (400, "invalid_path"), "{method} {path}");
            }
        }
    }
    assert_eq!(app.wire.take_calls().len(), 0);
}

#[tokio::test]
async fn an_unknown_route_has_another_code_than_an_unknown_record() {
    let app = TestApp::start().await;
    let segments = "/x".repeat(30_000);
    let paths = [
        "//",
        "/client",
        "/client/demo",
        "/client/demo/customers",
        "/Client/demo/customer",
        "/client/demo/Customer",
        "/client/demo/customer/x1/unknown",
        "/client/demo/customer/x1/tag/VIP/more",
        "/client/demo/%63ustomer",
        "/client/demo%2Fcustomer",
        "/client/demo/customer%2Fphone",
        "/prod/client/demo/customer",
        "/*",
        &segments,
    ];
    for path in paths {
        for method in ["GET", "POST", "OPTIONS"] {
            let answer = app.operator().send(method, path, &[], Vec::new()).await;
            assert_eq!((answer.status, answer.code()), (404, "route_not_found"), "{method} {path}");
        }
    }
    app.operator().get("customer/x1").await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn the_response_to_a_wrong_method_lists_the_allowed_ones() {
    let app = TestApp::start().await;
    let mut allowed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for operation in operations::all() {
        allowed.entry(operation.template).or_default().insert(operation.method.to_string());
    }
    let customer = &allowed["/client/{clientId}/customer/{customerId}"];
    assert_eq!(customer.iter().collect::<Vec<_>>(), ["DELETE", "GET", "POST"]);
    for (template, allowed) in allowed {
        let path = operations::path(template, |name| if name == "clientId" { "demo" } else { "x1" });
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "get", "BREW"] {
            if allowed.contains(method) {
                continue;
            }
            let answer = app.operator().send(method, &path, &[], Vec::new()).await;
            assert_eq!((answer.status, answer.code()), (405, "method_not_allowed"), "{method} {path}");
            let methods = allowed.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            assert_eq!(answer.header("allow"), Some(methods), "{method} {path}");
        }
    }
    assert_eq!(app.wire.take_calls().len(), 0);
}

#[tokio::test]
async fn head_is_405_without_a_body() {
    let app = TestApp::start().await;
    let request = Request::head("/client/demo/customer/x1").body(Body::empty()).unwrap();
    let response = app.another_gateway().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "DELETE, GET, POST");
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(to_bytes(response.into_body(), usize::MAX).await.unwrap().len(), 0);
}

#[tokio::test]
async fn an_empty_segment_is_not_an_id_and_is_not_skipped() {
    let app = TestApp::start().await;
    app.operator().register("0871234567").await;
    app.wire.take_calls();
    // The gateway skips empty segments, but the function does not. Only the last of these paths is a route for the
    // gateway.
    for (path, status, code) in [
        ("/client//customer", 404, "route_not_found"),
        ("/client/demo/brand//customer", 404, "route_not_found"),
        ("/client//brand//customer", 400, "invalid_path"),
    ] {
        let json = [("content-type", "application/json")];
        let answer = app.operator().send("POST", path, &json, br#"{ "phone": "0871234567" }"#.to_vec()).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}");
    }
    app.operator().get("/client//customer/phone?phone=0871234567").await.assert_problem(404, "route_not_found");
    assert!(app.wire.take_calls().is_empty());
}

#[tokio::test]
async fn the_404_explains_an_id_that_this_service_never_issues() {
    let app = TestApp::start().await;
    let detail = |answer: &Answer| answer.body["detail"].as_str().unwrap().to_owned();
    let mut details = BTreeSet::new();
    for path in ["customer/search", "customer/01920000-0000-7000-8000-00000000dead", "customer/phone?phone=0871234567"]
    {
        let answer = app.operator().get(path).await;
        answer.assert_problem(404, "not_found");
        details.insert(detail(&answer));
    }
    assert_eq!(details.len(), 3, "{details:?}");
    let save = app.operator().post("customer/search/addresses", json!({ "id": "a1", "label": "Home" })).await;
    save.assert_problem(404, "not_found");
    assert!(details.contains(&detail(&save)), "{save:?}");
}

/// API Gateway checks the host, but a principal with permission to invoke a function can send any event.
#[tokio::test]
async fn an_event_with_a_malformed_host_or_scheme_is_refused_by_every_function() {
    let app = TestApp::start().await;
    let events = api_tests::events::all();
    let refused = async |function: Router, event: &Value, header: &str, value: &str| {
        for headers in [json!({ header: value }), json!({})] {
            let mut event = event.clone();
            event["requestContext"]["stage"] = json!("$default");
            event["multiValueHeaders"] = json!({ header: [value] });
            event["headers"] = headers;
            let answer = Answer::read(local::gateway::invoke(function.clone(), &event).await.unwrap()).await;
            let code = if event["httpMethod"] == "HEAD" { "" } else { "invalid_path" };
            assert_eq!((answer.status, answer.code()), (400, code), "{header}: {value} {}", event["path"]);
        }
    };
    for (header, value) in [
        ("Host", "a b"),
        ("Host", "[::"),
        ("Host", "a:99999999"),
        ("Host", ""),
        ("Host", "evil.example/client/other/customer/x?"),
        ("X-Forwarded-Proto", "://"),
        ("X-Forwarded-Proto", ""),
        ("X-Forwarded-Proto", "file"),
    ] {
        // A response to HEAD has no body and therefore no code.
        let with_body = served().into_iter().filter(|(operation, _)| operation.method() != Method::HEAD);
        let one_of_each: HashMap<_, _> = with_body.map(|(operation, function)| (function, operation)).collect();
        for (function, operation) in one_of_each {
            let (_, event) = events.iter().find(|(name, _)| name == operation.name()).unwrap();
            refused(app.function(function), event, header, value).await;
        }
    }
}

#[tokio::test]
async fn an_encoded_id_is_the_same_id() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let id = created["id"].as_str().unwrap();
    let encoded = id.bytes().fold(String::new(), |path, byte| format!("{path}%{byte:02x}"));
    let path = format!("/client/%64emo/customer/{encoded}");
    assert_eq!(app.operator().get(&path).await.body, created);
    assert_eq!(app.passenger(id).get(&path).await.status, 200);
    app.staff("other", "operator").get(&path).await.assert_problem(403, "forbidden");
    app.staff("%64emo", "operator").get(&path).await.assert_problem(401, "unauthorized");
    app.passenger("p1").get(&path).await.assert_problem(403, "forbidden");
    app.operator().get(&format!("/client/%6fther/customer/{id}")).await.assert_problem(403, "forbidden");

    let encoded_word = app.operator().get("customer/%70hone").await;
    let unknown = app.operator().get("customer/unknown").await;
    assert_eq!(without_request_id(&encoded_word), without_request_id(&unknown), "an encoded id is not a route's word");
}

#[tokio::test]
async fn hosts_and_request_ids_of_a_client_are_ignored() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let path = format!("customer/{}", created["id"].as_str().unwrap());
    let headers = [
        ("host", "evil.example/client/other/customer/x?"),
        ("x-forwarded-proto", "file://x/"),
        ("x-forwarded-port", "0"),
        ("x-request-id", "mine"),
        ("x-http-method-override", "DELETE"),
        ("x-original-url", "/client/other/customer/x"),
        ("authorization", "Basic Og=="),
    ];
    let answer = app.operator().send("GET", &path, &headers, Vec::new()).await;
    assert_eq!((answer.status, &answer.body), (200, &created));
    assert_ne!(answer.header("x-request-id").as_deref(), Some("mine"));
    let query = app.operator().send("GET", &format!("{path}?clientId=other&role=admin&../x"), &[], Vec::new()).await;
    query.assert_problem(422, "validation_failed");
}
