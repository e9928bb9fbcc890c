//! listAddresses

use api_tests::TestApp;
use serde_json::{Value, json};

use crate::place::{addresses_of, at, dublin_castle, listed_ids, save_new};
use crate::record::id_of;
use crate::refused::{assert_forbidden, strangers};

#[tokio::test]
async fn addresses_are_sorted_by_last_use_and_then_by_id() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let mut saved = Vec::new();
    for (latitude, used) in (0..).zip([5, 9, 5, 1, 9, 0, 5]) {
        let mut body = at(f64::from(latitude), 0.0);
        body["lastUsedDate"] = json!(used);
        saved.push(save_new(&app.operator(), &customer, body).await);
    }
    saved.sort_by_key(|address| (-address["lastUsedDate"].as_i64().unwrap(), id_of(address).to_owned()));
    let list = app.operator().get(&addresses_of(&customer)).await;
    assert_eq!((list.status, &list.body), (200, &json!({ "items": saved })));
    assert_eq!(list.header("etag"), None);

    let oldest = saved.last().unwrap();
    app.operator().post(&addresses_of(&customer), json!({ "id": oldest["id"], "lastUsedDate": 10 })).await;
    assert_eq!(listed_ids(&app.operator().get(&addresses_of(&customer)).await)[0], id_of(oldest));
}

#[tokio::test]
async fn a_customer_without_addresses_has_an_empty_list_and_an_unknown_one_is_404() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let list = app.operator().get(&addresses_of(&customer)).await;
    assert_eq!((list.status, list.body), (200, json!({ "items": [] })));
    app.operator().get("customer/unknown/addresses").await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn the_next_customer_with_the_phone_of_a_deleted_one_has_no_addresses() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    save_new(&app.operator(), &customer, dublin_castle()).await;
    app.operator().delete(&format!("customer/{customer}")).await;
    app.operator().get(&addresses_of(&customer)).await.assert_problem(404, "not_found");
    app.operator().post(&addresses_of(&customer), at(1.0, 1.0)).await.assert_problem(404, "not_found");
    let next = app.operator().register_id("0871234567").await;
    assert_eq!(app.operator().get(&addresses_of(&next)).await.body, json!({ "items": [] }));
}

#[tokio::test]
async fn staff_see_every_field_and_a_passenger_does_not_see_the_management_note() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let mut saved = save_new(&app.operator(), &id, dublin_castle()).await;
    for role in ["operator", "integration", "admin"] {
        assert_eq!(app.staff("demo", role).get(&addresses_of(&id)).await.body, json!({ "items": [saved] }), "{role}");
    }
    saved.as_object_mut().unwrap().shift_remove("managementNote").unwrap();
    assert_eq!(app.passenger(&id).get(&addresses_of(&id)).await.body, json!({ "items": [saved] }));
}

#[tokio::test]
async fn apps_other_passengers_and_other_tenants_may_not_list_addresses() {
    let app = TestApp::start().await;
    let (id, other) = (app.operator().register_id("0871234567").await, app.operator().register_id("0861234567").await);
    let mut closed = strangers(&app, &id);
    closed.extend([app.app("city"), app.passenger(&other)]);
    assert_forbidden(&app, closed, "GET", [&addresses_of(&id), "customer/unknown/addresses"], &Value::Null).await;
}
