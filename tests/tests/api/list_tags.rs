//! listTags

use api_tests::TestApp;
use serde_json::{Value, json};

use crate::record::id_of;
use crate::refused::{assert_forbidden, strangers};

#[tokio::test]
async fn the_list_has_all_tags_in_upper_case_and_sorted() {
    let app = TestApp::start().await;
    let body = json!({ "phone": "0871234567", "tags": ["vip", "straße", "No Smoking", "VIP"] });
    let created = app.operator().post("customer", body).await.body;
    let path = format!("customer/{}/tag", id_of(&created));
    for role in ["operator", "integration", "admin"] {
        let answer = app.staff("demo", role).get(&path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body, json!({ "items": ["NO SMOKING", "STRASSE", "VIP"] }));
        assert_eq!(answer.header("etag"), None, "only a customer's representation has one");
    }
}

#[tokio::test]
async fn a_customer_without_tags_has_an_empty_list() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let answer = app.operator().get(&format!("customer/{}/tag", id_of(&created))).await;
    assert_eq!((answer.status, answer.body), (200, json!({ "items": [] })));
}

#[tokio::test]
async fn unknown_deleted_and_other_tenants_customers_give_the_same_404() {
    let app = TestApp::start().await;
    let other_tenant = app.staff("demo2", "operator");
    let elsewhere = other_tenant.post("/client/demo2/customer", json!({ "phone": "0871234567" })).await.body;
    let deleted = app.operator().register("0871234567").await;
    app.operator().delete(&format!("customer/{}", id_of(&deleted))).await;
    let mut seen = Vec::new();
    for id in ["01920000-0000-7000-8000-00000000dead", id_of(&deleted), id_of(&elsewhere)] {
        let mut answer = app.operator().get(&format!("customer/{id}/tag")).await;
        answer.assert_problem(404, "not_found");
        answer.body["requestId"].take();
        seen.push(answer.body);
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:?}");
}

#[tokio::test]
async fn passengers_apps_and_other_tenants_may_not_list_tags() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let id = id_of(&created);
    let mut closed = strangers(&app, id);
    closed.extend([app.app("city"), app.passenger(id)]);
    let existing = format!("customer/{id}/tag");
    assert_forbidden(&app, closed, "GET", [&existing, "customer/unknown/tag"], &Value::Null).await;
}
