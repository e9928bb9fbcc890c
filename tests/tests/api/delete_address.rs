//! deleteAddress

use api_tests::TestApp;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::place::{addresses_of, at, dublin_castle, listed_ids, save_new};
use crate::record::{assert_record, id_of};
use crate::refused::{assert_forbidden, strangers};

#[tokio::test]
async fn a_delete_removes_only_that_address() {
    let app = TestApp::start().await;
    let customer = app.operator().register("0871234567").await;
    let path = addresses_of(id_of(&customer));
    let gone = save_new(&app.operator(), id_of(&customer), dublin_castle()).await;
    let stays = save_new(&app.operator(), id_of(&customer), at(1.0, 1.0)).await;
    app.pass(10);
    // The second request finds the address deleted. The third names an address that never existed.
    for id in [id_of(&gone), id_of(&gone), "unknown"] {
        let deleted = app.operator().delete(&format!("{path}/{id}")).await;
        assert_eq!((deleted.status, deleted.bytes.as_slice()), (204, &b""[..]), "{deleted:?}");
        assert_eq!(app.operator().get(&path).await.body, json!({ "items": [stays] }));
    }
    assert_record(&app.operator().get(&format!("customer/{}", id_of(&customer))).await, &customer);

    let again = save_new(&app.operator(), id_of(&customer), dublin_castle()).await;
    assert_ne!(again["id"], gone["id"], "its place is free, its id is not used again");
}

#[tokio::test]
async fn an_unknown_customer_is_404_and_a_malformed_id_is_400() {
    let app = TestApp::start().await;
    app.operator().delete("customer/unknown/addresses/unknown").await.assert_problem(404, "not_found");
    let customer = app.operator().register_id("0871234567").await;
    for id in ["a.b", "a%2Fb", "%23", "PROFILE%00"] {
        app.operator().delete(&format!("{}/{id}", addresses_of(&customer))).await.assert_problem(400, "invalid_path");
    }
}

#[tokio::test]
async fn concurrent_deletes_and_saves_lose_nothing() {
    let app = TestApp::start().await;
    let customer = app.operator().register_id("0871234567").await;
    let path = addresses_of(&customer);
    let old = save_new(&app.operator(), &customer, at(0.0, 0.0)).await;
    let mut writes = JoinSet::new();
    for n in 0..4 {
        let (operator, path) = (app.operator(), path.clone());
        writes.spawn(async move { operator.post(&path, at(1.0, f64::from(n))).await.status });
        let (operator, path) = (app.operator(), format!("{}/{}", addresses_of(&customer), id_of(&old)));
        writes.spawn(async move { operator.delete(&path).await.status });
    }
    let mut statuses = writes.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[201; 4], [204; 4]].concat());
    let list = app.operator().get(&path).await;
    assert_eq!(listed_ids(&list).len(), 4);
    assert!(!listed_ids(&list).contains(&id_of(&old)));
}

#[tokio::test]
async fn only_staff_and_the_passenger_may_delete_an_address() {
    let app = TestApp::start().await;
    let (id, other) = (app.operator().register_id("0871234567").await, app.operator().register_id("0861234567").await);
    let path = addresses_of(&id);
    for caller in [app.operator(), app.staff("demo", "integration"), app.admin(), app.passenger(&id)] {
        let saved = save_new(&app.operator(), &id, dublin_castle()).await;
        let existing = format!("{path}/{}", id_of(&saved));
        let mut closed = strangers(&app, &id);
        closed.extend([app.app("city"), app.passenger(&other)]);
        let missing = "customer/unknown/addresses/unknown";
        assert_forbidden(&app, closed, "DELETE", [&existing, missing], &Value::Null).await;
        assert_eq!(app.operator().get(&path).await.body, json!({ "items": [saved] }));
        assert_eq!(caller.delete(&existing).await.status, 204);
        assert_eq!(app.operator().get(&path).await.body, json!({ "items": [] }));
    }
}
