//! The log: one line of JSON per request, with nothing from the request's path, query, headers or body.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::{Arc, Once};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use api_tests::{Fault, TestApp, events};
use lambda_http::lambda_runtime::Config;
use lambda_http::request::LambdaRequest;
use lambda_http::{Context, LambdaEvent, Service as _};
use local::functions::services;
use serde_json::{Value, json};
use shared::api::origin::adapter;
use shared::telemetry;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

thread_local! {
    /// The log of the current thread. Each test has its own thread, because its runtime has only one.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ThisThread;

impl Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts to capture the log of this thread.
struct Log;

impl Log {
    fn start() -> Self {
        // One subscriber for all threads. `tracing` caches for each log statement whether a subscriber wants it, and
        // subscribers that come and go with the tests would race with this cache.
        static SUBSCRIBED: Once = Once::new();
        SUBSCRIBED.call_once(|| {
            let layer = telemetry::layer(|| ThisThread, local::QUIET, Some("customers/test"));
            tracing_subscriber::registry().with(layer).init();
        });
        LOGGED.take();
        Self
    }

    #[expect(clippy::unused_self, reason = "who asks for the log has started it")]
    fn text(&self) -> String {
        LOGGED.with_borrow(|logged| String::from_utf8(logged.clone()).unwrap())
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[tokio::test]
async fn a_request_is_one_line_with_its_operation_tenant_status_duration_and_id() {
    let log = Log::start();
    let app = TestApp::start().await;
    let answer = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = &lines[0];
    assert_eq!(line["operation"], "createCustomer");
    assert_eq!(line["tenant"], "demo");
    assert_eq!(line["status"], 201);
    assert_eq!(line["level"], "INFO");
    assert!(line["duration_ms"].as_f64().is_some_and(|duration| duration > 0.0), "{line}");
    assert_eq!(line["request_id"].as_str(), answer.header("x-request-id").as_deref());
    assert_eq!(line.get("cause"), None);
}

#[tokio::test]
async fn a_line_names_the_invocation_and_the_first_of_an_environment_is_a_cold_start() {
    let log = Log::start();
    let app = TestApp::start().await;
    let mut function = adapter(app.function("customers"));
    let mut event = events::named("getCustomer");
    event["requestContext"]["stage"] = json!("$default");
    for (id, cold_start) in [("i-1", true), ("i-2", false)] {
        let payload: LambdaRequest = serde_json::from_str(&event.to_string()).unwrap();
        let mut config = Config::default();
        (config.function_name, config.version) = ("customers-prod".to_owned(), "7".to_owned());
        let mut context = Context::default();
        (context.request_id, context.env_config) = (id.to_owned(), Arc::new(config));
        let Ok(_) = function.call(LambdaEvent::new(payload, context)).await;
        let line = log.lines().pop().unwrap();
        let invocation =
            ["function_request_id", "function_name", "version", "cold_start"].map(|name| line[name].clone());
        assert_eq!(invocation, [json!(id), json!("customers-prod"), json!("7"), json!(cold_start)]);
    }
}

#[tokio::test]
async fn a_request_that_the_deadline_ends_is_one_line_with_its_calls() {
    let log = Log::start();
    let app = TestApp::start().await;
    app.wire.hang();
    let function = services(&app.state().with_deadline(Duration::from_millis(100))).remove("customers").unwrap();
    let mut event = events::named("getCustomer");
    event["requestContext"]["stage"] = json!("$default");
    local::gateway::invoke(function, &event).await.unwrap();
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = &lines[0];
    assert_eq!((&line["level"], &line["code"], &line["status"]), (&json!("ERROR"), &json!("unavailable"), &json!(503)));
    assert_eq!((&line["operation"], &line["dynamodb_calls"]), (&json!("getCustomer"), &json!(1)));
    assert!(line["cause"].as_str().unwrap().contains("deadline"), "{line}");
}

#[tokio::test]
async fn the_line_of_a_request_has_its_metrics_by_operation_and_status_class() {
    let log = Log::start();
    let app = TestApp::start().await;
    app.operator().get("customer/unknown").await.assert_problem(404, "not_found");
    let line = log.lines().pop().unwrap();
    let metrics = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(metrics["Namespace"], "customers/test");
    assert_eq!(metrics["Dimensions"], json!([["operation", "status_class"]]));
    // A dimension is a string and a metric is a number. Both are next to `_aws`.
    assert_eq!((&line["operation"], &line["status_class"]), (&json!("getCustomer"), &json!("4xx")));
    for metric in metrics["Metrics"].as_array().unwrap() {
        assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{metric} in {line}");
    }
    // The specification allows timestamps from two weeks ago to two hours ahead.
    let logged = u128::from(line["_aws"]["Timestamp"].as_u64().unwrap());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    assert!((now - 600_000..=now).contains(&logged), "{logged} at {now}");
}

#[tokio::test]
async fn only_the_line_of_a_request_has_metrics() {
    let log = Log::start();
    tracing::warn!(target: telemetry::TARGET, "something else");
    let line = log.lines().pop().unwrap();
    assert_eq!((&line["message"], line.get("_aws")), (&json!("something else"), None));
}

#[tokio::test]
async fn dynamodb_calls_are_counted_per_request() {
    let log = Log::start();
    let app = TestApp::start().await;
    let operator = app.operator();
    let id = operator.register_id("0871234567").await;
    // The first request also reads the tenant's settings.
    assert_eq!(log.lines()[0]["dynamodb_calls"], app.wire.take_all_calls().len());
    let record = format!("customer/{id}");
    let tag = format!("{record}/tag/vip");
    let mut together = 0;
    let requests = [operator.get(&record), operator.get("customer/phone?phone=0871234567"), operator.get("/nowhere")];
    for answer in futures_util::future::join_all(requests).await {
        let id = answer.header("x-request-id").unwrap();
        let line = log.lines().into_iter().find(|line| line["request_id"] == id.as_str());
        together += line.unwrap()["dynamodb_calls"].as_u64().unwrap();
    }
    assert_eq!(together, 3);
    assert_eq!(app.wire.take_all_calls().len(), 3);

    // The SDK retries a throttled call.
    app.wire.inject(Fault::exception("UpdateItem", "ThrottlingException"));
    assert_eq!(operator.post_empty(&tag).await.status, 200);
    assert_eq!(log.lines().pop().unwrap()["dynamodb_calls"], 2);
    assert_eq!(app.wire.take_all_calls().len(), 2);
}

#[tokio::test]
async fn a_request_that_reaches_no_function_is_one_line() {
    let log = Log::start();
    let app = TestApp::start().await;
    for (method, path, status) in [("GET", "nowhere", 404), ("PUT", "customer", 405), ("GET", "customer/%2e%2e/x", 400)]
    {
        let answer = app.operator().send(method, path, &[], Vec::new()).await;
        let line = log.lines().pop().unwrap();
        assert_eq!((answer.status, &line["status"]), (status, &json!(status)));
        assert_eq!(line["request_id"].as_str(), answer.header("x-request-id").as_deref());
        assert_eq!((&line["operation"], &line["tenant"]), (&json!("none"), &json!("none")));
    }
    assert_eq!(log.lines().len(), 3);
}

#[tokio::test]
async fn a_failure_is_logged_once_with_its_cause_chain() {
    let log = Log::start();
    let app = TestApp::start().await;
    app.wire.inject(Fault::exception("GetItem", "AccessDeniedException"));
    // The first request of a tenant reads the settings, but after the customer.
    app.operator().get("customer/c1").await.assert_problem(500, "internal_error");
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((&lines[0]["level"], &lines[0]["code"]), (&json!("ERROR"), &json!("internal_error")));
    let cause = lines[0]["cause"].as_str().unwrap();
    assert!(cause.contains("DynamoDB GetItem was refused") && cause.contains("AccessDeniedException"), "{cause}");
}

#[tokio::test]
async fn no_line_contains_personal_data() {
    let log = Log::start();
    let app = TestApp::start().await;
    let operator = app.operator();
    let body = json!({
        "phone": "0871234567",
        "email": "Sentinel.Mail@example.com",
        "firstName": "Sentinelfirst",
        "lastName": "Sentinellast",
        "password": "sentinel password",
        "driverNote": "Sentinelnote",
        "tags": ["sentineltag"],
    });
    let token = [("authorization", "Bearer sentinel-token"), ("x-request-id", "sentinel-request")];
    let created = operator.post_with("brand/city/customer", &token, body.clone()).await;
    assert_eq!(created.status, 201, "{created:?}");
    let record = format!("customer/{}", created.body["id"].as_str().unwrap());
    let mut requests = 1;

    for path in [
        "customer/phone?phone=0871234567",
        "customer/phone?phone=%2B353871234567",
        "customer/phone?phone=0871234567x5",
        "customer/sentinel@mail",
        "sentinelroute/0871234567",
        "customer/../sentinel",
    ] {
        operator.get(path).await;
        requests += 1;
    }
    for body in [
        body.clone(),
        json!({ "phone": "0861234567", "firstName": "Sentinel\u{0}first", "unknownSentinel": 1 }),
        json!({ "phone": "0871234567 ext 5" }),
        json!({ "password": "short77" }),
    ] {
        operator.post(&record, body).await;
        requests += 1;
    }
    operator.post_empty(&format!("{record}/tag/sentineltag")).await;
    operator
        .send("POST", &record, &[("content-type", "application/json")], b"{\"firstName\": \"Sentinel".to_vec())
        .await;
    for fault in
        [Fault::exception("GetItem", "ValidationException"), Fault::exception("GetItem", "ThrottlingException")]
    {
        app.wire.inject(fault);
        operator.get(&record).await;
    }
    // An unreadable item: the cause must not repeat its content.
    let pk = shared::store::keys::PK;
    let scan = app.dynamodb.scan().table_name(app.table()).send().await.unwrap();
    let profile = scan.items().iter().find(|item| item.contains_key("firstName")).unwrap().clone();
    let mut broken = profile.clone();
    let odd = aws_sdk_dynamodb::types::AttributeValue::S("Sentinelversion".into());
    broken.insert("version".into(), odd);
    app.dynamodb.put_item().table_name(app.table()).set_item(Some(broken)).send().await.unwrap();
    operator.get(&record).await.assert_problem(500, "internal_error");
    operator.post(&record, json!({ "firstName": "Sentinelother" })).await;
    requests += 6;

    let text = log.text();
    assert_eq!(log.lines().len(), requests, "{text}");
    let text = text.to_lowercase();
    for word in ["sentinel", "871234567", "861234567", "+353", "example.com", "argon2", "short77", "#customer#"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    assert!(profile.contains_key(pk));
}
