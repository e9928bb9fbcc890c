//! Items must stay readable by the previous version of the service, because a rolled-back deployment or a canary reads
//! what the next version wrote. `tests/fixtures/items-1.json` contains the items that schema 1 writes. It never
//! changes: a later schema adds a file.
//!
//! So an attribute keeps its type, a required attribute is always written, and an unknown attribute is ignored.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use api_tests::TestApp;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};

use crate::stored::{Item, items, profile, put, text};

/// The items as DynamoDB's JSON.
pub(crate) fn recorded() -> Vec<Map<String, Value>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/items-1.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn to_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(value) => json!({ "BOOL": value }),
        AttributeValue::Ss(values) => json!({ "SS": values }),
        AttributeValue::L(values) => json!({ "L": values.iter().map(to_json).collect::<Vec<_>>() }),
        AttributeValue::M(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().map(|(name, value)| (name, to_json(value))).collect();
            json!({ "M": fields })
        }
        other => panic!("the table has no {other:?}"),
    }
}

fn from_json(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text(value)),
        "N" => AttributeValue::N(text(value)),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "SS" => AttributeValue::Ss(value.as_array().unwrap().iter().map(text).collect()),
        "L" => AttributeValue::L(value.as_array().unwrap().iter().map(from_json).collect()),
        "M" => AttributeValue::M(fields(value.as_object().unwrap())),
        other => panic!("the table has no {other}"),
    }
}

pub(crate) fn fields(item: &Map<String, Value>) -> HashMap<String, AttributeValue> {
    item.iter().map(|(name, value)| (name.clone(), from_json(value))).collect()
}

/// Writes an item of each kind with all attributes for the tenant `demo`, and one with as few as possible for the
/// tenant `bare`.
async fn write_all(app: &TestApp) {
    let rich = app.admin();
    let customer = json!({
        "phone": "0871234567", "email": "aoife@example.com", "firstName": "Aoife", "lastName": "Byrne",
        "password": "correct horse", "defaultAccount": { "id": "acme" }, "defaultBrand": { "id": "city" },
        "accountDepartments": [{ "id": "d1" }], "clientCapabilities": [{ "id": "wav" }], "tags": ["VIP"],
        "priority": 50, "minPriority": 30, "loyaltyMiles": 1200, "rating": 90, "driverNote": "Rings twice.",
        "managementNote": "Pays late.", "active": false,
    });
    let answer = rich.post("customer", customer).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.body["id"].as_str().unwrap().to_owned();
    let address = json!({
        "address": "1 Main Street", "addressId": "place-1", "latitude": 53.35, "longitude": -6.26, "label": "Home",
        "brand": { "id": "city" }, "driverNote": "Side door.", "managementNote": "Gate code is old.",
    });
    let answer = rich.post(&format!("customer/{id}/addresses"), address).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let settings = json!({
        "region": "GB", "tagRules": [{ "tag": "VIP", "priority": 20 }], "loyaltyRules": [{ "miles": 1000, "priority": 40 }],
    });
    assert_eq!(rich.put("customersettings", settings).await.status, 200);

    let bare = app.staff("bare", "admin");
    let answer = bare.post("/client/bare/customer", json!({ "phone": "+353861234567" })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.body["id"].as_str().unwrap();
    let address = json!({ "address": "2 Main Street", "latitude": 53.0, "longitude": -6.0 });
    assert_eq!(bare.post(&format!("/client/bare/customer/{id}/addresses"), address).await.status, 201);
    assert_eq!(bare.put("/client/bare/customersettings", json!({})).await.status, 200);
}

/// The kind of an item and its tenant.
fn kind(item: &Item) -> (String, String) {
    (text(item, "entity").to_owned(), text(item, "pk").split('#').next().unwrap().to_owned())
}

#[tokio::test]
async fn items_of_schema_1_are_still_read() {
    let app = TestApp::start().await;
    let recorded: Vec<_> = recorded().iter().map(fields).collect();
    for item in &recorded {
        put(&app, item.clone()).await;
    }
    let admin = app.admin();
    let found = admin.get("customer/phone?phone=%2B353871234567").await;
    assert_eq!(found.status, 200, "{found:?}");
    let expected = json!({
        "phone": "+353871234567", "email": "aoife@example.com", "firstName": "Aoife", "lastName": "Byrne",
        "defaultAccount": { "id": "acme" }, "defaultBrand": { "id": "city" }, "accounts": [{ "id": "acme" }],
        "brands": [{ "id": "city" }], "accountDepartments": [{ "id": "d1" }], "clientCapabilities": [{ "id": "wav" }],
        "tags": ["VIP"], "priority": 20, "minPriority": 30, "loyaltyMiles": 1200, "rating": 90,
        "driverNote": "Rings twice.", "managementNote": "Pays late.", "active": false, "version": 1,
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(found.body[field], *value, "{field}");
    }
    let id = found.body["id"].as_str().unwrap();
    let addresses = admin.get(&format!("customer/{id}/addresses")).await.body;
    assert_eq!((&addresses["items"][0]["label"], &addresses["items"][0]["latitude"]), (&json!("Home"), &json!(53.35)));
    assert_eq!(admin.get("customersettings").await.body["region"], "GB");

    let bare = app.staff("bare", "admin");
    let found = bare.get("/client/bare/customer/phone?phone=%2B353861234567").await;
    assert_eq!((found.status, &found.body["tags"]), (200, &json!([])));
    let addresses = format!("/client/bare/customer/{}/addresses", found.body["id"].as_str().unwrap());
    assert_eq!(bare.get(&addresses).await.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(bare.get("/client/bare/customersettings").await.status, 200);
    // A deletion erases everything that belongs to a customer.
    assert_eq!(admin.delete(&format!("customer/{id}")).await.status, 204);
    let left = items(&app).await;
    assert!(left.iter().all(|item| kind(item) != ("customer".into(), "demo".into())), "{left:?}");
}

#[tokio::test]
async fn items_written_today_have_the_required_attributes_of_schema_1_with_the_same_types() {
    let app = TestApp::start().await;
    write_all(&app).await;
    let written: HashMap<_, _> = items(&app).await.into_iter().map(|item| (kind(&item), item)).collect();
    let recorded = recorded();
    assert_eq!(recorded.len(), 9);
    for known in recorded {
        let kind = kind(&fields(&known));
        let today = written.get(&kind).unwrap_or_else(|| panic!("{kind:?} is not written any more"));
        for (name, value) in known {
            let today = today.get(&name).unwrap_or_else(|| panic!("{kind:?} has no {name} any more"));
            assert_eq!(shape(&to_json(today)), shape(&value), "{name} of {kind:?}");
        }
    }
}

/// The types of a value and of the values in it.
fn shape(value: &Value) -> Value {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match value {
        Value::Array(entries) if kind == "L" => json!({ kind: entries.iter().map(shape).collect::<Vec<_>>() }),
        Value::Object(fields) => {
            json!({ kind: fields.iter().map(|(name, value)| (name, shape(value))).collect::<BTreeMap<_, _>>() })
        }
        _ => json!(kind),
    }
}

#[tokio::test]
async fn an_attribute_of_a_later_version_is_ignored_and_an_update_keeps_it() {
    let app = TestApp::start().await;
    let later =
        ("later".to_owned(), AttributeValue::M(HashMap::from([("a".to_owned(), AttributeValue::N("1".into()))])));
    for item in recorded().iter().map(fields) {
        put(&app, item.into_iter().chain([later.clone()]).collect()).await;
    }
    let admin = app.admin();
    let found = admin.get("customer/phone?phone=%2B353871234567").await;
    assert_eq!((found.status, found.body.get("later")), (200, None));
    let id = found.body["id"].as_str().unwrap();
    assert_eq!(admin.get(&format!("customer/{id}/addresses")).await.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(admin.get("customersettings").await.body["region"], "GB");
    assert_eq!(admin.post(&format!("customer/{id}"), json!({ "firstName": "Orla" })).await.status, 200);
    assert_eq!(profile(&app, id).await.get(&later.0), Some(&later.1));
}
