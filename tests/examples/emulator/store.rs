//! Stores that no request can be answered from: one that hangs, and one that is slow and whose writes always conflict.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// How long the slow store takes for each call: a little less than a function waits for one attempt.
const SLOWNESS: Duration = Duration::from_millis(1300);

/// A store in DynamoDB's place.
#[derive(Clone)]
pub(crate) enum Store {
    Hanging,
    /// Its reads are those of the DynamoDB at this address.
    Slow(String),
}

impl Store {
    /// Serves it until the program ends, and gives its address.
    pub(crate) async fn start(self) -> Result<String, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let router = Router::new().fallback(move |headers: HeaderMap, body: Bytes| self.answer(headers, body));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(format!("http://{address}"))
    }

    async fn answer(self, headers: HeaderMap, body: Bytes) -> Response {
        let Self::Slow(upstream) = self else { return std::future::pending().await };
        sleep(SLOWNESS).await;
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let conflict = match target.rsplit('.').next() {
            Some("TransactWriteItems") => "TransactionCanceledException",
            Some("UpdateItem" | "PutItem" | "DeleteItem") => "TransactionConflictException",
            _ => return read(&upstream, headers, body).await,
        };
        let body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{conflict}") });
        (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], body.to_string())
            .into_response()
    }
}

async fn read(upstream: &str, mut headers: HeaderMap, body: Bytes) -> Response {
    headers.remove(header::HOST);
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = http.post(upstream).headers(headers).body(body).send().await.expect("the embedded DynamoDB answers");
    (answer.status(), answer.bytes().await.expect("a body")).into_response()
}
