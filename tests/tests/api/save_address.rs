//! saveAddress: creating and updating. The modules `save_address_*` test when two addresses are the same place, the
//! limits, and what a passenger may do.

use api_tests::{NOW, TestApp};
use serde_json::{Value, json};

use crate::place::{addresses_of, at, dublin_castle, listed_ids, save_new};
use crate::record::{assert_record, id_of};
use crate::refused::{assert_forbidden, strangers};

#[tokio::test]
async fn a_new_address_has_all_fields_that_were_sent() {
    let app = TestApp::start().await;
    let customer = app.operator().register("0871234567").await;
    let path = addresses_of(id_of(&customer));
    app.pass(10);
    let answer = app.operator().post(&path, dublin_castle()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = id_of(&answer.body);
    assert_eq!(answer.header("location"), Some(format!("addresses/{id}")));
    assert_eq!(answer.header("etag"), None, "only a customer's representation has one");
    let mut expected = json!({ "id": id });
    for (name, value) in dublin_castle().as_object().unwrap() {
        expected[name] = value.clone();
    }
    expected["address"] = json!("Dame St, Caf\u{e9} entrance");
    assert_eq!(answer.body, expected);
    assert_eq!(app.operator().get(&path).await.body, json!({ "items": [expected] }));

    let record = app.operator().get(&format!("customer/{}", id_of(&customer))).await;
    assert_record(&record, &customer);
}

#[tokio::test]
async fn omitted_and_null_fields_of_a_new_address_have_defaults() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    app.pass(10);
    let mut nulls = at(-90.0, 180.0);
    for name in
        ["addressId", "label", "brand", "usedPickupCount", "usedDestinationCount", "driverNote", "managementNote"]
    {
        nulls[name] = Value::Null;
    }
    for body in [at(90.0, -180.0), nulls] {
        let saved = save_new(&app.operator(), &customer, body.clone()).await;
        assert_eq!(
            saved,
            json!({
                "id": saved["id"],
                "address": "somewhere",
                "addressId": null,
                "latitude": body["latitude"],
                "longitude": body["longitude"],
                "label": null,
                "brand": null,
                "lastUsedDate": NOW + 10,
                "usedPickupCount": 0,
                "usedDestinationCount": 0,
                "driverNote": null,
                "managementNote": null,
            })
        );
    }
}

#[tokio::test]
async fn all_missing_fields_of_a_new_address_are_reported() {
    let app = TestApp::start().await;
    let path = addresses_of(&app.operator().register_id("0871234567").await);
    let needed = ["/address", "/latitude", "/longitude"];
    for lacking in [vec![0], vec![1], vec![2], vec![0, 1, 2]] {
        let mut body = at(1.0, 2.0);
        for index in &lacking {
            body.as_object_mut().unwrap().remove(&needed[*index][1..]);
        }
        let answer = app.operator().post(&path, body).await;
        answer.assert_problem(422, "validation_failed");
        let required: Vec<_> = lacking.iter().map(|n| (needed[*n].to_owned(), "required".to_owned())).collect();
        assert_eq!(answer.errors(), required);
    }
    assert_eq!(app.operator().get(&path).await.body, json!({ "items": [] }));
}

#[tokio::test]
async fn missing_fields_are_reported_together_with_other_errors() {
    let app = TestApp::start().await;
    let path = addresses_of(&app.operator().register_id("0871234567").await);
    app.wire.take_calls();
    let answer = app.operator().post(&path, json!({ "label": "", "latitude": 91 })).await;
    answer.assert_problem(422, "validation_failed");
    let codes =
        [("/address", "required"), ("/label", "empty"), ("/latitude", "out_of_range"), ("/longitude", "required")];
    assert_eq!(answer.errors(), codes.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    assert!(app.wire.take_calls().is_empty());
}

#[tokio::test]
async fn an_address_in_several_lines_is_stored_as_one() {
    let app = TestApp::start().await;
    let path = addresses_of(&app.operator().register_id("0871234567").await);
    let lines = "  Flat 2,\r\n12 Dame St\r\n \r\nDublin 2\n\u{200b}\n\tIreland,\n";
    let mut body = at(1.0, 1.0);
    body["address"] = lines.into();
    body["driverNote"] = "ring\ttwice\r\nblue door".into();
    let saved = app.operator().post(&path, body.clone()).await;
    assert_eq!((saved.status, &saved.body["address"]), (201, &json!("Flat 2, 12 Dame St, Dublin 2, Ireland,")));
    assert_eq!(saved.body["driverNote"], "ring twice\nblue door");

    // The limit applies to the text that is sent and to the text that is stored.
    for (text, status) in [
        ("a\n".repeat(84), 200),
        ("a\n".repeat(85), 422),
        (format!("{}a", "\n".repeat(249)), 200),
        ("\n".repeat(250) + "a", 422),
    ] {
        body["address"] = text.as_str().into();
        let answer = app.operator().post(&path, body.clone()).await;
        assert_eq!(answer.status, status, "{} characters: {answer:?}", text.len());
    }
    body["address"] = "Dame St\u{2028}Dublin".into();
    let refused = app.operator().post(&path, body).await;
    assert_eq!(refused.errors(), [("/address".to_owned(), "control_character".to_owned())]);
}

#[tokio::test]
async fn a_last_use_cannot_be_cleared() {
    let app = TestApp::start().await;
    let path = addresses_of(&app.operator().register_id("0871234567").await);
    let mut body = at(1.0, 1.0);
    body["lastUsedDate"] = Value::Null;
    let answer = app.operator().post(&path, body).await;
    answer.assert_problem(422, "validation_failed");
    assert_eq!(answer.errors(), [("/lastUsedDate".to_owned(), "not_clearable".to_owned())]);
}

#[tokio::test]
async fn all_errors_are_reported_at_once() {
    let app = TestApp::start().await;
    let path = addresses_of(&app.operator().register_id("0871234567").await);
    let body = json!({
        "id": null,
        "address": "a".repeat(251),
        "addressId": "a\nb",
        "latitude": 90.000_001,
        "longitude": "6",
        "label": " ",
        "brand": { "id": "a.b", "name": "x" },
        "lastUsedDate": -1,
        "usedPickupCount": 1.5,
        "usedDestinationCount": 1_000_000_001,
        "driverNote": ["x"],
        "managementNote": "a\u{0}b",
        "lattitude": 1,
    });
    let answer = app.operator().post(&path, body).await;
    answer.assert_problem(422, "validation_failed");
    let expected = [
        ("/address", "too_long"),
        ("/addressId", "control_character"),
        ("/brand/id", "invalid_id"),
        ("/brand/name", "unknown_field"),
        ("/driverNote", "wrong_type"),
        ("/id", "not_clearable"),
        ("/label", "empty"),
        ("/lastUsedDate", "out_of_range"),
        ("/latitude", "out_of_range"),
        ("/lattitude", "unknown_field"),
        ("/longitude", "wrong_type"),
        ("/managementNote", "control_character"),
        ("/usedDestinationCount", "out_of_range"),
        ("/usedPickupCount", "wrong_type"),
    ];
    assert_eq!(answer.errors(), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused() {
    let app = TestApp::start().await;
    let path = addresses_of(&app.operator().register_id("0871234567").await);
    let json: &[(&str, &str)] = &[("content-type", "application/json")];
    let body = at(1.0, 2.0).to_string();
    for malformed in ["", "{\"address\":", "{\"address\":\"a\",\"address\":\"b\"}"] {
        let answer = app.operator().send("POST", &path, json, malformed.into()).await;
        answer.assert_problem(400, "malformed_json");
    }
    for headers in [&[("content-type", "text/plain")][..], &[]] {
        let answer = app.operator().send("POST", &path, headers, body.clone().into()).await;
        answer.assert_problem(415, "unsupported_media_type");
    }
    let padded = |length: usize| format!("{body}{}", " ".repeat(length - body.len())).into_bytes();
    app.operator().send("POST", &path, json, padded(65_537)).await.assert_problem(413, "payload_too_large");
    assert_eq!(app.operator().send("POST", &path, json, padded(65_536)).await.status, 201);
}

#[tokio::test]
async fn an_update_by_id_keeps_omitted_fields_and_clears_null_fields() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let path = addresses_of(&customer);
    let mut expected = save_new(&app.operator(), &customer, dublin_castle()).await;
    app.pass(10);
    for (changes, cleared) in [
        (json!({ "address": "Palace St", "latitude": 53.343, "usedPickupCount": 4 }), Value::Null),
        (
            json!({ "label": null, "brand": null, "addressId": null, "driverNote": null, "managementNote": null }),
            Value::Null,
        ),
        (json!({ "usedPickupCount": null, "usedDestinationCount": null }), json!(0)),
    ] {
        let mut body = changes.clone();
        body["id"] = expected["id"].clone();
        for (name, value) in changes.as_object().unwrap() {
            expected[name] = if value.is_null() { cleared.clone() } else { value.clone() };
        }
        let updated = app.operator().post(&path, body).await;
        assert_eq!((updated.status, &updated.body), (200, &expected), "{updated:?}");
        assert_eq!(updated.header("location"), None);
        assert_eq!(app.operator().get(&path).await.body, json!({ "items": [expected] }));
    }
    for needed in ["address", "latitude", "longitude"] {
        let answer = app.operator().post(&path, json!({ "id": expected["id"], needed: null })).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.errors(), [(format!("/{needed}"), "not_clearable".to_owned())]);
    }
    assert_eq!(app.operator().get(&path).await.body, json!({ "items": [expected] }));
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let saved = save_new(&app.operator(), &customer, dublin_castle()).await;
    app.pass(10);
    let _ = app.wire.take_calls();
    for body in [saved.clone(), json!({ "id": saved["id"] }), dublin_castle()] {
        let answer = app.operator().post(&addresses_of(&customer), body).await;
        assert_eq!((answer.status, &answer.body), (200, &saved), "{answer:?}");
    }
    let operations: Vec<_> = app.wire.take_calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["Query"; 3]);
}

#[tokio::test]
async fn an_unknown_id_is_not_found_even_if_the_place_is_known() {
    let app = TestApp::start().await;
    let (mine, other) =
        (app.operator().register_id("0871234567").await, app.operator().register_id("0861234567").await);
    save_new(&app.operator(), &mine, dublin_castle()).await;
    let of_other = save_new(&app.operator(), &other, at(1.0, 2.0)).await;
    let list = app.operator().get(&addresses_of(&mine)).await.body;
    for id in ["unknown", id_of(&of_other)] {
        let mut body = dublin_castle();
        body["id"] = json!(id);
        app.operator().post(&addresses_of(&mine), body).await.assert_problem(404, "not_found");
    }
    assert_eq!(app.operator().get(&addresses_of(&mine)).await.body, list);
    assert_eq!(listed_ids(&app.operator().get(&addresses_of(&other)).await), [id_of(&of_other)]);

    app.operator().post("customer/unknown/addresses", at(1.0, 2.0)).await.assert_problem(404, "not_found");
    app.operator().get("customer/unknown/addresses").await.assert_problem(404, "not_found");
    app.operator().post("customer/a.b/addresses", at(1.0, 2.0)).await.assert_problem(400, "invalid_path");
}

#[tokio::test]
async fn staff_may_save_and_apps_other_passengers_and_other_tenants_may_not() {
    let app = TestApp::start().await;
    let (id, other) = (app.operator().register_id("0871234567").await, app.operator().register_id("0861234567").await);
    let existing = addresses_of(&id);
    let mut closed = strangers(&app, &id);
    closed.extend([app.app("city"), app.passenger(&other)]);
    assert_forbidden(&app, closed, "POST", [&existing, "customer/unknown/addresses"], &at(1.0, 2.0)).await;
    for (n, role) in ["operator", "integration", "admin"].into_iter().enumerate() {
        let mut body = dublin_castle();
        body["addressId"] = json!(role);
        body["latitude"] = json!(n);
        save_new(&app.staff("demo", role), &id, body).await;
    }
}
