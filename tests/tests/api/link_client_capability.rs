//! linkClientCapability

use api_tests::{NOW, TestApp};
use serde_json::json;

use crate::record::{after_write, assert_record, id_of};

#[tokio::test]
async fn a_linked_capability_is_in_the_record_and_nothing_else_is_linked() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let id = id_of(&created);
    app.pass(10);
    let linked = app.operator().post_empty(&format!("customer/{id}/clientcapability/wheelchair")).await;
    let expected = after_write(&created, NOW + 10, &json!({ "clientCapabilities": [{ "id": "wheelchair" }] }));
    assert_record(&linked, &expected);
    assert_record(&app.operator().get(&format!("customer/{id}")).await, &expected);
}
