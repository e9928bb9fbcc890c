//! The list of tenants.

use crate::account::{Account, value};

#[tokio::test]
async fn tenants_are_listed_with_their_tier_and_whether_they_are_enabled() {
    let account = Account::deployed().await;
    account.deploy("prod2", account.app.table());
    account.onboard("standard").await.lines();
    for (stage, client, tier) in
        [("prod", "zulu", "premium"), ("prod", "a-b", "standard"), ("prod2", "other", "premium")]
    {
        account.run(&["--stage", stage, "--client", client, "--tier", tier]).await.lines();
    }
    // An interrupted onboarding, and a key that was disabled.
    account.gateway.add_key("customers-prod-half", &value("prod", "half"), true);
    let off = account.gateway.add_key("customers-prod-off", &value("prod", "off"), false);
    account.gateway.put_into("customers-prod-premium", &off);
    account.gateway.take_writes();

    let listed = account.run(&["list", "--stage", "prod"]).await;
    let rows = ["a-b,standard,true", "acme,standard,true", "half,,true", "off,premium,false", "zulu,premium,true"];
    assert_eq!(listed.lines(), [&["tenant,tier,enabled"], &rows[..]].concat());
    account.assert_nothing_written();
}

#[tokio::test]
async fn a_stage_that_is_not_deployed_has_no_list() {
    let account = Account::empty().await;
    let ended = account.run(&["list", "--stage", "prod"]).await;
    assert!(ended.refusal().starts_with("there is no usage plan customers-prod-"), "{ended:?}");
}
