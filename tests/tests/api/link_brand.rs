//! linkBrand

use api_tests::{NOW, TestApp};
use serde_json::json;

use crate::record::{after_write, assert_record, id_of};

#[tokio::test]
async fn a_linked_brand_can_read_the_customer_and_is_not_the_default() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let id = id_of(&created);
    app.operator().get(&format!("brand/city/customer/{id}")).await.assert_problem(404, "not_found");

    app.pass(10);
    let linked = app.operator().post_empty(&format!("customer/{id}/brand/city")).await;
    let expected = after_write(&created, NOW + 10, &json!({ "brands": [{ "id": "city" }], "defaultBrand": null }));
    assert_record(&linked, &expected);
    assert_record(&app.operator().get(&format!("brand/city/customer/{id}")).await, &expected);
}

#[tokio::test]
async fn linking_another_brand_keeps_the_default() {
    let app = TestApp::start().await;
    let created = app.operator().post("brand/night/customer", json!({ "phone": "0871234567" })).await.body;
    assert_eq!(created["defaultBrand"], json!({ "id": "night" }));
    let linked = app.operator().post_empty(&format!("customer/{}/brand/city", id_of(&created))).await;
    let brands = json!([{ "id": "city" }, { "id": "night" }]);
    assert_record(&linked, &after_write(&created, NOW, &json!({ "brands": brands })));
}
