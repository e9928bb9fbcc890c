//! Bringing the customers of a stage up to date.

use api_tests::Fault;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::store::keys;

use crate::account::Account;

const REINDEX: [&str; 3] = ["reindex", "--stage", "prod"];

/// An account with customers of two tenants. The service before this version had written all but one.
async fn with_customers() -> Account {
    let account = Account::deployed().await;
    for tenant in ["acme", "beta"] {
        let operator = account.app.staff(tenant, "operator");
        for number in 0..15 {
            let body = json!({ "phone": format!("+3538712345{number:02}"), "lastName": "Byrne" });
            assert_eq!(operator.post(&format!("/client/{tenant}/customer"), body).await.status, 201);
        }
    }
    let index_keys: Vec<_> =
        keys::SEARCH_INDEXES.iter().flat_map(|index| [index.pk, index.sk]).filter(|key| *key != "id").collect();
    let mut items = account.app.dynamodb.scan().table_name(account.app.table()).into_paginator().items().send();
    while let Some(item) = items.next().await {
        let mut item = item.unwrap();
        let is_customer = item[keys::SK].as_s().unwrap() == keys::PROFILE;
        let is_new = item[keys::PK].as_s().unwrap().starts_with("acme") && item.get("phone").is_some_and(is_last);
        if is_customer && !is_new {
            item.retain(|name, _| !index_keys.contains(&name.as_str()));
            item.insert("password".to_owned(), AttributeValue::S("$argon2id$…".to_owned()));
            let put = account.app.dynamodb.put_item().table_name(account.app.table());
            put.set_item(Some(item)).send().await.unwrap();
        }
    }
    account
}

fn is_last(phone: &AttributeValue) -> bool {
    phone.as_s().is_ok_and(|phone| phone.ends_with("14"))
}

async fn found(account: &Account, tenant: &str) -> usize {
    let operator = account.app.staff(tenant, "operator");
    let answer = operator.get(&format!("/client/{tenant}/customer?name=byrne&limit=100")).await;
    answer.body["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn customers_of_all_tenants_are_written_once() {
    let account = with_customers().await;
    assert_eq!((found(&account, "acme").await, found(&account, "beta").await), (1, 0));
    let done = account.run(&REINDEX).await;
    assert_eq!(done.lines(), ["Customers: 30 read, 29 written, 0 moved to the current form of their phone."]);
    assert_eq!((found(&account, "acme").await, found(&account, "beta").await), (15, 15));
    let again = account.run(&REINDEX).await;
    assert_eq!(again.lines(), ["Customers: 30 read, 0 written, 0 moved to the current form of their phone."]);
}

#[tokio::test]
async fn an_interrupted_run_goes_on() {
    let account = with_customers().await;
    // More faults than the SDK retries.
    for number in 0..40 {
        let mut fault = Fault::exception("UpdateItem", "ThrottlingException");
        fault.after = if number == 0 { 12 } else { 0 };
        account.app.wire.inject(fault);
    }
    let failed = account.run(&REINDEX).await;
    assert!(failed.refusal().contains("Run the same command again to go on"), "{failed:?}");
    while account.app.wire.faults_left() > 0 {
        account.run(&REINDEX).await;
    }
    account.run(&REINDEX).await.lines();
    assert_eq!((found(&account, "acme").await, found(&account, "beta").await), (15, 15));
}

#[tokio::test]
async fn a_stage_that_is_not_deployed_is_refused() {
    let account = Account::empty().await;
    assert!(account.run(&REINDEX).await.refusal().contains("prod"));
}
