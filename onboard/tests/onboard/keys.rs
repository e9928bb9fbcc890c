//! The API key: it is created once and found again.

use crate::account::{Account, value};

const CREATED: &str = "API key: customers-prod-acme created.";
const THERE: &str = "API key: customers-prod-acme was there already.";
const SOON: &str = "Until API Gateway has applied this (seconds to minutes), callers may get 403 tenant_not_onboarded.";

#[tokio::test]
async fn a_new_tenant_gets_a_key_in_its_tier() {
    let account = Account::deployed().await;
    assert_eq!(account.onboard("standard").await.lines(), [CREATED, "Tier: standard.", SOON]);
    account.assert_keys(&[("customers-prod-acme", &value("prod", "acme"), &["customers-prod-standard"])]);
    assert_eq!(account.gateway.take_writes(), ["POST apikeys", "POST usageplans/keys"]);
    account.assert_nothing_written();
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let account = Account::deployed().await;
    account.onboard("standard").await.lines();
    account.gateway.take_writes();
    assert_eq!(account.onboard("standard").await.lines(), [THERE, "Tier: standard already."]);
    account.assert_nothing_written();
}

#[tokio::test]
async fn tenants_whose_ids_share_a_prefix_have_separate_keys() {
    let account = Account::deployed().await;
    let tenants = ["acme-2", "acme", "acme_north", "Acme", "acme2"];
    for round in ["created.", "was there already."] {
        for tenant in tenants {
            let ended = account.run(&["--stage", "prod", "--client", tenant, "--tier", "premium"]).await;
            assert_eq!(ended.lines()[0], format!("API key: customers-prod-{tenant} {round}"));
        }
    }
    let keys: Vec<_> =
        account.gateway.keys().into_iter().map(|(key, plans)| (key.name, key.value, plans.join(","))).collect();
    let expected = tenants
        .map(|tenant| (format!("customers-prod-{tenant}"), value("prod", tenant), "customers-prod-premium".to_owned()));
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn a_disabled_key_is_enabled() {
    let account = Account::deployed().await;
    let key = account.gateway.add_key("customers-prod-acme", &value("prod", "acme"), false);
    account.gateway.put_into("customers-prod-standard", &key);
    let enabled = "API key: enabled; it had been disabled.";
    assert_eq!(account.onboard("standard").await.lines(), [THERE, "Tier: standard already.", enabled, SOON]);
    assert_eq!(account.gateway.take_writes(), ["PATCH apikeys"]);
    account.assert_keys(&[("customers-prod-acme", &value("prod", "acme"), &["customers-prod-standard"])]);
}

#[tokio::test]
async fn a_key_with_this_name_and_another_value_is_refused_with_advice() {
    let account = Account::deployed().await;
    account.gateway.add_key("customers-prod-acme", "made-by-hand-0123456789", true);
    let refused = account.onboard_with("{}").await;
    assert_eq!(
        refused.refusal(),
        "the API key customers-prod-acme (key0) has another value than the gateway looks for, and a value cannot be \
         changed: delete it with `aws apigateway delete-api-key --api-key key0`, and run this again"
    );
    account.assert_nothing_written();
}

#[tokio::test]
async fn the_right_key_is_found_among_keys_of_the_same_name() {
    let account = Account::deployed().await;
    account.gateway.add_key("customers-prod-acme", "made-by-hand-0123456789", true);
    account.gateway.add_key("customers-prod-acme", &value("prod", "acme"), true);
    assert_eq!(account.onboard("standard").await.lines(), [THERE, "Tier: standard.", SOON]);
    assert_eq!(account.gateway.take_writes(), ["POST usageplans/keys"]);
}

#[tokio::test]
async fn a_key_with_this_value_and_another_name_is_refused_with_advice() {
    let account = Account::deployed().await;
    for name in ["one", "two", "three", "acme's"] {
        account.gateway.add_key(name, &if name == "acme's" { value("prod", "acme") } else { name.repeat(20) }, true);
    }
    assert_eq!(
        account.onboard("standard").await.refusal(),
        "the API key acme's (key3) has the value that customers-prod-acme needs: rename it with `aws apigateway \
         update-api-key --api-key key3 --patch-operations op=replace,path=/name,value=customers-prod-acme`, and run \
         this again"
    );
    account.assert_nothing_written();
}

#[tokio::test]
async fn a_key_that_another_run_creates_meanwhile_is_used() {
    let account = Account::deployed().await;
    account.gateway.meanwhile("POST apikeys", |account| {
        account.add_key("customers-prod-acme", &value("prod", "acme"), true);
    });
    assert_eq!(account.onboard("standard").await.lines(), [THERE, "Tier: standard.", SOON]);
    account.assert_keys(&[("customers-prod-acme", &value("prod", "acme"), &["customers-prod-standard"])]);
}

#[tokio::test]
async fn a_key_that_exists_but_is_not_listed_yet_is_reported() {
    let account = Account::deployed().await;
    account.onboard("standard").await.lines();
    account.gateway.take_writes();
    account.gateway.list_no_keys();
    let refused = account.onboard("standard").await;
    assert!(refused.refusal().ends_with("does not list it yet: run this again in a moment"), "{refused:?}");
    account.assert_nothing_written();
}

#[tokio::test]
async fn two_concurrent_runs_create_one_key() {
    let account = Account::for_two_at_once().await;
    let (one, other) = tokio::join!(account.onboard("standard"), account.onboard("standard"));
    let (one, other) = (one.lines(), other.lines());
    assert!([(CREATED, THERE), (THERE, CREATED)].contains(&(one[0], other[0])), "{one:?} {other:?}");
    account.assert_keys(&[("customers-prod-acme", &value("prod", "acme"), &["customers-prod-standard"])]);
    let mut writes = account.gateway.take_writes();
    writes.sort_unstable();
    assert_eq!(writes, ["POST apikeys", "POST usageplans/keys"]);
}

#[tokio::test]
async fn steps_before_a_failure_are_reported_and_the_next_run_completes_the_rest() {
    let account = Account::deployed().await;
    account.gateway.refuse("POST usageplans/keys");
    let failed = account.onboard("standard").await;
    let why = "API Gateway CreateUsagePlanKey: AccessDeniedException: not authorized to perform it (request id none)";
    assert_eq!(failed.failure_after(&[CREATED]), why);
    assert_eq!(account.onboard("standard").await.lines(), [THERE, "Tier: standard.", SOON]);
}
