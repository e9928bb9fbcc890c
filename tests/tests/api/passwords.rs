//! Where the hash of a password is stored, and when it is removed.

use api_tests::{TENANT, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::stored;

const PHONE: &str = "0871234567";

/// A customer with a password, by its path.
async fn with_password(app: &TestApp) -> (String, String) {
    let body = json!({ "phone": PHONE, "password": "correct horse", "tags": ["vip"] });
    let created = app.operator().post("customer", body).await;
    assert_eq!(created.status, 201, "{created:?}");
    let id = created.body["id"].as_str().unwrap().to_owned();
    let path = format!("customer/{id}");
    (id, path)
}

#[tokio::test]
async fn a_hash_is_in_its_own_item_outside_every_index_and_read() {
    let app = TestApp::start().await;
    let (id, path) = with_password(&app).await;
    let update = json!({ "password": "battery staple", "phone": "0861234567", "firstName": "Aoife" });
    assert_eq!(app.operator().post(&path, update).await.status, 200);
    let holding: Vec<_> =
        stored::items(&app).await.into_iter().filter(|i| format!("{i:?}").contains("argon2")).collect();
    let [item] = &holding[..] else { panic!("{holding:?}") };
    let mut names: Vec<_> = item.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["date", "entity", "hash", "pk", "schema", "sk"], "no key of an index, and nothing else");
    assert_eq!(
        ["pk", "sk", "entity"].map(|name| stored::text(item, name)),
        [&*format!("{TENANT}#CREDENTIAL#{id}"), "PASSWORD", "password"]
    );
}

#[tokio::test]
async fn null_removes_the_password_and_a_retry_changes_nothing() {
    let app = TestApp::start().await;
    let (id, path) = with_password(&app).await;
    let null = json!({ "password": null });
    let removed = app.operator().post_with(&path, &[("If-Match", "\"1\"")], null.clone()).await;
    assert_eq!((removed.status, &removed.body["version"]), (200, &json!(2)));
    assert_eq!(stored::hash(&app, &id).await, None);
    for headers in [&[][..], &[("If-Match", "\"1\"")], &[("If-Match", "\"2\"")]] {
        let again = app.operator().post_with(&path, headers, null.clone()).await;
        assert_eq!((again.status, &again.body), (200, &removed.body), "{headers:?}");
    }
}

#[tokio::test]
async fn a_stale_removal_is_refused_while_there_is_a_password() {
    let app = TestApp::start().await;
    let (id, path) = with_password(&app).await;
    let stale = app.operator().post_with(&path, &[("If-Match", "\"7\"")], json!({ "password": null })).await;
    stale.assert_problem(412, "precondition_failed");
    assert!(stored::hash(&app, &id).await.is_some());
}

#[tokio::test]
async fn deleting_a_customer_removes_the_password() {
    let app = TestApp::start().await;
    let (_, path) = with_password(&app).await;
    assert_eq!(app.operator().delete(&path).await.status, 204);
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn a_match_and_the_loser_of_a_race_store_no_password() {
    let app = TestApp::start().await;
    let body = json!({ "phone": PHONE, "password": "correct horse" });
    let operator = app.operator();
    let both = tokio::join!(operator.post("customer", body.clone()), operator.post("customer", body.clone()));
    let matched = operator.post("customer", body).await;
    let id = matched.body["id"].as_str().unwrap();
    assert_eq!((&both.0.body["id"], &both.1.body["id"]), (&json!(id), &json!(id)));
    let passwords = stored::items(&app).await.into_iter().filter(|item| stored::text(item, "entity") == "password");
    let keys: Vec<_> = passwords.map(|item| stored::text(&item, "pk").to_owned()).collect();
    assert_eq!(keys, [format!("{TENANT}#CREDENTIAL#{id}")]);
}

/// A customer whose item has a hash, as an earlier version of this service stored it.
async fn with_former_hash(app: &TestApp) -> (String, String) {
    let id = app.operator().register_id(PHONE).await;
    let mut item = stored::profile(app, &id).await;
    item.insert("password".into(), AttributeValue::S("$argon2id$former".into()));
    stored::put(app, item).await;
    let path = format!("customer/{id}");
    (id, path)
}

#[tokio::test]
async fn every_kind_of_write_removes_a_hash_of_an_earlier_version() {
    let address = json!({ "address": "1 Main Street", "latitude": 53, "longitude": -6 });
    let writes: [(&str, &str, Value); 7] = [
        ("POST", "", json!({ "firstName": "Aoife" })),
        ("POST", "", json!({ "phone": "0861234567" })),
        ("POST", "", json!({ "password": "correct horse" })),
        ("POST", "/tag/vip", Value::Null),
        ("POST", "/brand/city", Value::Null),
        ("DELETE", "/account/acme", Value::Null),
        ("POST", "/addresses", address),
    ];
    for (method, suffix, body) in writes {
        let app = TestApp::start().await;
        let (id, path) = with_former_hash(&app).await;
        if method == "DELETE" {
            let mut item = stored::profile(&app, &id).await;
            item.insert("accounts".into(), AttributeValue::Ss(vec!["acme".into()]));
            stored::put(&app, item).await;
        }
        let headers = [("content-type", "application/json")];
        let sent = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let answer = app.operator().send(method, &format!("{path}{suffix}"), &headers, sent).await;
        assert!(answer.status < 300, "{method} {suffix}: {answer:?}");
        assert!(!stored::profile(&app, &id).await.contains_key("password"), "{method} {suffix} {body}");
    }
}

#[tokio::test]
async fn a_hash_of_an_earlier_version_is_not_a_password() {
    let app = TestApp::start().await;
    let (id, path) = with_former_hash(&app).await;
    let before = app.operator().get(&path).await.body;
    for body in [json!({}), json!({ "password": null }), json!({ "rating": 100 })] {
        let answer = app.operator().post(&path, body.clone()).await;
        assert_eq!((answer.status, &answer.body), (200, &before), "{body}");
    }
    assert_eq!(stored::hash(&app, &id).await, None);
}
