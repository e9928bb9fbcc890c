//! The log of the built function. A stand-in for Lambda's runtime API sends it events.

use std::fs::File;
use std::future::pending;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::issuer::{AUDIENCE, ISSUER, SigningKey, claims, event};

/// The number of tokens that are refused.
const TOKENS: usize = 1000;

/// A stand-in for Lambda's runtime API. It sends each event once, and reports refusals to the test.
struct Runtime {
    events: Vec<Value>,
    given: AtomicUsize,
    refused: UnboundedSender<String>,
}

async fn next(State(runtime): State<Arc<Runtime>>) -> (HeaderMap, String) {
    let given = runtime.given.fetch_add(1, Ordering::Relaxed);
    let Some(event) = runtime.events.get(given) else { return pending().await };
    let headers =
        [("lambda-runtime-aws-request-id", given.to_string()), ("lambda-runtime-deadline-ms", "1".to_owned())];
    let headers = headers.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(&value).unwrap()));
    (HeaderMap::from_iter(headers), event.to_string())
}

async fn refused(State(runtime): State<Arc<Runtime>>, Path(id): Path<String>) -> StatusCode {
    runtime.refused.send(id).unwrap();
    StatusCode::ACCEPTED
}

#[tokio::test]
async fn each_of_a_thousand_bad_tokens_is_one_line_with_its_reason_and_request() {
    let (key, stranger) = (SigningKey::ed25519("k"), SigningKey::ed25519("k"));
    let expired = format!("Bearer {}", key.token(&claims(&json!({ "exp": 1 }))));
    let forged = format!("Bearer {}", stranger.token(&claims(&json!({}))));
    let bad = [
        (expired.as_str(), "expired"),
        (forged.as_str(), "bad_signature"),
        ("Bearer secret.secret.secret", "malformed_token"),
        ("Basic secret", "not_bearer"),
    ];
    let events = bad.iter().cycle().take(TOKENS).enumerate().map(|(index, (token, _))| {
        let mut event = event("");
        event["headers"] = json!({});
        event["multiValueHeaders"] = json!({ "Authorization": [token] });
        event["requestContext"] = json!({ "extendedRequestId": format!("x-{index}") });
        event
    });
    let (sender, mut refusals) = unbounded_channel();
    let runtime = Runtime { events: events.collect(), given: AtomicUsize::new(0), refused: sender };
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(refused))
        .with_state(Arc::new(runtime));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let mut function = Command::new(env!("CARGO_BIN_EXE_authorizer"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "authorizer")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("JWT_ISSUER", ISSUER)
        .env("JWT_AUDIENCE", AUDIENCE)
        .env("JWKS", json!({ "keys": [key.jwk()] }).to_string())
        .env("MAX_TOKEN_LIFETIME_SECONDS", "86400")
        .stdin(Stdio::null())
        .stdout(File::create(&log).unwrap())
        .stderr(File::options().append(true).open(&log).unwrap())
        .spawn()
        .unwrap();
    for index in 0..TOKENS {
        assert_eq!(refusals.recv().await.unwrap(), index.to_string());
    }
    function.kill().unwrap();
    function.wait().unwrap();

    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!(lines.len(), TOKENS, "{}", lines.last().unwrap());
    for (index, (line, (_, reason))) in lines.iter().zip(bad.iter().cycle()).enumerate() {
        let said = ["level", "message", "reason", "request_id"].map(|name| &line[name]);
        assert_eq!(said, [&json!("INFO"), &json!("unauthorized"), &json!(reason), &json!(format!("x-{index}"))]);
    }
    assert!(!text.contains("secret") && !text.contains(&expired[7..]));
}
