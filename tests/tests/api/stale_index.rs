//! An outdated index. The embedded DynamoDB's index is always up to date, so these tests change its entries. An entry
//! with a former owner (a stale hit) and a missing entry (a stale miss) must give the current result.

use api_tests::{Answer, TENANT, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::domain::{ClientId, CustomerId, Phone, Region};
use shared::store::keys;

use crate::place::{at, save_new};

fn phone(raw: &str) -> Phone {
    Phone::parse(raw, Region::parse("IE").unwrap()).unwrap()
}

/// Sets the customer of an index entry, or removes the entry.
async fn set_index_entry(app: &TestApp, customer: &str, entry: Option<&str>) {
    let client = ClientId::parse(TENANT).unwrap();
    let key = keys::customer(&client, &CustomerId::parse(customer).unwrap());
    let update = app.dynamodb.update_item().table_name(app.table()).set_key(Some(key.attributes()));
    let update = match entry {
        Some(raw) => update
            .update_expression(format!("SET {} = :entry", keys::PHONE_INDEX_PK))
            .expression_attribute_values(":entry", AttributeValue::S(keys::phone_index(&client, &phone(raw)))),
        None => update.update_expression(format!("REMOVE {}", keys::PHONE_INDEX_PK)),
    };
    update.send().await.unwrap();
    app.wire.take_calls();
}

async fn find(app: &TestApp, raw: &str) -> Answer {
    app.operator().get(&format!("customer/phone?phone={raw}")).await
}

fn calls(app: &TestApp) -> Vec<String> {
    app.wire.take_calls().into_iter().map(|call| call.operation).collect()
}

#[tokio::test]
async fn the_guard_finds_the_customer_of_a_stale_miss() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    set_index_entry(&app, created["id"].as_str().unwrap(), None).await;

    let found = find(&app, "0871234567").await;
    assert_eq!((found.status, &found.body), (200, &created));
    assert_eq!(calls(&app), ["Query", "GetItem", "GetItem"]);
}

#[tokio::test]
async fn an_index_that_is_behind_hides_no_addresses() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let other = app.operator().register_id("0861234567").await;
    save_new(&app.operator(), &id, at(53.1, -6.1)).await;
    let find = async || app.operator().get("customer/phone?phone=0871234567&include=addresses").await;

    set_index_entry(&app, &id, None).await;
    let missed = find().await;
    assert_eq!((&missed.body["id"], missed.body["addresses"].as_array().map(Vec::len)), (&json!(id), Some(1)));
    assert_eq!(calls(&app), ["Query", "GetItem", "Query"]);

    set_index_entry(&app, &other, Some("0871234567")).await;
    let hit = find().await;
    assert_eq!((&hit.body["id"], hit.body["addresses"].as_array().map(Vec::len)), (&json!(id), Some(1)));
    assert_eq!(calls(&app), ["Query", "Query", "GetItem", "Query"]);
}

#[tokio::test]
async fn a_create_with_a_stale_miss_matches() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let id = created["id"].as_str().unwrap();
    set_index_entry(&app, id, None).await;

    let matched = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((matched.status, &matched.body), (200, &created));
    assert_eq!(calls(&app), ["Query", "TransactWriteItems", "GetItem"]);

    let linked = app.operator().post("brand/city/customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((linked.status, &linked.body["brands"]), (200, &json!([{ "id": "city" }])));
    assert_eq!(calls(&app), ["Query", "TransactWriteItems", "UpdateItem"]);

    let create_only = [("if-none-match", "*")];
    let refused = app.operator().post_with("customer", &create_only, json!({ "phone": "0871234567" })).await;
    refused.assert_problem(412, "precondition_failed");
    assert_eq!(calls(&app), ["Query", "TransactWriteItems"]);
}

#[tokio::test]
async fn a_stale_hit_gives_the_current_owner() {
    let app = TestApp::start().await;
    let yesterday = app.operator().register("0861234567").await;
    let today = app.operator().register("0871234567").await;
    set_index_entry(&app, today["id"].as_str().unwrap(), None).await;
    set_index_entry(&app, yesterday["id"].as_str().unwrap(), Some("0871234567")).await;

    let found = find(&app, "0871234567").await;
    assert_eq!((found.status, &found.body), (200, &today));
    assert_eq!(calls(&app), ["Query", "GetItem", "GetItem", "GetItem"]);

    let matched = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((matched.status, &matched.body), (200, &today));
    assert_eq!(calls(&app), ["Query", "GetItem", "TransactWriteItems", "GetItem"]);

    let linked = app.operator().post("brand/city/customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((linked.status, &linked.body["id"]), (200, &today["id"]));
    assert_eq!(calls(&app), ["Query", "GetItem", "TransactWriteItems", "UpdateItem"]);
}

#[tokio::test]
async fn a_stale_hit_on_a_free_number_is_404_and_a_create_creates() {
    let app = TestApp::start().await;
    let yesterday = app.operator().register("0861234567").await;
    set_index_entry(&app, yesterday["id"].as_str().unwrap(), Some("0871234567")).await;

    find(&app, "0871234567").await.assert_problem(404, "not_found");
    assert_eq!(calls(&app), ["Query", "GetItem", "GetItem"]);

    let created = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_ne!(created.body["id"], yesterday["id"]);
    assert_eq!(calls(&app), ["Query", "GetItem", "TransactWriteItems"]);
}

#[tokio::test]
async fn an_index_entry_of_a_deleted_customer_is_404() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    assert_eq!(app.operator().delete(&format!("customer/{id}")).await.status, 204);
    // An index entry without its customer: an item with only the keys of a customer.
    let client = ClientId::parse(TENANT).unwrap();
    let ghost = CustomerId::parse("ghost").unwrap();
    let ghost_phone = keys::phone_index(&client, &phone("0871234567"));
    let mut item = keys::customer(&client, &ghost).attributes();
    item.insert(keys::SK.to_owned(), AttributeValue::S("GHOST".to_owned()));
    item.insert(keys::PHONE_INDEX_PK.to_owned(), AttributeValue::S(ghost_phone));
    app.dynamodb.put_item().table_name(app.table()).set_item(Some(item)).send().await.unwrap();

    find(&app, "0871234567").await.assert_problem(404, "not_found");
    let created = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!(created.status, 201, "{created:?}");
}

#[tokio::test]
async fn a_guard_without_its_customer_ends_in_503() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let client = ClientId::parse(TENANT).unwrap();
    let key = keys::customer(&client, &CustomerId::parse(&*id).unwrap());
    let delete = app.dynamodb.delete_item().table_name(app.table());
    delete.set_key(Some(key.attributes())).send().await.unwrap();

    find(&app, "0871234567").await.assert_problem(503, "unavailable");
    let create = app.operator().post("customer", json!({ "phone": "0871234567" })).await;
    create.assert_problem(503, "unavailable");
}
