//! The gateway of `local`: a function gets what API Gateway would send.

use api_tests::TestApp;
use http::{Request, StatusCode};
use local::event::{self, Routed};
use serde_json::{Value, json};
use shared::api::{Operation, Routes, pipeline};

fn event_of(request: Request<()>, body: &[u8]) -> Value {
    let (parts, ()) = request.into_parts();
    let routed = Routed {
        resource: "/client/{clientId}/customer/{customerId}/tag/{tagName}",
        path_parameters: &[("clientId".to_owned(), "demo".to_owned()), ("tagName".to_owned(), "a%20b".to_owned())],
        request_id: "r1",
        host: ([127, 0, 0, 1], 3000).into(),
    };
    event::for_function(&parts, body, &routed, &json!({ "clientId": "demo", "role": "admin", "exp": "4102444800" }))
}

#[test]
fn the_path_and_its_parameters_stay_encoded() {
    let event = event_of(Request::post("/client/demo/customer/c1/tag/a%20b").body(()).unwrap(), b"");
    assert_eq!(event["path"], "/client/demo/customer/c1/tag/a%20b");
    assert_eq!(event["pathParameters"]["tagName"], "a%20b");
    assert_eq!(event["resource"], event["requestContext"]["resourcePath"]);
}

#[test]
fn a_query_is_decoded_with_every_value_of_a_repeated_parameter() {
    let event = event_of(Request::get("/x?phone=+353%2B1&a=1&a=%C3%A9&empty=").body(()).unwrap(), b"");
    assert_eq!(event["queryStringParameters"], json!({ "a": "é", "empty": "", "phone": " 353+1" }));
    let all = json!({ "a": ["1", "é"], "empty": [""], "phone": [" 353+1"] });
    assert_eq!(event["multiValueQueryStringParameters"], all);
    let none = event_of(Request::get("/x").body(()).unwrap(), b"");
    assert_eq!(
        (&none["queryStringParameters"], &none["multiValueQueryStringParameters"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn all_header_values_arrive_and_the_gateway_sets_its_own() {
    let request = Request::get("/x")
        .header("Host", "evil.example/..")
        .header("X-Forwarded-Proto", "gopher://")
        .header("If-Match", "\"1\"")
        .header("If-Match", "\"2\"");
    let event = event_of(request.body(()).unwrap(), b"");
    assert_eq!(event["multiValueHeaders"]["if-match"], json!(["\"1\"", "\"2\""]));
    assert_eq!(event["headers"]["if-match"], "\"2\"");
    assert_eq!(event["headers"]["host"], "127.0.0.1:3000");
    assert_eq!(event["headers"]["x-forwarded-proto"], "http");
}

#[test]
fn a_body_arrives_unchanged() {
    let event = event_of(Request::post("/x").body(()).unwrap(), b"\xff\x00{");
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("/wB7"), &json!(true)));
    let none = event_of(Request::post("/x").body(()).unwrap(), b"");
    assert_eq!((&none["body"], &none["isBase64Encoded"]), (&Value::Null, &json!(false)));
}

#[tokio::test]
async fn a_client_cannot_set_the_caller_or_the_request_id() {
    let app = TestApp::start().await;
    let headers = [("x-request-id", "mine"), ("x-amzn-requestid", "mine"), ("host", "evil.example/../x")];
    let answer = app.operator().send("GET", "customer/c1", &headers, Vec::new()).await;
    answer.assert_problem(404, "not_found");
    assert_ne!(answer.header("x-request-id").as_deref(), Some("mine"));
}

#[tokio::test]
async fn a_malformed_response_of_a_function_is_refused() {
    for answer in [
        json!({}),
        json!({ "statusCode": 99 }),
        json!({ "statusCode": 200, "headers": { "bad name": "x" } }),
        json!({ "statusCode": 200, "multiValueHeaders": { "x": ["a\nb"] } }),
        json!({ "statusCode": 200, "body": "%", "isBase64Encoded": true }),
    ] {
        assert!(event::to_http(&answer).is_err(), "{answer}");
    }
    let decoded = event::to_http(&json!({ "statusCode": 200, "body": "aGk=", "isBase64Encoded": true })).unwrap();
    assert_eq!(axum::body::to_bytes(decoded.into_body(), 10).await.unwrap(), "hi");
}

/// A handler that panics.
async fn faulty() -> StatusCode {
    panic!("0871234567 is in the panic's message")
}

#[tokio::test]
async fn a_panic_is_500_without_the_message_of_the_panic() {
    let app = TestApp::start().await;
    let function = pipeline::service(Routes::new().on(Operation::GetCustomer, faulty), app.state());
    let mut event = event_of(Request::get("/client/demo/customer/c1").body(()).unwrap(), b"");
    for _ in 0..2 {
        let answer = local::gateway::invoke(function.clone(), &event).await.unwrap();
        assert_eq!(
            (answer.status(), &answer.headers()["x-request-id"]),
            (StatusCode::INTERNAL_SERVER_ERROR, &"r1".parse().unwrap())
        );
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let problem: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["code"], "internal_error");
        assert!(!problem.to_string().contains("0871234567"), "{problem}");
    }
    // An unauthenticated request does not reach the panic.
    event["requestContext"]["authorizer"] = json!({});
    let answer = local::gateway::invoke(function, &event).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_function_serves_no_method_that_it_does_not_declare() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    app.wire.take_calls();
    // A passenger's request for another passenger's record, sent to the function directly: HEAD must not bypass the
    // role table.
    for method in ["HEAD", "PUT", "PATCH"] {
        let request = Request::builder().method(method).uri(format!("/client/other/customer/{id}"));
        let mut event = event_of(request.body(()).unwrap(), b"");
        event["requestContext"]["authorizer"] =
            json!({ "clientId": "demo", "role": "passenger", "customerId": "c2", "exp": "4102444800" });
        let answer = local::gateway::invoke(app.function("customers"), &event).await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.headers()["allow"], "DELETE, GET, POST");
        assert_eq!(answer.headers().get("etag"), None);
    }
    assert!(app.wire.take_calls().is_empty());
}

#[tokio::test]
async fn the_base_path_of_a_custom_domain_is_not_part_of_the_route() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let resource = "/client/{clientId}/customer/phone";
    let mut event = event_of(Request::get("/v1/client/demo/customer/phone?phone=0871234567").body(()).unwrap(), b"");
    event["resource"] = json!(resource);
    event["requestContext"]["resourcePath"] = json!(resource);
    let answer = local::gateway::invoke(app.function("customers"), &event).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["id"], id);
}

#[tokio::test]
async fn a_path_with_needless_slashes_reaches_its_function_which_refuses_it() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let id = created["id"].as_str().unwrap();
    app.wire.take_calls();
    for path in [
        format!("/client/demo/customer/{id}/"),
        format!("/client/demo/customer/{id}//"),
        format!("/client/demo//customer/{id}"),
        "/client/demo/customer/phone/?phone=0871234567".to_owned(),
    ] {
        // The gateway finds the route, so it authenticates the caller.
        app.stranger().get(&path).await.assert_problem(401, "unauthorized");
        app.operator().get(&path).await.assert_problem(404, "route_not_found");
    }
    app.stranger().get("/client/demo/nowhere/").await.assert_problem(404, "route_not_found");
    assert!(app.wire.take_calls().is_empty());
    // Slashes before the path are an empty base path.
    let path = format!("//client/demo/customer/{id}");
    app.stranger().get(&path).await.assert_problem(401, "unauthorized");
    assert_eq!(app.operator().get(&path).await.body, created);
    app.staff("other", "operator").get(&path).await.assert_problem(403, "forbidden");
}

/// If a gateway takes the method from this header, the event contains the new method, which then decides everything.
#[tokio::test]
async fn a_method_override_gives_a_caller_no_more_rights() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let id = created["id"].as_str().unwrap();
    let path = format!("/client/demo/customer/{id}");
    let invoke = async |method: &str, overriding: &str, context: Value| {
        let request = Request::builder().method(method).uri(&path).header("x-http-method-override", overriding);
        let mut event = event_of(request.body(()).unwrap(), b"");
        event["requestContext"]["authorizer"] = context;
        local::gateway::invoke(app.function("customers"), &event).await.unwrap().status()
    };
    let of_app = json!({ "clientId": "demo", "role": "app", "brandId": "city", "exp": "4102444800" });
    let of_operator = json!({ "clientId": "demo", "role": "operator", "exp": "4102444800" });
    // The header alone changes nothing. A method that the gateway has changed is authorized like any other.
    assert_eq!(invoke("GET", "DELETE", of_operator).await, StatusCode::OK);
    assert_eq!(invoke("DELETE", "GET", of_app.clone()).await, StatusCode::FORBIDDEN);
    assert_eq!(invoke("DELETE", "DELETE", of_app).await, StatusCode::FORBIDDEN);
    assert_eq!(app.operator().get(&path).await.body, created);
}

#[test]
fn every_event_with_a_body_has_it_in_base64() {
    let events = api_tests::events::all();
    let bodies: Vec<_> = events.iter().filter(|(_, event)| event["body"].is_string()).collect();
    assert!(!bodies.is_empty());
    for (name, event) in bodies {
        assert_eq!(event["isBase64Encoded"], true, "{name}");
    }
}
