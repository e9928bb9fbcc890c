//! linkAccount

use api_tests::{NOW, TestApp};
use serde_json::json;

use crate::record::{after_write, assert_record, id_of};

#[tokio::test]
async fn a_linked_account_can_read_the_customer_and_is_not_the_default() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let id = id_of(&created);
    app.operator().get(&format!("account/acme/customer/{id}")).await.assert_problem(404, "not_found");

    app.pass(10);
    let linked = app.operator().post_empty(&format!("customer/{id}/account/acme")).await;
    let expected = after_write(&created, NOW + 10, &json!({ "accounts": [{ "id": "acme" }], "defaultAccount": null }));
    assert_record(&linked, &expected);
    assert_record(&app.operator().get(&format!("account/acme/customer/{id}")).await, &expected);
}

#[tokio::test]
async fn linking_another_account_keeps_the_default() {
    let app = TestApp::start().await;
    let body = json!({ "phone": "0871234567", "defaultAccount": { "id": "acme" } });
    let created = app.operator().post("customer", body).await.body;
    let linked = app.operator().post_empty(&format!("customer/{}/account/abc", id_of(&created))).await;
    let accounts = json!([{ "id": "abc" }, { "id": "acme" }]);
    assert_record(&linked, &after_write(&created, NOW, &json!({ "accounts": accounts })));
}
