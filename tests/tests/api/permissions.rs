//! Compares the calls that each function makes with the permissions of its role in the template. They must be equal.

use std::collections::BTreeSet;

use api_tests::{Call, TestApp};
use local::table::TEMPLATE;
use serde_json::json;
use serde_yaml::Value;

use crate::place::{copy_the_only_address, save_new};

/// An IAM action, and the index that it is for, if any.
type Permission = (String, Option<String>);

/// The actions that a call needs. A transaction only needs the actions of its parts
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>).
fn needed_for(call: &Call) -> Vec<Permission> {
    let on_table = |action: &str| (format!("dynamodb:{action}"), None);
    if call.operation == "TransactWriteItems" {
        let parts = call.request["TransactItems"].as_array().unwrap().iter();
        let parts = parts.map(|part| part.as_object().unwrap().keys().next().unwrap().clone());
        return parts.map(|part| on_table(&format!("{part}Item"))).collect();
    }
    let index = call.request["IndexName"].as_str().map(str::to_owned);
    vec![(format!("dynamodb:{}", call.operation), index)]
}

/// The actions that the template grants a function.
fn granted(binary: &str) -> BTreeSet<Permission> {
    let template: Value = serde_yaml::from_str(TEMPLATE).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    let function = resources.values().find(|r| r["Metadata"]["BuildProperties"]["Binary"] == binary).unwrap();
    let mut granted = BTreeSet::new();
    let Value::Tagged(role) = &function["Properties"]["Role"] else { panic!("{binary} has no role") };
    let role = role.value.as_str().unwrap().strip_suffix(".Arn").unwrap();
    let policies = resources[role]["Properties"]["Policies"].as_sequence().unwrap();
    let table = policies.iter().find(|policy| policy["PolicyName"] == "table").unwrap();
    for statement in table["PolicyDocument"]["Statement"].as_sequence().unwrap() {
        for action in each(&statement["Action"]) {
            for resource in each(&statement["Resource"]) {
                // The stack's own table. `tests/template.rs` compares it with `ExistingTable`.
                let Value::Tagged(choice) = resource else { panic!("{resource:?}") };
                let Value::Tagged(resource) = &choice.value[1] else { panic!("{choice:?}") };
                let index = match (resource.tag.to_string().as_str(), resource.value.as_str().unwrap()) {
                    ("!GetAtt", "CustomersTable.Arn") => None,
                    ("!Sub", sub) => Some(sub.strip_prefix("${CustomersTable.Arn}/index/").unwrap().to_owned()),
                    other => panic!("{other:?}"),
                };
                granted.insert((action.as_str().unwrap().to_owned(), index));
            }
        }
    }
    granted
}

fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Sequence(values) => values.iter().collect(),
        value => vec![value],
    }
}

#[track_caller]
fn assert_uses_what_it_is_granted(binary: &str, calls: &[Call]) {
    let used: BTreeSet<_> = calls.iter().flat_map(needed_for).collect();
    assert_eq!(used, granted(binary), "used, and granted to {binary}");
}

#[tokio::test]
async fn customers() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let _ = app.wire.take_all_calls();
    let id = admin.register_id("0871234567").await;
    admin.register("0861234567").await;
    assert_eq!(admin.post("brand/city/customer", json!({ "phone": "0871234567" })).await.status, 200);
    assert_eq!(admin.get("customer/phone?phone=0851234567").await.status, 404);
    let record = format!("customer/{id}");
    assert_eq!(admin.post(&record, json!({ "lastName": "Byrne" })).await.status, 200);
    for question in ["", "?name=byrne", "?email=a@example.com", "?phoneEnding=4567"] {
        assert_eq!(admin.get(&format!("customer{question}")).await.status, 200);
    }
    assert_eq!(admin.post(&record, json!({ "phone": "0851234567" })).await.status, 200);
    assert_eq!(admin.put("customersettings", json!({})).await.status, 200);
    assert_eq!(admin.get("customersettings").await.status, 200);
    let mut calls = app.wire.take_all_calls();

    // More addresses than fit into the transaction that deletes the record.
    let address = json!({ "address": "1 Main Street", "latitude": 53.1, "longitude": -6.1 });
    save_new(&admin, &id, address).await;
    copy_the_only_address(&app, "demo", &id, 95).await;
    let _ = app.wire.take_all_calls();
    assert_eq!(admin.delete(&record).await.status, 204);
    calls.extend(app.wire.take_all_calls());
    assert_uses_what_it_is_granted("customers", &calls);
}

#[tokio::test]
async fn links() {
    let app = TestApp::start().await;
    let body = json!({ "phone": "0871234567", "defaultBrand": { "id": "city" }, "defaultAccount": { "id": "acme" } });
    let id = app.operator().post("customer", body).await.body["id"].as_str().unwrap().to_owned();
    // New functions, which have not read the tenant's settings yet.
    let operator = app.operator().through(app.another_gateway());
    let _ = app.wire.take_all_calls();
    for link in ["account/acme", "accountdepartment/d1", "brand/city", "clientcapability/wav"] {
        assert_eq!(operator.post_empty(&format!("customer/{id}/{link}")).await.status, 200);
        assert_eq!(operator.delete(&format!("customer/{id}/{link}")).await.status, 200);
    }
    assert_uses_what_it_is_granted("links", &app.wire.take_all_calls());
}

#[tokio::test]
async fn tags() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let operator = app.operator().through(app.another_gateway());
    let _ = app.wire.take_all_calls();
    let tags = format!("customer/{id}/tag");
    assert_eq!(operator.post_empty(&format!("{tags}/vip")).await.status, 200);
    assert_eq!(operator.get(&tags).await.status, 200);
    assert_eq!(operator.delete(&format!("{tags}/vip")).await.status, 200);
    assert_uses_what_it_is_granted("tags", &app.wire.take_all_calls());
}

#[tokio::test]
async fn addresses() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let created = operator.post("brand/city/customer", json!({ "phone": "0871234567" })).await.body;
    let id = created["id"].as_str().unwrap();
    let _ = app.wire.take_all_calls();
    let path = format!("customer/{id}/addresses");
    let place = json!({ "address": "1 Main Street", "latitude": 53.1, "longitude": -6.1 });
    let saved = save_new(&operator, id, place).await;
    let label = json!({ "id": saved["id"], "label": "home" });
    assert_eq!(operator.post(&path, label).await.status, 200);
    assert_eq!(operator.get(&path).await.status, 200);
    assert_eq!(operator.get(&format!("brand/city/{path}")).await.status, 200);
    let address = format!("{path}/{}", saved["id"].as_str().unwrap());
    assert_eq!(operator.delete(&address).await.status, 204);
    // Every function makes this call when it starts; the other functions also read items for their requests.
    app.state().store.read_probe().await.unwrap();
    assert_uses_what_it_is_granted("addresses", &app.wire.take_all_calls());
}
