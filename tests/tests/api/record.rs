//! Expected customer records after a write.

use api_tests::Answer;
use serde_json::{Value, json};

/// The id of a record.
pub(crate) fn id_of(record: &Value) -> &str {
    record["id"].as_str().expect("an id")
}

/// The expected record after a write at `now` that set the fields in `changes`.
pub(crate) fn after_write(record: &Value, now: i64, changes: &Value) -> Value {
    let mut after = record.clone();
    for (name, value) in changes.as_object().expect("fields") {
        after[name] = value.clone();
    }
    after["version"] = json!(record["version"].as_i64().expect("a version") + 1);
    after["updatedDate"] = json!(now);
    after
}

/// Asserts that the response is `record`, with the `ETag` of its version.
#[track_caller]
pub(crate) fn assert_record(answer: &Answer, record: &Value) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body, *record);
    assert_eq!(answer.header("etag"), Some(format!("\"{}\"", record["version"])));
}
