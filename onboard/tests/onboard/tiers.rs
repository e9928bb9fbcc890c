//! The tier: choosing, joining and changing a usage plan of the stage.

use crate::account::{Account, value};

const THERE: &str = "API key: customers-prod-acme was there already.";
const SOON: &str = "Until API Gateway has applied this (seconds to minutes), callers may get 403 tenant_not_onboarded.";

#[tokio::test]
async fn another_tier_moves_the_key() {
    let account = Account::deployed().await;
    account.onboard("premium").await.lines();
    account.gateway.take_writes();
    let moved = account.onboard("standard").await;
    assert_eq!(moved.lines(), [THERE, "Tier: standard, moved from premium.", SOON]);
    assert_eq!(account.gateway.take_writes(), ["DELETE usageplans/keys", "POST usageplans/keys"]);
    account.assert_keys(&[("customers-prod-acme", &value("prod", "acme"), &["customers-prod-standard"])]);
}

#[tokio::test]
async fn a_failed_move_is_reported_and_the_next_run_completes_it() {
    let account = Account::deployed().await;
    account.onboard("premium").await.lines();
    account.gateway.refuse("POST usageplans/keys");
    let failed = account.onboard("standard").await;
    let why = failed.failure_after(&[THERE]);
    let begins = "customers-prod-acme was removed from the tier premium; its callers get 403 until this is run again: ";
    assert!(why.starts_with(begins), "{why}");
    account.assert_keys(&[("customers-prod-acme", &value("prod", "acme"), &[])]);
    assert_eq!(account.onboard("standard").await.lines(), [THERE, "Tier: standard.", SOON]);
    account.assert_keys(&[("customers-prod-acme", &value("prod", "acme"), &["customers-prod-standard"])]);
}

#[tokio::test]
async fn a_move_that_another_run_began_is_completed() {
    let account = Account::deployed().await;
    account.gateway.add_plan("customers-prod-basic", "prod", None);
    account.onboard("basic").await.lines();
    account.gateway.meanwhile("DELETE usageplans/keys", |account| account.move_keys_to("customers-prod-standard"));
    account.onboard("standard").await.lines();
    account.assert_keys(&[("customers-prod-acme", &value("prod", "acme"), &["customers-prod-standard"])]);
}

#[tokio::test]
async fn the_second_of_two_runs_with_the_same_tier_changes_nothing() {
    let account = Account::deployed().await;
    account.gateway.add_key("customers-prod-acme", &value("prod", "acme"), true);
    account.gateway.meanwhile("POST usageplans/keys", |account| account.move_keys_to("customers-prod-standard"));
    assert_eq!(account.onboard("standard").await.lines(), [THERE, "Tier: standard already."]);
}

#[tokio::test]
async fn the_second_of_two_runs_with_different_tiers_reports_the_conflict() {
    let account = Account::deployed().await;
    account.gateway.add_key("customers-prod-acme", &value("prod", "acme"), true);
    account.gateway.meanwhile("POST usageplans/keys", |account| account.move_keys_to("customers-prod-premium"));
    let why = "another run put customers-prod-acme into the tier premium at the same time: run this again to put it \
               into standard";
    assert_eq!(account.onboard("standard").await.failure_after(&[THERE]), why);
    assert_eq!(account.onboard("standard").await.lines()[1], "Tier: standard, moved from premium.");
}

#[tokio::test]
async fn an_unknown_tier_is_refused_with_those_that_exist() {
    let account = Account::deployed().await;
    account.gateway.add_plan("customers-dev-free", "dev", None);
    for tier in ["gold", "Standard", "", "free", "standard "] {
        let refused = account.onboard(tier).await;
        let why = format!("there is no tier {tier} in prod; choose one of premium, standard");
        assert_eq!(refused.refusal(), why);
    }
    account.assert_nothing_written();
}

#[tokio::test]
async fn tiers_are_read_from_the_account() {
    let account = Account::deployed().await;
    account.gateway.add_plan("customers-prod-extra-large", "prod", None);
    assert_eq!(account.onboard("extra-large").await.lines()[1], "Tier: extra-large.");
}

#[tokio::test]
async fn a_stage_without_plans_is_not_deployed_here() {
    let account = Account::empty().await;
    let why = "there is no usage plan customers-prod-…: the stage prod is not deployed in eu-west-1 of this account; \
               check --stage, AWS_REGION and AWS_PROFILE";
    assert_eq!(account.onboard("standard").await.refusal(), why);
    account.deploy("prod2", "customers");
    account.deploy("pro", "customers");
    account.gateway.add_plan("customers-prod", "prod", None);
    account.gateway.add_plan("customers-prod-", "prod", None);
    account.gateway.add_plan("other-customers-prod-standard", "prod", None);
    assert_eq!(account.onboard("standard").await.refusal(), why);
    account.assert_nothing_written();
}

#[tokio::test]
async fn stages_of_one_account_are_independent() {
    let account = Account::deployed().await;
    account.deploy("prod2", "customers-of-prod2");
    account.deploy("dev", "customers-of-dev");
    for (stage, tier) in [("prod", "standard"), ("prod2", "premium"), ("dev", "standard"), ("prod", "premium")] {
        account.run(&["--stage", stage, "--client", "acme", "--tier", tier]).await.lines();
    }
    account.assert_keys(&[
        ("customers-prod-acme", &value("prod", "acme"), &["customers-prod-premium"]),
        ("customers-prod2-acme", &value("prod2", "acme"), &["customers-prod2-premium"]),
        ("customers-dev-acme", &value("dev", "acme"), &["customers-dev-standard"]),
    ]);
}

#[tokio::test]
async fn plans_and_keys_on_later_pages_are_found() {
    let account = Account::empty().await;
    for other in 0..5 {
        account.gateway.add_plan(&format!("another-api-{other}"), "another", None);
        account.gateway.add_key(
            &format!("customers-prod-acme-{other}"),
            &value("prod", &format!("acme-{other}")),
            true,
        );
    }
    account.deploy("prod", account.app.table());
    let key = account.gateway.add_key("customers-prod-acme", &value("prod", "acme"), true);
    // The plans of the key also fill more than one page.
    for other in 0..3 {
        account.gateway.put_into(&format!("another-api-{other}"), &key);
    }
    account.gateway.put_into("customers-prod-premium", &key);
    assert_eq!(account.onboard("premium").await.lines(), [THERE, "Tier: premium already."]);
    account.assert_nothing_written();
    assert_eq!(account.onboard("standard").await.lines()[1], "Tier: standard, moved from premium.");
}

#[tokio::test]
async fn two_plans_of_one_name_are_refused() {
    let account = Account::deployed().await;
    account.gateway.add_plan("customers-prod-standard", "prod", None);
    let why = "there are several usage plans customers-prod-standard in eu-west-1; delete or rename the others";
    assert_eq!(account.onboard("standard").await.refusal(), why);
    account.assert_nothing_written();
    account.onboard("premium").await.lines();
}

#[tokio::test]
async fn a_foreign_plan_of_the_stage_is_reported_with_api_gateways_message() {
    let account = Account::deployed().await;
    account.gateway.add_plan("made by hand", "prod", None);
    let key = account.gateway.add_key("customers-prod-acme", &value("prod", "acme"), true);
    account.gateway.put_into("made by hand", &key);
    let failed = account.onboard("standard").await;
    let why =
        "API Gateway CreateUsagePlanKey: ConflictException: the key is in a usage plan of this stage (request id none)";
    assert_eq!(failed.failure_after(&[THERE]), why);
}

#[tokio::test]
async fn two_runs_at_once_with_different_tiers_leave_the_key_in_one() {
    let account = Account::for_two_at_once().await;
    let (one, other) = tokio::join!(account.onboard("standard"), account.onboard("premium"));
    let plans = account.gateway.keys()[0].1.clone();
    assert_eq!((account.gateway.keys().len(), plans.len()), (1, 1), "{one:?} {other:?}");
}
