//! removeTag

use api_tests::{NOW, TestApp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::add_tag::REFUSED;
use crate::record::{after_write, assert_record, id_of};
use crate::refused::{assert_forbidden, strangers};

#[tokio::test]
async fn the_last_tag_leaves_an_empty_list_and_the_assigned_priority() {
    let app = TestApp::start().await;
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "tags": ["vip"] })).await.body;
    assert_eq!(created["priorityReason"], "TAG");
    let path = format!("customer/{}", id_of(&created));
    app.pass(10);
    let untagged = app.operator().delete(&format!("{path}/tag/vip")).await;
    let changes = json!({ "tags": [], "priority": 60, "priorityType": "REGULAR", "priorityReason": "ASSIGNED" });
    let expected = after_write(&created, NOW + 10, &changes);
    assert_record(&untagged, &expected);
    assert_record(&app.operator().get(&path).await, &expected);
    assert_eq!(app.operator().get(&format!("{path}/tag")).await.body, json!({ "items": [] }));

    app.pass(10);
    assert_record(&app.operator().delete(&format!("{path}/tag/VIP")).await, &expected);
    let retagged = app.operator().post_empty(&format!("{path}/tag/vip")).await;
    assert_eq!((&retagged.body["tags"], &retagged.body["version"]), (&json!(["VIP"]), &json!(3)));
}

#[tokio::test]
async fn any_spelling_of_a_tag_removes_only_that_tag() {
    let app = TestApp::start().await;
    let tags = json!(["CAFÉ", "NO SMOKING", "STRASSE", "VIP", "VIPS"]);
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "tags": tags })).await.body;
    assert_eq!(created["tags"], tags);
    for (n, form) in ["no%20smoking", "cafe%CC%81", "stra%C3%9Fe", "%20Vip"].into_iter().enumerate() {
        let headers = [("content-type", "text/plain")];
        let path = format!("customer/{}/tag/{form}", id_of(&created));
        let untagged = app.operator().send("DELETE", &path, &headers, b"{\"tag\":".to_vec()).await;
        assert_eq!((untagged.status, &untagged.body["version"]), (200, &json!(n + 2)), "{untagged:?}");
    }
    let left = app.operator().get(&format!("customer/{}/tag", id_of(&created))).await;
    assert_eq!(left.body["items"], json!(["VIPS"]));
}

#[tokio::test]
async fn an_invalid_tag_is_refused_and_the_error_names_the_parameter() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    for (raw, code) in REFUSED {
        let answer = app.operator().delete(&format!("customer/{}/tag/{raw}", id_of(&created))).await;
        answer.assert_problem(400, "invalid_path");
        assert_eq!(answer.errors(), [("tagName".to_owned(), code.to_owned())], "{raw}");
    }
}

#[tokio::test]
async fn concurrent_removals_each_are_one_version() {
    let app = TestApp::start().await;
    let tags: Vec<_> = (0..20).map(|n| format!("tag-{n}")).collect();
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "tags": tags })).await.body;
    let mut removals = JoinSet::new();
    for tag in tags.iter().chain(&tags) {
        let (operator, path) = (app.operator(), format!("customer/{}/tag/{tag}", id_of(&created)));
        removals.spawn(async move { operator.delete(&path).await.status });
    }
    assert_eq!(removals.join_all().await, [200; 40]);
    let after = app.operator().get(&format!("customer/{}", id_of(&created))).await;
    assert_eq!((&after.body["tags"], &after.body["version"]), (&json!([]), &json!(21)));
}

#[tokio::test]
async fn only_staff_may_remove_a_tag_and_an_unknown_customer_is_404() {
    let app = TestApp::start().await;
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "tags": ["VIP"] })).await.body;
    let id = id_of(&created);
    let existing = format!("customer/{id}/tag/vip");
    let mut closed = strangers(&app, id);
    closed.extend([app.app("city"), app.passenger(id)]);
    assert_forbidden(&app, closed, "DELETE", [&existing, "customer/unknown/tag/vip"], &Value::Null).await;
    for role in ["integration", "operator", "admin"] {
        let staff = app.staff("demo", role);
        staff.delete("customer/unknown/tag/vip").await.assert_problem(404, "not_found");
        assert_eq!(staff.delete(&existing).await.body["version"], 2, "{role}");
    }
}
