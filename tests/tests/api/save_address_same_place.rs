//! saveAddress: when two addresses are one place.

use api_tests::{Fault, TestApp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::place::{addresses_of, at, listed_ids, save_new};
use crate::record::id_of;

/// An address with a geocoder's reference.
fn referred(reference: &str, latitude: f64, longitude: f64) -> Value {
    let mut body = at(latitude, longitude);
    body["addressId"] = json!(reference);
    body
}

#[tokio::test]
async fn equal_coordinates_at_six_decimals_are_one_place_and_the_seventh_does_not_matter() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let path = addresses_of(&customer);
    let mut expected = save_new(&app.operator(), &customer, at(53.342_886, -6.267_428)).await;
    for (n, (latitude, longitude)) in
        [(53.342_886_4, -6.267_427_6), (53.342_885_6, -6.267_428_4), (53.342_886, -6.267_428)].into_iter().enumerate()
    {
        let mut body = at(latitude, longitude);
        body["usedPickupCount"] = json!(n + 1);
        expected["usedPickupCount"] = json!(n + 1);
        let answer = app.operator().post(&path, body).await;
        assert_eq!((answer.status, &answer.body), (200, &expected), "{answer:?}");
    }
    for (latitude, longitude) in [(53.342_887, -6.267_428), (53.342_886, -6.267_427), (-53.342_886, -6.267_428)] {
        save_new(&app.operator(), &customer, at(latitude, longitude)).await;
    }
    // Both zeros are one.
    let equator = save_new(&app.operator(), &customer, at(0.0, 0.0)).await;
    let again = app.operator().post(&path, at(-0.0, -0.000_000_4)).await;
    assert_eq!((again.status, again.body), (200, equator));
}

#[tokio::test]
async fn an_equal_geocoder_reference_is_one_place_wherever_it_lies() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let path = addresses_of(&customer);
    let mut expected = save_new(&app.operator(), &customer, referred("osm:1", 1.0, 2.0)).await;
    let moved = app.operator().post(&path, json!({ "addressId": "osm:1", "longitude": 2.5 })).await;
    expected["longitude"] = json!(2.5);
    assert_eq!((moved.status, &moved.body), (200, &expected));

    // Coordinates alone find it too, and so does another reference at them, which it then takes over.
    let found = app.operator().post(&path, referred("OSM:1", 1.0, 2.5)).await;
    expected["addressId"] = json!("OSM:1");
    assert_eq!((found.status, &found.body), (200, &expected));
    let unknown = app.operator().post(&path, json!({ "addressId": "osm:1", "longitude": 2.5 })).await;
    let missing = [("/address", "required"), ("/latitude", "required")];
    assert_eq!(unknown.errors(), missing.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn one_coordinate_alone_finds_no_place() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    save_new(&app.operator(), &customer, at(1.0, 2.0)).await;
    let answer = app.operator().post(&addresses_of(&customer), json!({ "address": "elsewhere", "latitude": 1 })).await;
    answer.assert_problem(422, "validation_failed");
    assert_eq!(answer.errors(), [("/longitude".to_owned(), "required".to_owned())]);
}

#[tokio::test]
async fn addresses_without_a_reference_are_not_one_place_for_that() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let first = save_new(&app.operator(), &customer, at(1.0, 2.0)).await;
    let mut body = at(3.0, 4.0);
    body["addressId"] = Value::Null;
    let second = save_new(&app.operator(), &customer, body).await;
    assert_ne!(first["id"], second["id"]);
}

#[tokio::test]
async fn no_save_makes_two_addresses_one_place() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let path = addresses_of(&customer);
    let first = save_new(&app.operator(), &customer, referred("osm:1", 1.0, 1.0)).await;
    let second = save_new(&app.operator(), &customer, referred("osm:2", 2.0, 2.0)).await;
    let before = app.operator().get(&path).await.body;
    for body in [
        json!({ "id": first["id"], "addressId": "osm:2" }),
        json!({ "id": first["id"], "latitude": 2.0, "longitude": 2.000_000_4 }),
        // The reference finds the first, its coordinates are the second's.
        referred("osm:1", 2.0, 2.0),
        json!({ "id": second["id"], "addressId": null, "latitude": 1, "longitude": 1 }),
    ] {
        app.operator().post(&path, body).await.assert_problem(409, "same_place");
    }
    assert_eq!(app.operator().get(&path).await.body, before);

    let body = json!({ "id": first["id"], "latitude": 2.0, "longitude": 3.0, "addressId": "osm:3" });
    assert_eq!(app.operator().post(&path, body).await.status, 200, "half of each is nobody's place");
}

#[tokio::test]
async fn one_place_may_be_two_customers() {
    let app = TestApp::start().await;
    for phone in ["0871234567", "0861234567"] {
        let customer = app.operator().register_id(phone).await;
        save_new(&app.operator(), &customer, referred("osm:1", 1.0, 1.0)).await;
    }
}

#[tokio::test]
async fn twenty_saves_of_one_place_at_once_make_one_address() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let mut saves = JoinSet::new();
    for n in 0..20 {
        // By the coordinates, and by the reference.
        let body = if n % 2 == 0 { referred("osm:1", 1.0, 1.0) } else { at(1.0, 1.000_000_1) };
        let (operator, path) = (app.operator(), addresses_of(&customer));
        saves.spawn(async move {
            let answer = operator.post(&path, body).await;
            (answer.status, id_of(&answer.body).to_owned())
        });
    }
    let answers = saves.join_all().await;
    let list = app.operator().get(&addresses_of(&customer)).await;
    let [id] = listed_ids(&list)[..] else { panic!("not one address: {list:?}") };
    assert!(answers.iter().all(|(_, saved)| saved == id), "{answers:?}");
    assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1, "{answers:?}");
    assert_eq!(list.body["items"][0]["addressId"], "osm:1");
}

#[tokio::test]
async fn a_save_that_another_one_outran_is_done_again_a_bounded_number_of_times() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let path = addresses_of(&customer);
    let saved = save_new(&app.operator(), &customer, at(1.0, 1.0)).await;
    let delete = format!("{path}/{}", id_of(&saved));
    for reasons in
        [["ConditionalCheckFailed", "None"], ["TransactionConflict", "None"], ["None", "TransactionConflict"]]
    {
        app.wire.inject(Fault::cancellation(&reasons));
        assert_eq!(app.operator().post(&path, json!({ "id": saved["id"], "label": reasons[0] })).await.status, 200);
        assert_eq!(app.wire.faults_left(), 0);
    }
    for _ in 0..100 {
        app.wire.inject(Fault::cancellation(&["TransactionConflict", "None"]));
    }
    app.operator().post(&path, at(2.0, 2.0)).await.assert_problem(503, "unavailable");
    app.operator().delete(&delete).await.assert_problem(503, "unavailable");
    assert!(app.wire.faults_left() > 70, "they gave up after {} attempts", 100 - app.wire.faults_left());
    assert_eq!(listed_ids(&app.operator().get(&path).await), [id_of(&saved)]);
}
