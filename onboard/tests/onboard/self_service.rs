//! The second key: a tenant's apps and passengers have a usage plan of their own, beside its tier.

use shared::domain::ClientId;

use crate::account::{Account, value};

const PLAN: &str = "customers-prod-self-service";
const KEY: &str = "self-service-customers-prod-acme";
const SOON: &str =
    "Until API Gateway has spread this, in seconds to minutes, callers may get 403 tenant_not_onboarded.";

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
async fn another_tier_leaves_the_second_key_where_it_is() {
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
async fn the_plan_of_apps_and_passengers_is_no_tier() {
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

/// A tenant's id may have the other's words in it.
#[tokio::test]
async fn no_tenants_key_is_taken_for_anothers_second_key() {
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
