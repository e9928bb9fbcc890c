//! getBrandCustomer

use api_tests::TestApp;
use serde_json::json;

use crate::get_customer::without_request_id;

#[tokio::test]
async fn a_linked_customer_has_the_same_response_as_get_customer() {
    let app = TestApp::start().await;
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "brands": [{ "id": "city" }] })).await;
    let id = created.body["id"].as_str().unwrap();
    let answer = app.operator().get(&format!("brand/city/customer/{id}")).await;
    assert_eq!((answer.status, &answer.body), (200, &created.body));
    assert_eq!(answer.header("etag").as_deref(), Some("\"1\""));

    let own = app.passenger(id).get(&format!("brand/city/customer/{id}")).await;
    assert_eq!((own.status, own.body.get("rating")), (200, None), "{own:?}");
}

#[tokio::test]
async fn unlinked_and_unknown_customers_give_the_same_404() {
    let app = TestApp::start().await;
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "brands": [{ "id": "city" }] })).await;
    let id = created.body["id"].as_str().unwrap();
    let unknown = app.operator().get("brand/night/customer/01920000-0000-7000-8000-00000000dead").await;
    unknown.assert_problem(404, "not_found");
    for caller in [app.operator(), app.passenger(id)] {
        let unlinked = caller.get(&format!("brand/night/customer/{id}")).await;
        assert_eq!(without_request_id(&unlinked), without_request_id(&unknown));
    }
    let unlinked = app.operator().delete(&format!("customer/{id}/brand/city")).await;
    assert_eq!(unlinked.status, 200, "{unlinked:?}");
    let was_linked = app.operator().get(&format!("brand/city/customer/{id}")).await;
    assert_eq!(without_request_id(&was_linked), without_request_id(&unknown));
}

#[tokio::test]
async fn an_account_with_the_same_id_is_not_a_brand() {
    let app = TestApp::start().await;
    let created =
        app.operator().post("customer", json!({ "phone": "0871234567", "accounts": [{ "id": "city" }] })).await;
    let id = created.body["id"].as_str().unwrap();
    app.operator().get(&format!("brand/city/customer/{id}")).await.assert_problem(404, "not_found");
}
