//! updateCustomer. The modules `update_customer_if_match` and `update_customer_phone` test `If-Match` and a new phone.

use api_tests::{NOW, Session, TestApp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::stored;

/// A customer with a value in every field, and its path.
async fn full(operator: &Session) -> (Value, String) {
    let body = json!({
        "phone": "0871234567",
        "email": "a@b.ie",
        "firstName": "Aoife",
        "lastName": "Byrne",
        "defaultAccount": { "id": "acme" },
        "defaultBrand": { "id": "city" },
        "password": "correct horse",
        "priority": 30,
        "minPriority": 50,
        "loyaltyMiles": 10,
        "rating": 90,
        "driverNote": "Rings twice",
        "managementNote": "Pays late",
        "active": false,
        "tags": ["regular"],
        "accountDepartments": [{ "id": "sales" }],
        "clientCapabilities": [{ "id": "wheelchair" }],
    });
    let created = operator.post("customer", body).await;
    assert_eq!(created.status, 201, "{created:?}");
    let path = format!("customer/{}", created.body["id"].as_str().expect("an id"));
    (created.body, path)
}

#[tokio::test]
async fn each_field_changes_alone() {
    let app = TestApp::start().await;
    let (mut expected, path) = full(&app.operator()).await;
    let changes = [
        json!({ "email": "Aoife@Byrne.ie" }),
        json!({ "firstName": "Gráinne" }),
        json!({ "lastName": "O\u{2019}Malley" }),
        json!({ "defaultAccount": { "id": "globex" } }),
        json!({ "defaultBrand": { "id": "night" } }),
        json!({ "minPriority": 40 }),
        json!({ "loyaltyMiles": 1_000_000_000 }),
        json!({ "rating": -2_147_483_648_i64 }),
        json!({ "driverNote": "Knock\nloudly" }),
        json!({ "managementNote": "Paid" }),
        json!({ "active": true }),
    ];
    for (n, change) in changes.iter().enumerate() {
        app.pass(1);
        let answer = app.operator().post(&path, change.clone()).await;
        let (field, value) = change.as_object().unwrap().iter().next().unwrap();
        expected[field] = value.clone();
        expected["version"] = json!(n + 2);
        expected["updatedDate"] = json!(NOW + i64::try_from(n).unwrap() + 1);
        match field.as_str() {
            "defaultAccount" => expected["accounts"] = json!([{ "id": "acme" }, { "id": "globex" }]),
            "defaultBrand" => expected["brands"] = json!([{ "id": "city" }, { "id": "night" }]),
            _ => {}
        }
        assert_eq!((answer.status, &answer.body), (200, &expected), "{change}");
        assert_eq!(answer.header("etag"), Some(format!("\"{}\"", n + 2)));
    }
    assert_eq!(app.operator().get(&path).await.body, expected, "it was not stored as shown");
}

#[tokio::test]
async fn null_clears_a_field_or_restores_its_default() {
    let app = TestApp::start().await;
    let (mut expected, path) = full(&app.operator()).await;
    let cleared = [
        ("email", json!(null)),
        ("firstName", json!(null)),
        ("lastName", json!(null)),
        ("defaultAccount", json!(null)),
        ("defaultBrand", json!(null)),
        ("minPriority", json!(null)),
        ("driverNote", json!(null)),
        ("managementNote", json!(null)),
        ("loyaltyMiles", json!(0)),
        ("rating", json!(100)),
        ("active", json!(true)),
        ("priority", json!(60)),
    ];
    let mut body = json!({ "password": null });
    for (field, after) in cleared {
        body[field] = json!(null);
        expected[field] = after;
    }
    expected["assignedPriority"] = json!(60);
    expected["priorityType"] = json!("REGULAR");
    expected["version"] = json!(2);
    let answer = app.operator().post(&path, body.clone()).await;
    assert_eq!((answer.status, &answer.body), (200, &expected), "links stay where a default goes");
    assert_eq!(app.operator().get(&path).await.body, expected);

    let id = expected["id"].as_str().unwrap();
    assert_eq!(stored::hash(&app, id).await, None);
    let stored = stored::profile(&app, id).await;
    for absent in ["email", "firstName", "defaultBrand", "minPriority", "driverNote"] {
        assert!(!stored.contains_key(absent), "{absent} is stored");
    }
    let again = app.operator().post(&path, body).await;
    assert_eq!(again.body, expected, "clearing what is clear changed something");
}

#[tokio::test]
async fn a_phone_cannot_be_cleared() {
    let app = TestApp::start().await;
    let (created, path) = full(&app.operator()).await;
    let refused = app.operator().post(&path, json!({ "phone": null, "firstName": "Other" })).await;
    refused.assert_problem(422, "validation_failed");
    assert_eq!(refused.errors(), [("/phone".into(), "not_clearable".into())]);
    assert_eq!(app.operator().get(&path).await.body, created);
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    let app = TestApp::start().await;
    let (created, path) = full(&app.operator()).await;
    app.pass(9);
    let same = json!({
        "phone": "+353 87 123 4567",
        "email": " a@b.ie ",
        "firstName": "Aoife",
        "lastName": "Byrne",
        "defaultAccount": { "id": "acme" },
        "defaultBrand": { "id": "city" },
        "priority": 30.0,
        "minPriority": 50,
        "loyaltyMiles": 10,
        "rating": 90,
        "driverNote": "Rings twice",
        "managementNote": "Pays late",
        "active": false,
    });
    let before = stored::items(&app).await;
    for body in [json!({}), json!({ "phone": "087 123 4567" }), same] {
        let answer = app.operator().post_with(&path, &[("if-match", "\"1\"")], body.clone()).await;
        assert_eq!((answer.status, &answer.body), (200, &created), "{body}");
        assert_eq!(answer.header("etag").as_deref(), Some("\"1\""));
    }
    assert_eq!(stored::items(&app).await, before);
}

#[tokio::test]
async fn a_field_that_is_not_writable_is_422_and_nothing_is_written() {
    let app = TestApp::start().await;
    let (created, path) = full(&app.operator()).await;
    let fields = [
        "accountDepartments",
        "accounts",
        "assignedPriority",
        "brands",
        "clientCapabilities",
        "createdBy",
        "createdDate",
        "id",
        "phoneVerifiedDate",
        "priorityReason",
        "priorityType",
        "tags",
        "updatedBy",
        "updatedDate",
        "version",
    ];
    for field in fields {
        for value in [created[field].clone(), json!(null)] {
            let refused = app.operator().post(&path, json!({ "firstName": "Other", field: value })).await;
            refused.assert_problem(422, "not_writable");
            assert_eq!(refused.errors(), [(format!("/{field}"), "not_writable".into())]);
        }
    }
    let mixed = app.operator().post(&path, json!({ "tags": [], "email": "no", "nick": "A", "phone": "1" })).await;
    mixed.assert_problem(422, "not_writable");
    let codes = [
        ("/email", "invalid_email"),
        ("/nick", "unknown_field"),
        ("/phone", "phone_too_short"),
        ("/tags", "not_writable"),
    ];
    assert_eq!(mixed.errors(), codes.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    assert_eq!(app.operator().get(&path).await.body, created);
}

#[tokio::test]
async fn a_new_password_is_stored_as_a_hash_and_shown_nowhere() {
    let app = TestApp::start().await;
    let (created, path) = full(&app.operator()).await;
    let id = created["id"].as_str().unwrap();
    let before = stored::hash(&app, id).await;
    let answer = app.operator().post(&path, json!({ "password": "battery staple" })).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(2)));
    assert!(answer.body.get("password").is_none());
    let after = stored::hash(&app, id).await;
    assert!(after.as_ref().unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && after != before);

    for (password, code) in
        [(json!("seven77"), "too_short"), (json!("x".repeat(129)), "too_long"), (json!(12_345_678), "wrong_type")]
    {
        let refused = app.operator().post(&path, json!({ "password": password })).await;
        assert_eq!(refused.errors(), [("/password".into(), code.into())]);
        assert!(!String::from_utf8(refused.bytes).unwrap().contains("seven77"));
    }
}

#[tokio::test]
async fn a_default_that_would_exceed_the_limit_of_links_is_409() {
    let app = TestApp::start().await;
    let ids: Vec<_> = (0..100).map(|n| json!({ "id": format!("x{n}") })).collect();
    let created =
        app.operator().post("customer", json!({ "phone": "0871234567", "accounts": ids, "brands": ids })).await;
    let path = format!("customer/{}", created.body["id"].as_str().unwrap());
    for phone in ["0871234567", "0861234567"] {
        for field in ["defaultAccount", "defaultBrand"] {
            let one_more = json!({ field: { "id": "y" }, "phone": phone });
            app.operator().post(&path, one_more).await.assert_problem(409, "limit_reached");
        }
    }
    assert_eq!(app.operator().get(&path).await.body, created.body);
    let linked = app.operator().post(&path, json!({ "defaultBrand": { "id": "x7" } })).await;
    assert_eq!((linked.status, &linked.body["version"]), (200, &json!(2)), "{linked:?}");
}

#[tokio::test]
async fn a_passenger_may_only_change_their_name_and_email() {
    let app = TestApp::start().await;
    let (created, path) = full(&app.operator()).await;
    app.operator().post(&path, json!({ "active": true })).await;
    let passenger = app.passenger(created["id"].as_str().unwrap());
    let answer = passenger.post(&path, json!({ "email": "new@b.ie", "firstName": "Áine", "lastName": null })).await;
    assert_eq!((answer.status, &answer.body["firstName"]), (200, &json!("Áine")), "{answer:?}");
    assert_eq!(answer.body.get("managementNote"), None);

    let before = stored::items(&app).await;
    let phone = passenger.post(&path, json!({ "firstName": "Other", "phone": "0861234567" })).await;
    phone.assert_problem(403, "phone_change_needs_operator");
    assert_eq!(phone.errors(), [("/phone".into(), "phone_change_needs_operator".into())]);

    let more = passenger
        .post(&path, json!({ "firstName": "Other", "phone": null, "rating": 1, "password": "x", "version": 7 }))
        .await;
    more.assert_problem(403, "field_not_allowed");
    let pointers: Vec<_> = more.errors().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/password", "/phone", "/rating", "/version"]);
    assert_eq!(stored::items(&app).await, before);
}

#[tokio::test]
async fn concurrent_updates_of_different_fields_are_all_kept() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    let changes = [
        json!({ "email": "a@b.ie" }),
        json!({ "firstName": "Aoife" }),
        json!({ "lastName": "Byrne" }),
        json!({ "phone": "0861234567" }),
        json!({ "rating": 7 }),
        json!({ "driverNote": "Rings" }),
        json!({ "managementNote": "Late" }),
        json!({ "loyaltyMiles": 3 }),
        json!({ "minPriority": 20 }),
        json!({ "active": false }),
        json!({ "defaultBrand": { "id": "city" } }),
        json!({ "defaultAccount": { "id": "acme" } }),
    ];
    let mut updates = JoinSet::new();
    for change in changes.clone() {
        let (operator, path) = (app.operator(), path.clone());
        updates.spawn(async move { operator.post(&path, change).await.status });
    }
    assert_eq!(updates.join_all().await, vec![200; changes.len()]);
    let mut expected: Value = changes.iter().flat_map(|change| change.as_object().unwrap().clone()).collect();
    expected["phone"] = json!("+353861234567");
    let customer = app.operator().get(&path).await.body;
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(customer[field], *value, "{field} was lost");
    }
    assert_eq!(customer["version"], changes.len() + 1);
    assert_eq!(stored::assert_guarded(&app).await, ["+353861234567"]);
}
