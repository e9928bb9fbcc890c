//! linkAccountDepartment

use api_tests::{NOW, TestApp};
use serde_json::json;

use crate::record::{after_write, assert_record, id_of};

#[tokio::test]
async fn a_linked_department_is_in_the_record_and_links_no_account() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let id = id_of(&created);
    app.pass(10);
    let linked = app.operator().post_empty(&format!("customer/{id}/accountdepartment/sales")).await;
    let expected = after_write(&created, NOW + 10, &json!({ "accountDepartments": [{ "id": "sales" }] }));
    assert_record(&linked, &expected);
    assert_record(&app.operator().get(&format!("customer/{id}")).await, &expected);
    app.operator().get(&format!("account/sales/customer/{id}")).await.assert_problem(404, "not_found");
}
