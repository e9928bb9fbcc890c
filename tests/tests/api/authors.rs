//! The authors of a record: who created it and who last changed it.

use api_tests::{Session, TENANT, TestApp};
use serde_json::{Value, json};

use crate::stored;

/// A caller whose token has this subject.
fn caller(app: &TestApp, role: &str, subject: &str) -> Session {
    app.with_context(json!({ "clientId": TENANT, "role": role, "subject": subject }))
}

fn authors(customer: &Value) -> (&Value, &Value) {
    (&customer["createdBy"], &customer["updatedBy"])
}

#[tokio::test]
async fn a_record_names_who_created_it_and_who_changed_it_last() {
    let app = TestApp::start().await;
    let (ann, crm) = (caller(&app, "operator", "ann"), caller(&app, "integration", "crm"));
    let by_ann = json!({ "role": "operator", "subject": "ann" });
    let by_crm = json!({ "role": "integration", "subject": "crm" });
    let mut created = ann.post("customer", json!({ "phone": "0871234567" })).await.body;
    assert_eq!(authors(&created), (&by_ann, &by_ann));
    let id = created["id"].as_str().unwrap().to_owned();
    let path = format!("customer/{id}");

    let unchanged = crm.post(&path, json!({ "rating": 100 })).await.body;
    assert_eq!(unchanged, created, "an update that changes nothing has no author");
    for (method, suffix, body) in [
        ("POST", "", json!({ "rating": 7 })),
        ("POST", "", json!({ "phone": "0861234567" })),
        ("POST", "", json!({ "password": "correct horse" })),
        ("POST", "/tag/vip", Value::Null),
        ("DELETE", "/tag/vip", Value::Null),
        ("POST", "/brand/city", Value::Null),
        ("DELETE", "/brand/city", Value::Null),
    ] {
        // Another caller changes the record.
        let rating = created["version"].as_i64().unwrap() + 1000;
        assert_eq!(ann.post(&path, json!({ "rating": rating })).await.body["updatedBy"], by_ann);
        let sent = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let answer = crm.send(method, &format!("{path}{suffix}"), &[("content-type", "application/json")], sent).await;
        assert_eq!(answer.status, 200, "{method} {suffix}: {answer:?}");
        assert_eq!(authors(&answer.body), (&by_ann, &by_crm), "{method} {suffix}");
        assert_eq!(ann.get(&path).await.body, answer.body, "{method} {suffix}: it was not stored as shown");
        created = answer.body;
    }
}

#[tokio::test]
async fn a_passenger_can_be_an_author_but_does_not_see_authors() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let path = format!("customer/{id}");
    let shown = app.passenger(&id).post(&path, json!({ "firstName": "Aoife" })).await.body;
    assert_eq!((shown.get("createdBy"), shown.get("updatedBy")), (None, None));
    let seen = app.operator().get(&path).await.body;
    assert_eq!(seen["updatedBy"], json!({ "role": "passenger", "subject": null }));
}

#[tokio::test]
async fn linking_a_brand_on_a_match_sets_the_author() {
    let app = TestApp::start().await;
    app.operator().register_id("0871234567").await;
    let matched = caller(&app, "admin", "root").post("brand/city/customer", json!({ "phone": "0871234567" })).await;
    assert_eq!(matched.status, 200);
    assert_eq!(matched.body["updatedBy"], json!({ "role": "admin", "subject": "root" }));
}

#[tokio::test]
async fn a_record_of_an_earlier_version_has_no_author() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let mut item = stored::profile(&app, &id).await;
    item.remove("createdBy").and(item.remove("updatedBy")).unwrap();
    stored::put(&app, item).await;
    let path = format!("customer/{id}");
    assert_eq!(authors(&app.operator().get(&path).await.body), (&Value::Null, &Value::Null));
    let changed = caller(&app, "operator", "ann").post(&path, json!({ "rating": 7 })).await.body;
    assert_eq!(authors(&changed), (&Value::Null, &json!({ "role": "operator", "subject": "ann" })));
}

#[tokio::test]
async fn the_subject_in_the_context_must_be_an_id() {
    let app = TestApp::start().await;
    for subject in ["", "a/b", "ann@example.com"] {
        let answer = caller(&app, "operator", subject).get("customer/unknown").await;
        answer.assert_problem(401, "unauthorized");
    }
}
