//! DynamoDB's protocol over dynoxide's engine: a POST with the operation in `X-Amz-Target` and JSON both ways.
//!
//! dynoxide's own server accepts requests from every web page (`access-control-allow-origin: *`) and with any `Host`,
//! so a page could read or delete the table of its visitors. This server refuses such requests; see [`site`].

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse as _, Response};
use dynoxide::auth_material::{self, AuthMaterial};
use dynoxide::{Database, DynoxideError};
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, ORIGIN};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use shared::telemetry;

use crate::site;

/// The maximum size of a DynamoDB request, in bytes.
const MAX_REQUEST_BODY: usize = 16 * 1024 * 1024;
/// The media type of DynamoDB's protocol.
const MEDIA_TYPE: &str = "application/x-amz-json-1.0";
/// SQLite's message for a full disk. dynoxide does not pass on the type of an SQLite error.
const DISK_FULL: &str = "database or disk is full";

#[derive(Clone)]
struct Server {
    database: Database,
    listening: SocketAddr,
}

/// The service of `database` for a listener on `listening`.
pub(super) fn router(database: Database, listening: SocketAddr) -> Router {
    let server = Server { database, listening };
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(MAX_REQUEST_BODY)).with_state(server)
}

async fn answer(State(server): State<Server>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    if headers.contains_key(ORIGIN) {
        return refusal(StatusCode::FORBIDDEN, "AccessDeniedException", "web pages cannot use this DynamoDB");
    }
    if !site::is_addressed(&headers, server.listening) {
        let message = "`Host` must be the address that this DynamoDB listens on, localhost or host.docker.internal";
        return refusal(StatusCode::FORBIDDEN, "AccessDeniedException", message);
    }
    let text = |name: http::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    // `DynamoDB_20120810` and `DynamoDBStreams_20120810`.
    let operation = target.split_once('.').map(|(_, operation)| operation.to_owned());
    let Some(operation) = operation.filter(|_| method == Method::POST && uri.path() == "/") else {
        return refusal(StatusCode::BAD_REQUEST, "UnknownOperationException", "not an operation of DynamoDB");
    };
    let credentials = AuthMaterial {
        authorization: text(AUTHORIZATION),
        query: uri.query().unwrap_or_default(),
        has_date_header: headers.contains_key("x-amz-date") || headers.contains_key(DATE),
    };
    if let Some(refused) = auth_material::validate(credentials) {
        return reply(StatusCode::BAD_REQUEST, refused);
    }
    // SQLite waits for the disk and for other writers.
    let ran = tokio::task::spawn_blocking(move || run(&server.database, &operation, &body));
    match ran.await {
        Ok(Ok(json)) => reply(StatusCode::OK, json),
        Ok(Err(error)) => failure(&error),
        Err(panicked) => {
            tracing::error!(target: telemetry::TARGET, cause = %panicked, "the embedded DynamoDB panicked");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "the embedded DynamoDB panicked")
        }
    }
}

/// The response for an error of the engine. A storage failure has its own code and is not DynamoDB's temporary
/// `InternalServerError`: otherwise the SDK would retry in vain, and the API would report a busy table.
fn failure(error: &DynoxideError) -> Response {
    if !matches!(error, DynoxideError::InternalServerError(_) | DynoxideError::SqliteError(_)) {
        let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
        return reply(status, error.to_json());
    }
    let cause = error.to_string();
    if cause.contains(DISK_FULL) {
        tracing::error!(target: telemetry::TARGET, cause, "the disk is full; nothing was written. Free some space");
        refusal(StatusCode::BAD_REQUEST, "DiskFull", "the disk is full")
    } else {
        tracing::error!(target: telemetry::TARGET, cause, "the data file cannot be used; nothing was written");
        refusal(StatusCode::BAD_REQUEST, "StorageFailure", "the data file cannot be used")
    }
}

fn refusal(status: StatusCode, name: &str, message: &str) -> Response {
    reply(
        status,
        json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{name}"), "message": message }).to_string(),
    )
}

fn reply(status: StatusCode, json: String) -> Response {
    (status, [(CONTENT_TYPE, MEDIA_TYPE)], json).into_response()
}

fn run(database: &Database, operation: &str, body: &[u8]) -> dynoxide::Result<String> {
    match operation {
        "CreateTable" => call(body, |request| database.create_table(request)),
        "DeleteTable" => call(body, |request| database.delete_table(request)),
        "DescribeTable" => call(body, |request| database.describe_table(request)),
        "ListTables" => call(body, |request| database.list_tables(request)),
        "UpdateTable" => call(body, |request| database.update_table(request)),
        "PutItem" => call(body, |request| database.put_item(request)),
        "GetItem" => call(body, |request| database.get_item(request)),
        "UpdateItem" => call(body, |request| database.update_item(request)),
        "DeleteItem" => call(body, |request| database.delete_item(request)),
        "Query" => call(body, |request| database.query(request)),
        "Scan" => call(body, |request| database.scan(request)),
        "BatchGetItem" => call(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => call(body, |request| database.batch_write_item(request)),
        "TransactGetItems" => call(body, |request| database.transact_get_items(request)),
        "TransactWriteItems" => call(body, |request| database.transact_write_items(request)),
        "ExecuteStatement" => call(body, |request| database.execute_statement(request)),
        "ExecuteTransaction" => call(body, |request| database.execute_transaction(request)),
        "BatchExecuteStatement" => call(body, |request| database.batch_execute_statement(request)),
        "UpdateTimeToLive" => call(body, |request| database.update_time_to_live(request)),
        "DescribeTimeToLive" => call(body, |request| database.describe_time_to_live(request)),
        "ListStreams" => call(body, |request| database.list_streams(request)),
        "DescribeStream" => call(body, |request| database.describe_stream(request)),
        "GetShardIterator" => call(body, |request| database.get_shard_iterator(request)),
        "GetRecords" => call(body, |request| database.get_records(request)),
        "TagResource" => call(body, |request| database.tag_resource(request)),
        "UntagResource" => call(body, |request| database.untag_resource(request)),
        "ListTagsOfResource" => call(body, |request| database.list_tags_of_resource(request)),
        _ => Err(DynoxideError::ValidationException(format!("the embedded DynamoDB does not have {operation}"))),
    }
}

/// Reads a request, runs it and writes the response.
fn call<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    run: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> dynoxide::Result<String> {
    let request = serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()))?;
    let response = run(request)?;
    Ok(serde_json::to_string(&response).expect("dynoxide's responses are JSON"))
}

/// The error for a request that cannot be read. dynoxide marks the errors that DynamoDB reports as validation errors.
fn unreadable(message: &str) -> DynoxideError {
    match message.split_once(':') {
        Some((mark, message)) if mark.starts_with("VALIDATION") => {
            DynoxideError::ValidationException(message.to_owned())
        }
        _ => DynoxideError::SerializationException(message.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use dynoxide::storage_backend::error::from_rusqlite;
    use rusqlite::Connection;
    use serde_json::Value;

    use super::*;

    /// SQLite's error for a full disk.
    fn full() -> rusqlite::Error {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch("CREATE TABLE t (v); PRAGMA max_page_count = 3").unwrap();
        database.execute("INSERT INTO t VALUES (zeroblob(100000))", []).unwrap_err()
    }

    #[tokio::test]
    async fn a_full_disk_has_its_own_error_code() {
        for error in [DynoxideError::from(full()), DynoxideError::from(from_rusqlite(full()))] {
            let response = failure(&error);
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "an SDK retries this status");
            let body = to_bytes(response.into_body(), 1024).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["__type"], "com.amazonaws.dynamodb.v20120810#DiskFull");
        }
    }
}
