//! deleteCustomer

use api_tests::{Fault, TENANT, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use tokio::task::JoinSet;

use crate::place::{copy_the_only_address, listed_ids};
use crate::stored;

async fn save_addresses(app: &TestApp, path: &str, count: u32) {
    for n in 0..count {
        let address = json!({ "address": format!("{n} Main St"), "latitude": f64::from(n) / 10.0, "longitude": -6.26 });
        assert_eq!(app.operator().post(&format!("{path}/addresses"), address).await.status, 201);
    }
}

#[tokio::test]
async fn a_delete_removes_every_item_and_frees_the_number() {
    let app = TestApp::start().await;
    let body = json!({ "phone": "0871234567", "accounts": [{ "id": "acme" }], "brands": [{ "id": "city" }] });
    let id = app.operator().post("customer", body).await.body["id"].as_str().unwrap().to_owned();
    let path = format!("customer/{id}");
    save_addresses(&app, &path, 2).await;
    let bystander = app.operator().register("0861234567").await;

    let deleted = app.operator().delete(&path).await;
    assert_eq!((deleted.status, deleted.bytes.as_slice()), (204, &b""[..]));
    assert_eq!(stored::items(&app).await.len(), 2, "the bystander and its guard");
    assert_eq!(stored::assert_guarded(&app).await, ["+353861234567"]);
    for gone in
        [path.clone(), format!("brand/city/{path}"), format!("account/acme/{path}"), format!("{path}/addresses")]
    {
        app.operator().get(&gone).await.assert_problem(404, "not_found");
    }
    app.operator().post(&path, json!({ "firstName": "Ghost" })).await.assert_problem(404, "not_found");
    app.operator().get("customer/phone?phone=0871234567").await.assert_problem(404, "not_found");

    let next = app.operator().register("0871234567").await;
    assert_ne!(next["id"], json!(id));
    assert_eq!((&next["accounts"], &next["version"]), (&json!([]), &json!(1)));
    let addresses = app.operator().get(&format!("customer/{}/addresses", next["id"].as_str().unwrap())).await;
    assert_eq!(addresses.body, json!({ "items": [] }));

    // Deleting the old owner again does not affect the new one.
    assert_eq!(app.admin().delete(&path).await.status, 204);
    assert_eq!(app.operator().get("customer/phone?phone=0871234567").await.body, next);
    assert_eq!(app.operator().get(&format!("customer/{}", bystander["id"].as_str().unwrap())).await.body, bystander);
}

#[tokio::test]
async fn deleting_an_unknown_customer_succeeds_and_writes_nothing() {
    let app = TestApp::start().await;
    assert_eq!(app.operator().delete("customer/unknown").await.status, 204);
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn more_addresses_than_one_transaction_allows_are_deleted() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    save_addresses(&app, &path, 150).await;
    assert_eq!(stored::items(&app).await.len(), 152);
    assert_eq!(app.operator().delete(&path).await.status, 204);
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn a_retry_deletes_addresses_without_a_customer() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    save_addresses(&app, &path, 3).await;
    let template =
        stored::items(&app).await.into_iter().find(|item| stored::text(item, "entity") == "address").unwrap();
    assert_eq!(app.operator().delete(&path).await.status, 204);
    for n in 0..120 {
        let mut orphan = template.clone();
        orphan.insert("id".into(), AttributeValue::S(format!("a{n}")));
        orphan.insert("sk".into(), AttributeValue::S(format!("ADDRESS#a{n}")));
        stored::put(&app, orphan).await;
    }
    app.operator().get(&format!("{path}/addresses")).await.assert_problem(404, "not_found");
    assert_eq!(app.operator().delete(&path).await.status, 204);
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn only_operators_and_admins_of_the_tenant_may_delete_a_customer() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let own = format!("customer/{id}");
    let before = stored::items(&app).await;
    for caller in [app.staff(TENANT, "integration"), app.passenger(&id), app.app("city"), app.staff("other", "admin")] {
        for path in [own.as_str(), "customer/unknown"] {
            caller.delete(path).await.assert_problem(403, "forbidden");
        }
    }
    // Their own tenant has no customer with this id.
    assert_eq!(app.staff("other", "admin").delete(&format!("/client/other/{own}")).await.status, 204);
    assert_eq!(stored::items(&app).await, before);
    assert_eq!(app.admin().delete(&own).await.status, 204);
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn a_body_is_ignored() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    let answer = app.operator().send("DELETE", &path, &[], b"{".to_vec()).await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

/// Deleting 200 addresses takes three transactions. If one of them fails, the customer still exists.
#[tokio::test]
async fn a_partial_failure_keeps_the_customer_and_a_retry_completes_the_delete() {
    for after in 0..3 {
        let app = TestApp::start().await;
        let id = app.operator().register_id("0871234567").await;
        let path = format!("customer/{id}");
        save_addresses(&app, &path, 1).await;
        copy_the_only_address(&app, TENANT, &id, 199).await;
        app.wire.inject(Fault { after, ..Fault::exception("TransactWriteItems", "AccessDeniedException") });
        let tag = [("if-match", "\"1\"")];
        app.operator().send("DELETE", &path, &tag, Vec::new()).await.assert_problem(500, "internal_error");
        assert_eq!(app.wire.faults_left(), 0);

        assert_eq!(app.operator().get(&path).await.status, 200, "after {after} transactions");
        let left = listed_ids(&app.operator().get(&format!("{path}/addresses")).await).len();
        assert_eq!(left, [200, 101, 90][after]);
        assert_eq!(stored::items(&app).await.len(), left + 2, "an address that no route shows");
        assert_eq!(app.operator().send("DELETE", &path, &tag, Vec::new()).await.status, 204);
        assert_eq!(stored::items(&app).await, []);
    }
}

#[tokio::test]
async fn addresses_saved_during_a_delete_are_deleted() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let path = format!("customer/{id}");
    save_addresses(&app, &path, 1).await;
    copy_the_only_address(&app, TENANT, &id, 180).await;
    let mut work = JoinSet::new();
    for n in 0..9 {
        let (operator, path) = (app.operator(), path.clone());
        work.spawn(async move {
            if n == 4 {
                return operator.delete(&path).await.status;
            }
            let address = json!({ "address": "1 Main St", "latitude": 50, "longitude": n });
            operator.post(&format!("{path}/addresses"), address).await.status
        });
    }
    let statuses = work.join_all().await;
    assert!(statuses.iter().all(|status| matches!(status, 201 | 204 | 404)), "{statuses:?}");
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn concurrent_writes_leave_nothing_of_a_deleted_customer() {
    let app = TestApp::start().await;
    for round in 0..10 {
        let path = format!("customer/{}", app.operator().register_id("0871234567").await);
        let mut work = JoinSet::new();
        // The delete starts last, so that the other writes happen between its read and its write.
        for n in 0..5 {
            let (operator, path) = (app.operator(), path.clone());
            work.spawn(async move {
                let address = json!({ "address": "1 Main St", "latitude": n, "longitude": round });
                let answer = match n {
                    0 => operator.post(&path, json!({ "phone": "0861234567" })).await,
                    1 => operator.post(&path, json!({ "firstName": "Aoife" })).await,
                    2 | 3 => operator.post(&format!("{path}/addresses"), address).await,
                    _ => operator.delete(&path).await,
                };
                assert!(matches!(answer.status, 200 | 201 | 204 | 404), "{answer:?}");
            });
        }
        work.join_all().await;
        assert_eq!(stored::items(&app).await, [], "round {round}");
    }
}
