//! saveAddress: when two addresses are the same place.

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
async fn coordinates_that_agree_in_six_decimals_are_the_same_place() {
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
    // 0.0 and -0.0 are equal.
    let equator = save_new(&app.operator(), &customer, at(0.0, 0.0)).await;
    let again = app.operator().post(&path, at(-0.0, -0.000_000_4)).await;
    assert_eq!((again.status, again.body), (200, equator));
}

#[tokio::test]
async fn an_equal_reference_is_the_same_place_at_any_coordinates() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let path = addresses_of(&customer);
    let mut expected = save_new(&app.operator(), &customer, referred("osm:1", 1.0, 2.0)).await;
    let moved = app.operator().post(&path, json!({ "addressId": "osm:1", "longitude": 2.5 })).await;
    expected["longitude"] = json!(2.5);
    assert_eq!((moved.status, &moved.body), (200, &expected));

    // A save with only the coordinates finds it too.
    let found = app.operator().post(&path, json!({ "latitude": 1, "longitude": 2.5, "label": "home" })).await;
    expected["label"] = json!("home");
    assert_eq!((found.status, &found.body), (200, &expected));
    // An address without a reference gets the one that is sent with its coordinates.
    let mut bare = save_new(&app.operator(), &customer, at(3.0, 3.0)).await;
    let referred_now = app.operator().post(&path, referred("osm:2", 3.0, 3.0)).await;
    bare["addressId"] = json!("osm:2");
    assert_eq!((referred_now.status, &referred_now.body), (200, &bare));
    let unknown = app.operator().post(&path, json!({ "addressId": "OSM:1", "longitude": 2.5 })).await;
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
async fn addresses_without_references_are_not_the_same_place() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let first = save_new(&app.operator(), &customer, at(1.0, 2.0)).await;
    let mut body = at(3.0, 4.0);
    body["addressId"] = Value::Null;
    let second = save_new(&app.operator(), &customer, body).await;
    assert_ne!(first["id"], second["id"]);
}

#[tokio::test]
async fn different_references_at_the_same_coordinates_are_two_places() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let path = addresses_of(&customer);
    let mut flat = referred("geo:flat-1", 53.3, -6.2);
    flat["driverNote"] = json!("gate code 1234");
    flat["managementNote"] = json!("owes a fare");
    let first = save_new(&app.operator(), &customer, flat).await;
    let second = save_new(&app.passenger(&customer), &customer, referred("geo:flat-2", 53.3, -6.2)).await;
    assert_eq!((&second["driverNote"], second.get("managementNote")), (&Value::Null, None));
    let list = app.operator().get(&path).await.body;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert!(list["items"].as_array().unwrap().contains(&first), "the first is as it was: {list}");

    // A save without a reference selects neither flat. It creates a third address, which the next such save updates.
    let mut third = save_new(&app.passenger(&customer), &customer, at(53.3, -6.2)).await;
    let again =
        app.passenger(&customer).post(&path, json!({ "latitude": 53.3, "longitude": -6.2, "label": "Mum" })).await;
    third["label"] = json!("Mum");
    assert_eq!((again.status, &again.body), (200, &third));
    for id in [&first["id"], &second["id"], &third["id"]] {
        let edited = app.operator().post(&path, json!({ "id": id, "usedPickupCount": 1 })).await;
        assert_eq!(edited.status, 200, "{edited:?}");
    }
    let twice = app.operator().post(&path, json!({ "id": first["id"], "addressId": null })).await;
    twice.assert_problem(409, "same_place");
}

#[tokio::test]
async fn a_passengers_save_of_the_same_place_keeps_the_offices_notes() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let mut office = at(53.3, -6.2);
    office["driverNote"] = json!("gate code 1234");
    office["managementNote"] = json!("owes a fare");
    office["usedPickupCount"] = json!(7);
    let mut expected = save_new(&app.operator(), &customer, office).await;
    let mut mine = referred("geo:1", 53.3, -6.2);
    mine["label"] = json!("home");
    mine["address"] = json!("My house");
    assert_eq!(app.passenger(&customer).post(&addresses_of(&customer), mine.clone()).await.status, 200);
    for field in ["label", "address", "addressId"] {
        expected[field] = mine[field].clone();
    }
    assert_eq!(app.operator().get(&addresses_of(&customer)).await.body, json!({ "items": [expected] }));
}

#[tokio::test]
async fn an_update_never_makes_two_addresses_the_same_place() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let path = addresses_of(&customer);
    let first = save_new(&app.operator(), &customer, referred("osm:1", 1.0, 1.0)).await;
    let second = save_new(&app.operator(), &customer, at(2.0, 2.0)).await;
    save_new(&app.operator(), &customer, referred("osm:3", 3.0, 3.0)).await;
    let before = app.operator().get(&path).await.body;
    for body in [
        json!({ "id": first["id"], "addressId": "osm:3" }),
        json!({ "id": first["id"], "latitude": 2.0, "longitude": 2.000_000_4 }),
        // The reference is that of the first address, the coordinates are those of the second.
        referred("osm:1", 2.0, 2.0),
        json!({ "id": second["id"], "latitude": 1, "longitude": 1 }),
        json!({ "id": second["id"], "addressId": "osm:1" }),
    ] {
        app.operator().post(&path, body).await.assert_problem(409, "same_place");
    }
    assert_eq!(app.operator().get(&path).await.body, before);

    let body = json!({ "id": first["id"], "latitude": 2.0, "longitude": 3.0, "addressId": "osm:4" });
    assert_eq!(app.operator().post(&path, body).await.status, 200, "half of each is no other's place");
    let body = json!({ "id": first["id"], "latitude": 3.0, "longitude": 3.0 });
    assert_eq!(app.operator().post(&path, body).await.status, 200, "two references at one point are two places");
}

#[tokio::test]
async fn two_customers_can_save_the_same_place() {
    let app = TestApp::start().await;
    for phone in ["0871234567", "0861234567"] {
        let customer = app.operator().register_id(phone).await;
        save_new(&app.operator(), &customer, referred("osm:1", 1.0, 1.0)).await;
    }
}

#[tokio::test]
async fn twenty_concurrent_saves_of_one_place_make_one_address() {
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
async fn a_save_that_loses_a_race_is_retried_a_limited_number_of_times() {
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
