//! The runbook for a restore, tested on copies of a table. Point-in-time recovery creates a new table with the items of
//! the old one, and a stack uses it by its name.

use api_tests::TestApp;
use local::access::Access;
use local::gateway::Gateway;
use local::table::TableDefinition;
use serde_json::json;
use shared::api::cors::AllowedOrigin;
use shared::app::App;
use shared::clock::Clock;
use shared::domain::Region;
use shared::store::Store;

use crate::stored::{Item, items, put, text};

const RESTORED: &str = "customers-restored";

/// Copies every item into a new table, as a restore does, and returns the items.
async fn restore(app: &TestApp) -> Vec<Item> {
    TableDefinition::from_template().unwrap().create(&app.dynamodb, RESTORED).await.unwrap();
    let items = items(app).await;
    for item in &items {
        app.dynamodb.put_item().table_name(RESTORED).set_item(Some(item.clone())).send().await.unwrap();
    }
    items
}

#[tokio::test]
async fn a_stack_with_a_restored_table_serves_its_customers() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    restore(&app).await;
    assert_eq!(app.admin().delete(&format!("customer/{id}")).await.status, 204);

    let state = App::new(Store::new(&app.dynamodb, RESTORED), Region::parse("IE").unwrap(), Clock::system());
    let issuer = app.issuer.authorizer(Clock::system()).unwrap();
    let host = ([127, 0, 0, 1], 3000).into();
    let gateway = Gateway::new(&state, Access::Tokens(issuer), host, Some(AllowedOrigin::any())).into_router();
    let admin = app.admin().through(gateway);
    assert_eq!(admin.get("/health?deep=true").await.status, 200);
    let found = admin.get("customer/phone?phone=0871234567").await;
    assert_eq!((found.status, &found.body["id"]), (200, &json!(id)));
    let again = admin.post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((again.status, &again.body["id"]), (200, &json!(id)));
    assert_eq!(admin.post("customer", json!({ "phone": "0861234567" })).await.status, 201);
    assert_eq!(app.operator().get("customer/phone?phone=0861234567").await.status, 404, "the old table is left alone");
}

#[tokio::test]
async fn copying_all_items_of_a_customer_restores_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let body = json!({ "phone": "0871234567", "password": "correct horse" });
    let id = admin.post("customer", body).await.body["id"].as_str().unwrap().to_owned();
    admin.register_id("0861234567").await;
    let backup = restore(&app).await;
    assert_eq!(admin.delete(&format!("customer/{id}")).await.status, 204);

    let phone = "demo#PHONE#+353871234567";
    let own = |item: &&Item| text(item, "pk").ends_with(&id) || text(item, "pk") == phone;
    let copied: Vec<_> = backup.iter().filter(own).cloned().collect();
    assert_eq!(copied.len(), 3, "the profile, the guard and the credential");
    for item in copied {
        put(&app, item).await;
    }
    let again = admin.post("customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((again.status, &again.body["id"]), (200, &json!(id)));
    crate::stored::assert_guarded(&app).await;
}
