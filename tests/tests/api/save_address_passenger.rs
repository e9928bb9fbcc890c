//! saveAddress: which fields a passenger writes and sees.

use api_tests::{NOW, TestApp};
use serde_json::{Value, json};

use crate::place::{addresses_of, at, dublin_castle, save_new};
use crate::record::id_of;

#[tokio::test]
async fn a_passenger_can_save_an_address() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let passenger = app.passenger(&id);
    let body =
        json!({ "address": "Dame St", "addressId": "osm:1", "latitude": 1.5, "longitude": 2.5, "label": "home" });
    let saved = save_new(&passenger, &id, body).await;
    let expected = json!({
        "id": saved["id"],
        "address": "Dame St",
        "addressId": "osm:1",
        "latitude": 1.5,
        "longitude": 2.5,
        "label": "home",
        "brand": null,
        "lastUsedDate": NOW,
        "usedPickupCount": 0,
        "usedDestinationCount": 0,
        "driverNote": null,
    });
    assert_eq!(saved, expected, "and managementNote is not shown, not even as null");
    assert_eq!(passenger.get(&addresses_of(&id)).await.body, json!({ "items": [expected] }));
}

#[tokio::test]
async fn a_passengers_update_keeps_the_fields_of_the_office() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let mut expected = save_new(&app.operator(), &id, dublin_castle()).await;
    let update = json!({ "id": expected["id"], "label": null, "address": "Palace St" });
    let updated = app.passenger(&id).post(&addresses_of(&id), update).await;
    expected["label"] = Value::Null;
    expected["address"] = json!("Palace St");
    assert_eq!(app.operator().get(&addresses_of(&id)).await.body, json!({ "items": [expected] }));
    expected.as_object_mut().unwrap().shift_remove("managementNote");
    assert_eq!((updated.status, updated.body), (200, expected));
}

#[tokio::test]
async fn fields_of_the_office_are_403_for_a_passenger_and_nothing_is_written() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let saved = save_new(&app.operator(), &id, at(1.0, 1.0)).await;
    let before = app.operator().get(&addresses_of(&id)).await.body;
    let kept = ["brand", "driverNote", "lastUsedDate", "managementNote", "usedDestinationCount", "usedPickupCount"];
    // All of them at once, together with other errors, and each alone, even as `null`.
    let mut bodies = vec![(dublin_castle(), kept.to_vec())];
    let mut with_errors = dublin_castle();
    with_errors["lattitude"] = json!(1);
    with_errors["address"] = json!(7);
    bodies.push((with_errors, kept.to_vec()));
    bodies.extend(kept.map(|name| (json!({ "id": saved["id"], "label": "home", name: null }), vec![name])));
    for (body, named) in bodies {
        let _ = app.wire.take_calls();
        let answer = app.passenger(&id).post(&addresses_of(&id), body).await;
        answer.assert_problem(403, "field_not_allowed");
        let expected: Vec<_> = named.iter().map(|name| (format!("/{name}"), "field_not_allowed".to_owned())).collect();
        assert_eq!(answer.errors(), expected);
        assert_eq!(app.wire.take_calls().len(), 0);
    }
    assert_eq!(app.operator().get(&addresses_of(&id)).await.body, before);
}

#[tokio::test]
async fn an_unknown_field_is_422_for_a_passenger() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let mut body = at(1.0, 1.0);
    body["lable"] = json!("home");
    let answer = app.passenger(&id).post(&addresses_of(&id), body).await;
    answer.assert_problem(422, "validation_failed");
    assert_eq!(answer.errors(), [("/lable".to_owned(), "unknown_field".to_owned())]);
}

#[tokio::test]
async fn a_passenger_cannot_change_another_customers_address_by_its_id() {
    let app = TestApp::start().await;
    let (mine, other) =
        (app.operator().register_id("0871234567").await, app.operator().register_id("0861234567").await);
    let of_other = save_new(&app.operator(), &other, at(1.0, 1.0)).await;
    let body = json!({ "id": of_other["id"], "label": "mine" });
    app.passenger(&mine).post(&addresses_of(&mine), body).await.assert_problem(404, "not_found");
    let deleted = app.passenger(&mine).delete(&format!("{}/{}", addresses_of(&mine), id_of(&of_other))).await;
    assert_eq!(deleted.status, 204, "what is not there is gone");
    assert_eq!(app.operator().get(&addresses_of(&other)).await.body, json!({ "items": [of_other] }));
}
