//! The role table: which operations each role may call, and which fields it sees.

use api_tests::{NOW, TENANT, TestApp};
use serde_json::{Value, json};

use crate::get_customer::without_request_id;
use crate::operations;
use crate::stored;

/// The fields of a customer that passengers never see.
pub(crate) const HIDDEN: [&str; 10] = [
    "managementNote",
    "rating",
    "tags",
    "assignedPriority",
    "minPriority",
    "priorityReason",
    "block",
    "ownerSince",
    "createdBy",
    "updatedBy",
];

/// The operations that each role may call within its own tenant, brand and record.
pub(crate) fn is_open(role: &str, operation: &str) -> bool {
    match role {
        "admin" => true,
        "operator" => operation != "putCustomerSettings",
        "integration" => !["putCustomerSettings", "deleteCustomer"].contains(&operation),
        "app" => false,
        "passenger" => [
            "getCustomer",
            "getBrandCustomer",
            "updateCustomer",
            "updateBrandCustomer",
            "listAddresses",
            "listBrandAddresses",
            "saveAddress",
            "deleteAddress",
        ]
        .contains(&operation),
        _ => panic!("no role {role}"),
    }
}

fn context(tenant: &str, role: &str) -> Value {
    let mut context = json!({ "clientId": tenant, "role": role });
    match role {
        "app" => context["brandId"] = json!("city"),
        "passenger" => context["customerId"] = json!("p1"),
        _ => {}
    }
    context
}

const ROLES: [&str; 5] = ["operator", "integration", "admin", "app", "passenger"];

#[tokio::test]
async fn each_role_may_call_exactly_its_operations() {
    let app = TestApp::start().await;
    for role in ROLES {
        let caller = app.with_context(context(TENANT, role));
        for operation in operations::all() {
            let answer = operation.call(&caller, TENANT, "p1", "city").await;
            if is_open(role, operation.name) {
                assert!(matches!(answer.status, 200 | 201 | 204 | 404 | 409), "{role} {}: {answer:?}", operation.name);
            } else {
                assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{role} {}", operation.name);
            }
        }
    }
}

#[tokio::test]
async fn there_are_twenty_nine_operations() {
    let mut names: Vec<_> = operations::all().iter().map(|operation| operation.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 29, "{names:?}");
}

#[tokio::test]
async fn a_caller_of_another_tenant_gets_the_same_403_for_any_record() {
    let app = TestApp::start().await;
    let body = json!({ "phone": "0871234567", "brands": [{ "id": "city" }], "accounts": [{ "id": "x1" }] });
    let created = app.operator().post("customer", body).await.body;
    let id = created["id"].as_str().unwrap();
    let before = stored::items(&app).await;
    let _ = app.wire.take_calls();
    for role in ROLES {
        let mut stranger = context("other", role);
        if role == "passenger" {
            stranger["customerId"] = json!(id);
        }
        let stranger = app.with_context(stranger);
        for operation in operations::all() {
            let exists = operation.call(&stranger, TENANT, id, "city").await;
            exists.assert_problem(403, "forbidden");
            let unknown = operation.call(&stranger, TENANT, "unknown", "none").await;
            assert_eq!(without_request_id(&exists), without_request_id(&unknown), "{role} {}", operation.name);
        }
    }
    assert_eq!(app.wire.take_calls().len(), 0, "something was read for a stranger");
    assert_eq!(stored::items(&app).await, before);
}

#[tokio::test]
async fn a_caller_gets_the_same_403_for_any_record_outside_its_scope() {
    let app = TestApp::start().await;
    let own = app.operator().register_id("0861234567").await;
    let created = app.operator().post("brand/night/customer", json!({ "phone": "0871234567" })).await.body;
    let other = created["id"].as_str().unwrap();
    let before = stored::items(&app).await;
    let _ = app.wire.take_calls();
    for operation in operations::all() {
        let passenger = app.passenger(&own);
        let exists = operation.call(&passenger, TENANT, other, "night").await;
        exists.assert_problem(403, "forbidden");
        let unknown = operation.call(&passenger, TENANT, "unknown", "none").await;
        assert_eq!(without_request_id(&exists), without_request_id(&unknown), "{}", operation.name);

        let city = app.app("city");
        let another_brand = operation.call(&city, TENANT, other, "night").await;
        another_brand.assert_problem(403, "forbidden");
    }
    assert_eq!(app.wire.take_calls().len(), 0);
    assert_eq!(stored::items(&app).await, before);
}

#[tokio::test]
async fn an_unauthenticated_request_is_refused_for_any_record() {
    let app = TestApp::start().await;
    for operation in operations::all() {
        operation
            .call(&app.with_context(Value::Null), TENANT, "unknown", "city")
            .await
            .assert_problem(401, "unauthorized");
    }
    let contexts = [
        json!({}),
        json!({ "clientId": "demo" }),
        json!({ "role": "operator" }),
        json!({ "clientId": null, "role": "operator" }),
        json!({ "clientId": "", "role": "operator" }),
        json!({ "clientId": "de mo", "role": "operator" }),
        json!({ "clientId": "demo#SETTINGS", "role": "operator" }),
        json!({ "clientId": 7, "role": "operator" }),
        json!({ "clientId": ["demo"], "role": "operator" }),
        json!({ "clientId": "demo", "role": "Operator" }),
        json!({ "clientId": "demo", "role": "root" }),
        json!({ "clientId": "demo", "role": "" }),
        json!({ "clientId": "demo", "role": null }),
        json!({ "clientId": "demo", "role": true }),
        json!({ "clientId": "demo", "role": "operator", "brandId": "city" }),
        json!({ "clientId": "demo", "role": "operator", "customerId": "c1" }),
        json!({ "clientId": "demo", "role": "admin", "brandId": "" }),
        json!({ "clientId": "demo", "role": "app" }),
        json!({ "clientId": "demo", "role": "app", "brandId": "a b" }),
        json!({ "clientId": "demo", "role": "app", "brandId": "city", "customerId": "c1" }),
        json!({ "clientId": "demo", "role": "passenger" }),
        json!({ "clientId": "demo", "role": "passenger", "customerId": "" }),
        json!({ "clientId": "demo", "role": "passenger", "customerId": 7 }),
        json!({ "clientId": "demo", "role": "passenger", "customerId": "c1", "brandId": "city" }),
        json!({ "clientId": "demo", "role": "passenger", "customerId": "c1", "sid": "s1" }),
        json!({ "clientId": "demo", "role": "passenger", "customerId": "c1", "epoch": "0" }),
        json!({ "clientId": "demo", "role": "passenger", "customerId": "c1", "sid": "s1", "epoch": 0 }),
        json!({ "clientId": "demo", "role": "passenger", "customerId": "c1", "sid": "s1", "epoch": "-1" }),
        json!({ "clientId": "demo", "role": "passenger", "customerId": "c1", "sid": "", "epoch": "0" }),
        json!({ "clientId": "demo", "role": "operator", "sid": "s1", "epoch": "0" }),
    ];
    for context in contexts {
        let answer = app.with_context(context.clone()).get("customer/c1").await;
        assert_eq!((answer.status, answer.code()), (401, "unauthorized"), "{context}");
    }
    assert_eq!(app.wire.take_calls().len(), 0);
}

#[tokio::test]
async fn a_token_that_expires_in_the_gateways_cache_is_refused() {
    let app = TestApp::start().await;
    let until = |exp: Value| app.with_context(json!({ "clientId": "demo", "role": "operator", "exp": exp }));
    let leeway = shared::api::caller::LEEWAY;
    let caller = until(json!((NOW - leeway + 1).to_string()));
    assert_eq!(caller.get("customersettings").await.status, 200);
    app.pass(1);
    caller.get("customersettings").await.assert_problem(401, "unauthorized");
    for exp in [Value::Null, json!("0"), json!("soon"), json!(""), json!(NOW + 600), json!(["1"]), json!(true)] {
        let answer = until(exp.clone()).get("customersettings").await;
        assert_eq!((answer.status, answer.code()), (401, "unauthorized"), "{exp}");
    }
}

#[tokio::test]
async fn other_fields_of_the_authorizers_context_are_ignored() {
    let app = TestApp::start().await;
    let context = json!({
        "clientId": "demo", "role": "operator", "brandId": null, "principalId": "u1", "integrationLatency": 12,
    });
    let answer = app.with_context(context).post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

#[tokio::test]
async fn a_field_that_the_role_may_not_write_is_403_and_nothing_is_written() {
    let app = TestApp::start().await;
    let created = app.operator().post("brand/city/customer", json!({ "phone": "0871234567" })).await.body;
    let id = created["id"].as_str().unwrap();
    let before = stored::items(&app).await;
    // Every field of a record, and the password, which no record shows.
    let fields: Vec<_> = created.as_object().unwrap().keys().map(String::as_str).chain(["password"]).collect();
    assert_eq!(fields.len(), 31);

    let by_passenger = ["email", "firstName", "lastName"];
    for field in fields {
        let update = json!({ "firstName": "Other", field: created[field] });
        for path in [format!("customer/{id}"), format!("brand/city/customer/{id}")] {
            let answer = app.passenger(id).post(&path, update.clone()).await;
            let code = if field == "phone" { "phone_change_needs_operator" } else { "field_not_allowed" };
            if !by_passenger.contains(&field) {
                answer.assert_problem(403, code);
                assert_eq!(answer.errors(), [(format!("/{field}"), code.into())]);
            }
        }
    }
    let after: Vec<_> = stored::items(&app).await.into_iter().filter(|item| !before.contains(item)).collect();
    let first_names: Vec<_> = after.iter().map(|item| stored::text(item, "firstName")).collect();
    assert_eq!(first_names, ["Other"], "only the passenger's own fields were written");
    assert_eq!(stored::assert_guarded(&app).await, ["+353871234567"]);
}

#[tokio::test]
async fn a_passenger_writes_only_their_own_fields_of_an_address() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let path = format!("customer/{id}/addresses");
    let address = json!({
        "address": "1 Main St", "latitude": 53.35, "longitude": -6.26, "driverNote": "Gate", "managementNote": "Late",
    });
    let by_operator = app.operator().post(&path, address).await;
    assert_eq!(by_operator.body["managementNote"], "Late", "{by_operator:?}");

    let passenger = app.passenger(&id);
    let before = stored::items(&app).await;
    for field in ["brand", "lastUsedDate", "usedPickupCount", "usedDestinationCount", "driverNote", "managementNote"] {
        let refused =
            passenger.post(&path, json!({ "id": by_operator.body["id"], "label": "home", field: null })).await;
        refused.assert_problem(403, "field_not_allowed");
        assert_eq!(refused.errors(), [(format!("/{field}"), "field_not_allowed".into())]);
    }
    assert_eq!(stored::items(&app).await, before);

    let saved = passenger.post(&path, json!({ "id": by_operator.body["id"], "label": "home" })).await;
    let listed = passenger.get(&path).await.body["items"][0].clone();
    assert_eq!((saved.status, &saved.body), (200, &listed));
    assert_eq!((&listed["label"], &listed["driverNote"]), (&json!("home"), &json!("Gate")));
    assert!(listed.get("managementNote").is_none(), "{listed}");
    assert_eq!(app.operator().get(&path).await.body["items"][0]["managementNote"], "Late");
}

#[tokio::test]
async fn a_passenger_never_sees_fields_of_the_office() {
    let app = TestApp::start().await;
    let body = json!({ "phone": "0871234567", "managementNote": "Pays late", "tags": ["VIP"], "minPriority": 30 });
    let created = app.operator().post("brand/city/customer", body).await.body;
    let id = created["id"].as_str().unwrap();
    let passenger = app.passenger(id);
    for path in [format!("customer/{id}"), format!("brand/city/customer/{id}")] {
        for answer in [passenger.get(&path).await, passenger.post(&path, json!({ "lastName": "Byrne" })).await] {
            assert_eq!(answer.status, 200, "{answer:?}");
            let shown = answer.body.as_object().unwrap();
            assert!(HIDDEN.iter().all(|field| !shown.contains_key(*field)), "{shown:?}");
            assert_eq!(shown.len() + HIDDEN.len(), created.as_object().unwrap().len());
        }
    }
}
