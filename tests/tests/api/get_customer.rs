//! getCustomer

use api_tests::{Answer, TestApp};
use serde_json::json;

use crate::roles::HIDDEN;

/// The whole response, without the request id.
pub(crate) fn without_request_id(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let id = answer.header("x-request-id").expect("a request id");
    let text = String::from_utf8_lossy(&answer.bytes).replace(&id, "");
    let headers = answer.headers.iter().filter(|(name, _)| *name != "x-request-id");
    let headers =
        headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    (answer.status, headers.collect(), text)
}

#[tokio::test]
async fn the_etag_is_the_customers_version() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let path = format!("customer/{}", created["id"].as_str().unwrap());
    let updated = app.operator().post(&path, json!({ "firstName": "Aoife" })).await.body;
    for role in ["operator", "integration", "admin"] {
        let answer = app.staff("demo", role).get(&path).await;
        assert_eq!((answer.status, &answer.body), (200, &updated));
        assert_eq!(answer.header("etag").as_deref(), Some("\"2\""));
    }
}

#[tokio::test]
async fn unknown_customers_and_those_of_another_tenant_give_the_same_404() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let other = app.staff("other", "operator");
    let theirs = other.get(&format!("/client/other/customer/{id}")).await;
    theirs.assert_problem(404, "not_found");
    let unknown = other.get("/client/other/customer/01920000-0000-7000-8000-00000000dead").await;
    assert_eq!(without_request_id(&theirs), without_request_id(&unknown));
}

#[tokio::test]
async fn a_passenger_sees_their_own_record_without_the_offices_fields() {
    let app = TestApp::start().await;
    let body =
        json!({ "phone": "0871234567", "driverNote": "Rings twice", "managementNote": "Pays late", "tags": ["VIP"] });
    let mut expected = app.operator().post("customer", body).await.body;
    let id = expected["id"].as_str().unwrap().to_owned();
    for hidden in HIDDEN {
        assert!(expected.as_object_mut().unwrap().shift_remove(hidden).is_some(), "{hidden}");
    }
    assert_eq!(expected["priority"], 20);
    let answer = app.passenger(&id).get(&format!("customer/{id}")).await;
    assert_eq!((answer.status, answer.body), (200, expected));
}
