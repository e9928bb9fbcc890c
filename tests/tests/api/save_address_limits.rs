//! saveAddress and listAddresses: the limits.

use api_tests::TestApp;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::place::{addresses_of, at, copy_the_only_address, listed_ids, save_new};
use crate::record::id_of;

#[tokio::test]
async fn a_customer_has_at_most_two_hundred_addresses() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let path = addresses_of(&customer);
    let first = save_new(&app.operator(), &customer, at(1.0, 1.0)).await;
    copy_the_only_address(&app, "demo", &customer, 199).await;
    let before = app.operator().get(&path).await;
    assert_eq!(listed_ids(&before).len(), 200);
    app.operator().post(&path, at(2.0, 2.0)).await.assert_problem(409, "limit_reached");
    assert_eq!(app.operator().get(&path).await.body, before.body);

    let same_place = app.operator().post(&path, at(1.0, 1.0)).await;
    assert_eq!((same_place.status, &same_place.body), (200, &first), "what is there can be saved again");
    let update = app.operator().post(&path, json!({ "id": first["id"], "label": "home" })).await;
    assert_eq!(update.status, 200, "{update:?}");
    assert_eq!(app.operator().delete(&format!("{path}/{}", id_of(&first))).await.status, 204);
    save_new(&app.operator(), &customer, at(2.0, 2.0)).await;
}

#[tokio::test]
async fn concurrent_saves_never_exceed_the_limit() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    save_new(&app.operator(), &customer, at(1.0, 1.0)).await;
    copy_the_only_address(&app, "demo", &customer, 197).await;
    let mut saves = JoinSet::new();
    for n in 0..10 {
        let (operator, path) = (app.operator(), addresses_of(&customer));
        saves.spawn(async move { operator.post(&path, at(2.0, f64::from(n))).await.status });
    }
    let mut statuses = saves.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![201; 2], vec![409; 8]].concat());
    assert_eq!(listed_ids(&app.operator().get(&addresses_of(&customer)).await).len(), 200);
}

#[tokio::test]
async fn one_query_lists_the_addresses_of_the_largest_possible_customer() {
    let app = TestApp::start().await;
    let tenant = "t".repeat(64);
    let operator = app.staff(&tenant, "operator");
    // Characters of four bytes each; tags need letters.
    let text = |count: usize| "\u{1f695}".repeat(count);
    let ids = |kind: &str| -> Vec<Value> { (0..100).map(|n| json!({ "id": format!("{kind}{n:063}") })).collect() };
    let tags: Vec<_> = (0..50).map(|n| format!("{n:02}{}", "\u{10400}".repeat(38))).collect();
    let customer = json!({
        "phone": "0871234567",
        "email": format!("{}@example.com", "e".repeat(60)),
        "firstName": text(100),
        "lastName": text(100),
        "password": "a long enough password",
        "driverNote": text(500),
        "managementNote": text(1000),
        "tags": tags,
        "accounts": ids("a"),
        "accountDepartments": ids("d"),
        "brands": ids("b"),
        "clientCapabilities": ids("c"),
    });
    let created = operator.post(&format!("/client/{tenant}/customer"), customer).await;
    assert_eq!(created.status, 201, "{created:?}");
    let customer = id_of(&created.body);
    let address = json!({
        "address": text(250),
        // The longest possible reference has 1,024 bytes.
        "addressId": text(256),
        "latitude": 53.342_886,
        "longitude": -6.267_428,
        "label": text(40),
        "brand": { "id": "b".repeat(64) },
        "lastUsedDate": 253_402_300_799_i64,
        "usedPickupCount": 1_000_000_000,
        "usedDestinationCount": 1_000_000_000,
        "driverNote": text(250),
        "managementNote": text(250),
    });
    let path = format!("/client/{tenant}/customer/{customer}/addresses");
    let saved = operator.post(&path, address).await;
    assert_eq!(saved.status, 201, "{saved:?}");
    copy_the_only_address(&app, &tenant, customer, 199).await;

    let _ = app.wire.take_calls();
    let list = operator.get(&path).await;
    assert_eq!(listed_ids(&list).len(), 200);
    let calls = app.wire.take_calls();
    let [query] = &calls[..] else { panic!("{} calls", calls.len()) };
    assert_eq!(query.operation, "Query");
    // A strongly consistent read of 4 KB costs a unit, so a query of 1 MB costs 256 units.
    assert!((200.0..256.0).contains(&query.capacity), "{}", query.capacity);
}

#[tokio::test]
async fn a_geocoders_reference_has_up_to_1024_bytes() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let references = ["x".repeat(1024), "\u{e9}".repeat(512), "\u{1f695}".repeat(256)];
    for (n, reference) in references.iter().enumerate() {
        let mut body = at(1.0, f64::from(u8::try_from(n).unwrap()));
        body["addressId"] = json!(reference);
        let saved = save_new(&app.operator(), &customer, body.clone()).await;
        assert_eq!(saved["addressId"], json!(reference));
        body["addressId"] = json!(format!("{reference}x"));
        let refused = app.operator().post(&addresses_of(&customer), body).await;
        refused.assert_problem(422, "validation_failed");
        assert_eq!(refused.errors(), [("/addressId".to_owned(), "too_long".to_owned())]);
    }
}
