//! Bodies of addresses, and a way to store many addresses.

use api_tests::{Answer, Session, TestApp};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use serde_json::{Value, json};

/// The body of an address with every field.
pub(crate) fn dublin_castle() -> Value {
    json!({
        "address": " Dame St, Cafe\u{301} entrance ",
        "addressId": "osm:way/1234",
        "latitude": 53.342_886,
        "longitude": -6.267_428,
        "label": "work",
        "brand": { "id": "city" },
        "lastUsedDate": 1_700_000_000,
        "usedPickupCount": 3,
        "usedDestinationCount": 2,
        "driverNote": "by the gate\nring twice",
        "managementNote": "invoice monthly",
    })
}

/// The body of an address with only the required fields.
pub(crate) fn at(latitude: f64, longitude: f64) -> Value {
    json!({ "address": "somewhere", "latitude": latitude, "longitude": longitude })
}

/// The path of a customer's addresses.
pub(crate) fn addresses_of(customer: &str) -> String {
    format!("customer/{customer}/addresses")
}

/// Saves a new address and returns it.
pub(crate) async fn save_new(caller: &Session, customer: &str, body: Value) -> Value {
    let answer = caller.post(&addresses_of(customer), body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body
}

/// The ids of a list of addresses, in the same order.
#[track_caller]
pub(crate) fn listed_ids(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"].as_array().expect("items").iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

/// Puts `count` copies of the customer's only address into the table, each at another place on the equator. Sending
/// them one by one would be slow, because every save reads all addresses.
pub(crate) async fn copy_the_only_address(app: &TestApp, tenant: &str, customer: &str, count: usize) {
    let found = app
        .dynamodb
        .query()
        .table_name(app.table())
        .key_condition_expression("pk = :pk AND begins_with(sk, :address)")
        .expression_attribute_values(":pk", AttributeValue::S(format!("{tenant}#CUSTOMER#{customer}")))
        .expression_attribute_values(":address", AttributeValue::S("ADDRESS#".to_owned()))
        .send()
        .await
        .expect("a query");
    let [address] = found.items() else { panic!("{} addresses", found.count()) };
    let mut writes = Vec::new();
    for n in 1..=count {
        let mut copy = address.clone();
        let id = format!("00000000-0000-7000-8000-{n:012}");
        copy.insert("sk".to_owned(), AttributeValue::S(format!("ADDRESS#{id}")));
        copy.insert("id".to_owned(), AttributeValue::S(id));
        copy.insert("latitude".to_owned(), AttributeValue::N("0".to_owned()));
        copy.insert("longitude".to_owned(), AttributeValue::N(n.to_string()));
        if let Some(AttributeValue::S(reference)) = copy.get_mut("addressId") {
            let rest: String = reference.chars().skip(3).collect();
            *reference = format!("{n:03}{rest}");
        }
        let put = PutRequest::builder().set_item(Some(copy)).build().expect("an item");
        writes.push(WriteRequest::builder().put_request(put).build());
    }
    for batch in writes.chunks(25) {
        let wrote = app.dynamodb.batch_write_item().request_items(app.table(), batch.to_vec()).send().await;
        assert!(wrote.expect("a write").unprocessed_items().is_none_or(std::collections::HashMap::is_empty));
    }
}
