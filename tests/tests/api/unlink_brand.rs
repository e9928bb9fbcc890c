//! unlinkBrand

use api_tests::{NOW, TestApp};
use serde_json::{Value, json};

use crate::record::{after_write, assert_record, id_of};

/// A customer with the brands `acme`, its default, and `zeta`.
async fn customer(app: &TestApp) -> Value {
    let links = json!([{ "id": "acme" }, { "id": "zeta" }]);
    let body = json!({ "phone": "0871234567", "brands": links, "defaultBrand": { "id": "acme" } });
    let answer = app.operator().post("customer", body).await;
    assert_eq!((answer.status, &answer.body["brands"]), (201, &links), "{answer:?}");
    answer.body
}

#[tokio::test]
async fn unlinking_the_default_brand_clears_it_in_the_same_write() {
    let app = TestApp::start().await;
    let created = customer(&app).await;
    let id = id_of(&created);
    app.pass(10);
    let unlinked = app.operator().delete(&format!("customer/{id}/brand/acme")).await;
    let expected = after_write(&created, NOW + 10, &json!({ "brands": [{ "id": "zeta" }], "defaultBrand": null }));
    assert_record(&unlinked, &expected);
    assert_record(&app.operator().get(&format!("customer/{id}")).await, &expected);
    app.operator().get(&format!("brand/acme/customer/{id}")).await.assert_problem(404, "not_found");

    app.pass(10);
    assert_record(&app.operator().delete(&format!("customer/{id}/brand/acme")).await, &expected);
    let relinked = app.operator().post_empty(&format!("customer/{id}/brand/acme")).await;
    assert_eq!(relinked.body["defaultBrand"], Value::Null, "a link brought the old default back");
}

#[tokio::test]
async fn unlinking_another_brand_keeps_the_default() {
    let app = TestApp::start().await;
    let created = customer(&app).await;
    let unlinked = app.operator().delete(&format!("customer/{}/brand/zeta", id_of(&created))).await;
    assert_record(&unlinked, &after_write(&created, NOW, &json!({ "brands": [{ "id": "acme" }] })));
}

#[tokio::test]
async fn a_default_is_always_linked_whoever_changes_it_meanwhile() {
    let app = TestApp::start().await;
    let created = customer(&app).await;
    let path = format!("customer/{}", id_of(&created));
    for default in ["zeta", "acme"].repeat(10) {
        let (operator, unlink) = (app.operator(), format!("{path}/brand/{default}"));
        let (set, unlinked) =
            tokio::join!(operator.post(&path, json!({ "defaultBrand": { "id": default } })), operator.delete(&unlink));
        assert_eq!((set.status, unlinked.status), (200, 200), "{set:?} {unlinked:?}");
        for record in [&set.body, &unlinked.body, &operator.get(&path).await.body] {
            let (default, links) = (&record["defaultBrand"], record["brands"].as_array().unwrap());
            assert!(default.is_null() || links.contains(default), "{record}");
        }
    }
}
