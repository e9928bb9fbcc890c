//! unlinkClientCapability

use api_tests::{NOW, TestApp};
use serde_json::json;

use crate::record::{after_write, assert_record, id_of};

#[tokio::test]
async fn only_the_named_capability_is_removed() {
    let app = TestApp::start().await;
    let same_name = json!([{ "id": "estate" }, { "id": "wheelchair" }]);
    let body = json!({ "phone": "0871234567", "brands": same_name, "clientCapabilities": same_name });
    let created = app.operator().post("customer", body).await.body;
    let id = id_of(&created);
    app.pass(10);
    let unlinked = app.operator().delete(&format!("customer/{id}/clientcapability/wheelchair")).await;
    let expected = after_write(&created, NOW + 10, &json!({ "clientCapabilities": [{ "id": "estate" }] }));
    assert_record(&unlinked, &expected);
    assert_record(&app.operator().get(&format!("customer/{id}")).await, &expected);
}
