//! Removing one of two tenants.

use std::collections::BTreeSet;

use api_tests::Fault;
use serde_json::json;

use crate::account::{Account, value};

const REMOVE: [&str; 5] = ["remove", "--stage", "prod", "--client", "acme"];
const AGAIN: &str =
    "Run the same command again in ten minutes: callers can write until API Gateway has applied the change.";

/// An account with two tenants whose ids start with the same letters. Each has settings and a customer with a password
/// and an address.
async fn two_tenants() -> Account {
    let account = Account::deployed().await;
    account.onboard_with(r#"{ "region": "GB" }"#).await.lines();
    account
        .run(&["--stage", "prod", "--client", "acme2", "--tier", "premium", "--settings", "acme.json"])
        .await
        .lines();
    for tenant in ["acme", "acme2"] {
        let operator = account.app.staff(tenant, "operator");
        let customers = format!("/client/{tenant}/customer");
        let customer = json!({ "phone": "+353871234567", "password": "correct horse battery" });
        let created = operator.post(&customers, customer).await;
        let addresses = format!("{customers}/{}/addresses", created.body["id"].as_str().unwrap());
        let place = json!({ "address": "1 Main Street", "latitude": 53.1, "longitude": -6.1 });
        assert_eq!(operator.post(&addresses, place).await.status, 201);
    }
    account.gateway.take_writes();
    let _ = account.app.wire.take_all_calls();
    account
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&REMOVE, more].concat()
}

#[tokio::test]
async fn one_tenant_is_removed_and_the_other_is_unchanged() {
    let account = two_tenants().await;
    let before = account.items().await;
    let removed = account.run(&with(&["--erase", "--yes"])).await;
    let [key, items, deleted, erased, again] = removed.lines()[..] else { panic!("{removed:?}") };
    assert_eq!(key, "API key: customers-prod-acme exists.");
    let counted = "Items: 5 (1 address, 1 customer, 1 password, 1 phoneGuard, 1 settings). Counting them took ";
    assert!(items.starts_with(counted), "{items}");
    assert_eq!([deleted, erased, again], ["API key: customers-prod-acme deleted.", "Items: 5 erased.", AGAIN]);
    assert_eq!(account.gateway.take_writes(), ["DELETE usageplans/keys", "DELETE apikeys"]);
    account.assert_keys(&[("customers-prod-acme2", &value("prod", "acme2"), &["customers-prod-premium"])]);
    let after = account.items().await;
    assert_eq!(after.keys().collect::<Vec<_>>(), ["acme2"]);
    assert_eq!(after["acme2"], before["acme2"]);

    // The next run finds what a caller has written in the meantime. After that nothing is left.
    let operator = account.app.staff("acme", "operator");
    assert_eq!(operator.post("/client/acme/customer", json!({ "phone": "+353861234567" })).await.status, 201);
    let again = account.run(&with(&["--erase", "--yes"])).await;
    assert_eq!(again.lines()[2], "Items: 2 erased.");
    let nothing = account.run(&with(&["--erase"])).await;
    assert_eq!(nothing.lines()[2], "There is nothing to remove of acme in prod.");
    assert_eq!(account.items().await["acme2"], before["acme2"]);
}

#[tokio::test]
async fn without_erase_the_items_stay_and_the_table_is_not_read() {
    let account = two_tenants().await;
    let before = account.items().await;
    let removed = account.run_typing("acme\n", &REMOVE).await;
    let lines = removed.lines();
    assert_eq!(lines[0], "API key: customers-prod-acme exists.");
    assert_eq!(lines[2], "The items of the tenant stay in the table.");
    assert_eq!(account.gateway.take_writes(), ["DELETE usageplans/keys", "DELETE apikeys"]);
    assert!(account.app.wire.take_all_calls().is_empty());
    assert_eq!(account.items().await, before);
}

#[tokio::test]
async fn nothing_is_removed_unless_the_tenants_id_is_typed() {
    let account = two_tenants().await;
    let before = account.items().await;
    for typed in ["", "\n", "y\n", "acme2\n", "Acme\n"] {
        let ended = account.run_typing(typed, &with(&["--erase"])).await;
        assert_eq!(ended.failure(), "nothing was removed: type the tenant's id when asked, or add --yes");
    }
    assert_eq!(account.gateway.take_writes(), Vec::<String>::new());
    assert_eq!(account.items().await, before);
}

#[tokio::test]
async fn hundreds_of_items_are_erased_in_batches() {
    let account = two_tenants().await;
    let operator = account.app.staff("acme", "operator");
    for number in 0..60 {
        let phone = format!("+3538712{number:05}");
        assert_eq!(operator.post("/client/acme/customer", json!({ "phone": phone })).await.status, 201);
    }
    let _ = account.app.wire.take_all_calls();
    let removed = account.run(&with(&["--erase", "--yes"])).await;
    assert_eq!(removed.lines()[3], "Items: 125 erased.");
    let calls = account.app.wire.take_all_calls();
    let batches: Vec<_> = calls.iter().filter(|call| call.operation == "BatchWriteItem").collect();
    let deleted = |batch: &serde_json::Value| batch[account.app.table()].as_array().unwrap().len();
    let sizes: Vec<_> = batches.iter().map(|call| deleted(&call.request["RequestItems"])).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 125);
    assert!(sizes.iter().all(|size| *size <= 25), "{sizes:?}");
    assert_eq!(account.items().await.keys().collect::<BTreeSet<_>>(), BTreeSet::from([&"acme2".to_owned()]));
}

#[tokio::test]
async fn a_failed_run_reports_its_progress_and_the_next_one_completes_it() {
    let account = two_tenants().await;
    account.app.wire.inject(Fault::exception("BatchWriteItem", "AccessDeniedException"));
    let failed = account.run(&with(&["--erase", "--yes"])).await;
    let why = failed.failure();
    assert!(why.starts_with("DynamoDB BatchWriteItem: AccessDeniedException (request id "), "{why}");
    assert!(why.ends_with(" items were erased, the same command again erases the others"), "{why}");
    account.assert_keys(&[("customers-prod-acme2", &value("prod", "acme2"), &["customers-prod-premium"])]);
    account.run(&with(&["--erase", "--yes"])).await.lines();
    assert_eq!(account.items().await.keys().collect::<Vec<_>>(), ["acme2"]);
}

#[tokio::test]
async fn items_that_dynamodb_did_not_process_are_sent_again() {
    let account = Account::deployed().await;
    // The tenant's only item.
    account.onboard_with(r#"{ "region": "GB" }"#).await.lines();
    let unprocessed = json!({ "UnprocessedItems": { "customers": [
        { "DeleteRequest": { "Key": { "pk": { "S": "acme#SETTINGS" }, "sk": { "S": "SETTINGS" } } } },
    ] } });
    account.app.wire.inject(Fault { operation: "BatchWriteItem", status: 200, body: unprocessed, after: 0 });
    account.run(&with(&["--erase", "--yes"])).await.lines();
    assert!(account.items().await.is_empty());
}

#[tokio::test]
async fn erasing_needs_one_table_and_a_deployed_stage() {
    let account = Account::empty().await;
    let ended = account.run(&with(&["--erase", "--yes"])).await;
    assert!(ended.refusal().starts_with("there is no usage plan customers-prod-"), "{ended:?}");
    account.gateway.add_plan("customers-prod-standard", "prod", None);
    let ended = account.run(&with(&["--erase", "--yes"])).await;
    assert!(ended.refusal().contains("name 0 tables"), "{ended:?}");
    account.assert_nothing_written();
}
