//! The second key: a tenant's apps and passengers have a separate usage plan, in addition to the tenant's tier.

use std::time::SystemTime;

use shared::domain::ClientId;

use crate::account::{Account, value};

const PLAN: &str = "customers-prod-self-service";
const KEY: &str = "self-service-customers-prod-acme";
const SOON: &str = "Until API Gateway has applied this (seconds to minutes), callers may get 403 tenant_not_onboarded.";

fn self_service_value() -> String {
    authorizer::self_service_usage_key("prod", &ClientId::parse("acme").unwrap())
}

async fn account() -> Account {
    let account = Account::deployed().await;
    account.gateway.add_plan(PLAN, "prod", Some(account.app.table()));
    account
}

#[tokio::test]
async fn a_new_tenant_gets_a_second_key_in_the_plan_of_apps_and_passengers() {
    let account = account().await;
    let said = [
        "API key: customers-prod-acme created.",
        "Tier: standard.",
        "API key: self-service-customers-prod-acme created.",
        "Tier: self-service.",
        SOON,
    ];
    assert_eq!(account.onboard("standard").await.lines(), said);
    let keys = [
        ("customers-prod-acme", &*value("prod", "acme"), &["customers-prod-standard"][..]),
        (KEY, &*self_service_value(), &[PLAN]),
    ];
    account.assert_keys(&keys);
    account.gateway.take_writes();
    let said = [
        "API key: customers-prod-acme was there already.",
        "Tier: standard already.",
        "API key: self-service-customers-prod-acme was there already.",
        "Tier: self-service already.",
    ];
    assert_eq!(account.onboard("standard").await.lines(), said);
    account.assert_nothing_written();
}

#[tokio::test]
async fn a_tenant_of_an_older_deployment_gets_it_with_the_next_run() {
    let account = Account::deployed().await;
    account.onboard("premium").await.lines();
    account.gateway.add_plan(PLAN, "prod", Some(account.app.table()));
    account.gateway.take_writes();
    let lines = account.onboard("premium").await;
    assert_eq!(lines.lines()[2..], ["API key: self-service-customers-prod-acme created.", "Tier: self-service.", SOON]);
    assert_eq!(account.gateway.take_writes(), ["POST apikeys", "POST usageplans/keys"]);
}

#[tokio::test]
async fn a_change_of_tier_does_not_move_the_second_key() {
    let account = account().await;
    account.onboard("standard").await.lines();
    account.onboard("premium").await.lines();
    let keys = [
        ("customers-prod-acme", &*value("prod", "acme"), &["customers-prod-premium"][..]),
        (KEY, &*self_service_value(), &[PLAN]),
    ];
    account.assert_keys(&keys);
}

#[tokio::test]
async fn the_plan_of_apps_and_passengers_is_not_a_tier() {
    let account = account().await;
    let why = "there is no tier self-service in prod; choose one of premium, standard";
    assert_eq!(account.onboard("self-service").await.refusal(), why);
    account.assert_nothing_written();
}

#[tokio::test]
async fn a_second_key_with_another_value_is_refused_before_anything_is_written() {
    let account = account().await;
    account.gateway.add_key(KEY, "made-by-hand-0123456789", true);
    let refused = account.onboard_with("{}").await;
    assert!(refused.refusal().starts_with(&format!("the API key {KEY} (key0) has another value")), "{refused:?}");
    account.assert_nothing_written();
}

/// The id of one tenant may contain words of another key's name.
#[tokio::test]
async fn a_tenants_key_is_never_mistaken_for_anothers_second_key() {
    let account = account().await;
    let tenants = ["acme", "acme-self-service", "self-service-acme", "self-service"];
    for tenant in tenants {
        account.run(&["--stage", "prod", "--client", tenant, "--tier", "standard"]).await.lines();
    }
    let keys = account.gateway.keys();
    assert_eq!(keys.len(), 2 * tenants.len());
    for tenant in tenants {
        let client = ClientId::parse(tenant).unwrap();
        for (key, plan) in [
            (value("prod", tenant), "customers-prod-standard"),
            (authorizer::self_service_usage_key("prod", &client), PLAN),
        ] {
            let plans: Vec<_> = keys.iter().filter(|(found, _)| found.value == key).map(|(_, plans)| plans).collect();
            assert_eq!(plans, [&[plan.to_owned()]], "{tenant}");
        }
    }
}

#[tokio::test]
async fn removing_a_tenant_deletes_both_keys_and_leaves_those_of_others() {
    let account = account().await;
    account.onboard("standard").await.lines();
    account.run(&["--stage", "prod", "--client", "acme2", "--tier", "premium"]).await.lines();
    account.gateway.take_writes();
    let said = [
        "API key: customers-prod-acme exists.",
        "API key: self-service-customers-prod-acme exists.",
        "API key: customers-prod-acme deleted.",
        "API key: self-service-customers-prod-acme deleted.",
        "The items of the tenant stay in the table.",
    ];
    let remove = ["remove", "--stage", "prod", "--client", "acme", "--yes"];
    assert_eq!(account.run(&remove).await.lines(), said);
    let names: Vec<_> = account.gateway.keys().into_iter().map(|(key, _)| key.name).collect();
    assert_eq!(names, ["customers-prod-acme2", "self-service-customers-prod-acme2"]);
}

#[tokio::test]
async fn the_next_run_completes_one_that_was_interrupted_between_the_keys() {
    let account = account().await;
    let key = account.gateway.add_key(KEY, &self_service_value(), true);
    account.gateway.put_into(PLAN, &key);
    let remove = ["remove", "--stage", "prod", "--client", "acme", "--yes"];
    let ended = account.run(&remove).await;
    assert_eq!(ended.lines()[2], "API key: self-service-customers-prod-acme deleted.");
    assert!(account.gateway.keys().is_empty());
}

#[tokio::test]
async fn a_tenant_is_listed_once_and_its_requests_are_those_of_both_keys() {
    let account = account().await;
    account.onboard("standard").await.lines();
    assert_eq!(account.run(&["list", "--stage", "prod"]).await.lines(), ["tenant,tier,enabled", "acme,standard,true"]);
    let today = humantime::format_rfc3339(SystemTime::now()).to_string()[..10].to_owned();
    for ((key, _), (plan, requests)) in account.gateway.keys().iter().zip([("customers-prod-standard", 3), (PLAN, 4)]) {
        account.gateway.send_requests(plan, key, &today, requests);
    }
    let usage = account.run(&["usage", "--stage", "prod", "--days", "1", "--usd-per-million", "1000000"]).await;
    assert_eq!(usage.lines()[1], format!("acme,standard,{today},7,0,7.000000"));
}
