//! The settings: the API's operation writes or refuses them, before the key is changed.

use api_tests::Fault;
use local::table::TableDefinition;
use serde_json::json;
use shared::domain::{ClientId, Region};
use shared::store::Store;

use crate::account::Account;

const REPLACED: &str = "Settings: replaced, in the table customers.";
const FULL: &str = r#"{ "region": "GB", "tagRules": [{ "tag": "gold", "priority": 30 }] }"#;

#[tokio::test]
async fn the_api_serves_the_written_settings() {
    let account = Account::deployed().await;
    assert_eq!(account.onboard_with(FULL).await.lines()[0], REPLACED);
    let expected = json!({ "region": "GB", "tagRules": [{ "tag": "GOLD", "priority": 30 }], "loyaltyRules": [] });
    assert_eq!(account.settings().await, expected);
}

#[tokio::test]
async fn the_same_settings_again_are_unchanged() {
    let account = Account::deployed().await;
    account.onboard_with(FULL).await.lines();
    account.gateway.take_writes();
    let again = account.onboard_with(FULL).await;
    let there = "API key: customers-prod-acme was there already.";
    assert_eq!(again.lines(), ["Settings: unchanged.", there, "Tier: standard already."]);
    assert_eq!(account.gateway.take_writes(), Vec::<String>::new());
}

#[tokio::test]
async fn other_settings_replace_all_settings() {
    let account = Account::deployed().await;
    account.onboard_with(FULL).await.lines();
    assert_eq!(
        account.onboard_with(r#"{ "loyaltyRules": [{ "miles": 5, "priority": 40 }] }"#).await.lines()[0],
        REPLACED
    );
    let expected = json!({
        "region": "IE",
        "tagRules": [{ "tag": "VIP", "priority": 20 }],
        "loyaltyRules": [{ "miles": 5, "priority": 40 }],
    });
    assert_eq!(account.settings().await, expected);
}

#[tokio::test]
async fn a_region_that_is_also_the_default_is_a_setting() {
    let account = Account::deployed().await;
    assert_eq!(account.onboard_with("{}").await.lines()[0], REPLACED);
    assert_eq!(account.onboard_with(r#"{ "region": "IE" }"#).await.lines()[0], REPLACED);
    let store = Store::new(&account.app.dynamodb, account.app.table());
    let stored = store.settings(&ClientId::parse("acme").unwrap()).await.unwrap().unwrap();
    assert_eq!(stored.region, Some(Region::parse("IE").unwrap()));
}

#[tokio::test]
async fn without_a_file_the_settings_are_unchanged() {
    let account = Account::deployed().await;
    account.onboard_with(FULL).await.lines();
    assert!(!account.app.wire.take_all_calls().is_empty());
    account.onboard("premium").await.lines();
    assert!(account.app.wire.take_all_calls().is_empty(), "the table was asked");
    assert_eq!(account.settings().await["region"], "GB");
}

#[tokio::test]
async fn invalid_settings_are_refused_with_the_apis_message_before_anything_is_written() {
    let account = Account::deployed().await;
    let nothing = "acme.json: the settings are invalid; fix these fields and run the command again:";
    let cases = [
        (
            r#"{ "region": "XX", "tagRules": [{ "tag": "gold", "priority": 5 }], "colour": 1 }"#,
            format!(
                "{nothing}\n  /colour is not a field of this request; check the spelling\
                 \n  /region must be a two-letter ISO 3166 country code, such as IE\
                 \n  /tagRules/0/priority must be from 10 to 80"
            ),
        ),
        ("[]", format!("{nothing}\n  the file must be an object")),
        (
            "{",
            "acme.json: The body cannot be read as JSON in UTF-8, at line 1, column 1. Fix that place and try again."
                .to_owned(),
        ),
        ("", "acme.json: The body is empty. Send a JSON object.".to_owned()),
    ];
    for (settings, why) in cases {
        assert_eq!(account.onboard_with(settings).await.refusal(), why, "{settings}");
    }
    let large = format!("{{}}{}", " ".repeat(64 * 1024));
    let why = "acme.json: The body is larger than 65,536 bytes. Send a smaller body.";
    assert_eq!(account.onboard_with(large).await.refusal(), why);
    account.assert_nothing_written();
    assert_eq!(account.settings().await["region"], "IE");
}

#[tokio::test]
async fn a_missing_file_is_reported_before_any_call() {
    let account = Account::deployed().await;
    let arguments = ["--stage", "prod", "--client", "acme", "--tier", "standard", "--settings", "no.json"];
    // Without a region nothing could be called.
    let refused = account.run_in(&[], &arguments).await;
    assert!(refused.refusal().starts_with("no.json cannot be read ("), "{refused:?}");
}

#[tokio::test]
async fn settings_go_to_the_table_that_the_plan_names() {
    let account = Account::deployed().await;
    account.deploy("dev", "customers-of-dev");
    let definition = TableDefinition::from_template().unwrap();
    definition.create(&account.app.dynamodb, "customers-of-dev").await.unwrap();
    let file = account.file("acme.json", FULL);
    let file = file.to_str().unwrap();
    let ended = account.run(&["--stage", "dev", "--client", "acme", "--tier", "standard", "--settings", file]).await;
    assert_eq!(ended.lines()[0], "Settings: replaced, in the table customers-of-dev.");
    let client = ClientId::parse("acme").unwrap();
    let settings = |table: &'static str| Store::new(&account.app.dynamodb, table);
    assert!(settings("customers-of-dev").settings(&client).await.unwrap().is_some());
    assert!(settings("customers").settings(&client).await.unwrap().is_none());
}

#[tokio::test]
async fn settings_are_refused_if_the_plan_names_no_table() {
    let account = Account::empty().await;
    account.gateway.add_plan("customers-prod-standard", "prod", None);
    let refused = account.onboard_with("{}").await;
    let begins = "the usage plan of the tier standard does not name the stage's table in a tag customers-table";
    assert!(refused.refusal().starts_with(begins), "{refused:?}");
    account.assert_nothing_written();
    account.onboard("standard").await.lines();
}

#[tokio::test]
async fn a_missing_table_is_named_and_the_key_is_not_changed() {
    let account = Account::empty().await;
    account.deploy("prod", "no-such-table");
    let refused = account.onboard_with("{}").await;
    let why = refused.refusal();
    assert!(why.starts_with("the settings could not be written to the table no-such-table: "), "{why}");
    assert!(why.contains("ResourceNotFoundException"), "{why}");
    account.assert_nothing_written();
}

#[tokio::test]
async fn the_reason_of_a_failed_write_is_reported() {
    let account = Account::deployed().await;
    account.app.wire.inject(Fault::exception("PutItem", "AccessDeniedException"));
    let refused = account.onboard_with("{}").await;
    let why = refused.refusal();
    assert!(why.starts_with("the settings could not be written to the table customers: "), "{why}");
    assert!(why.contains("AccessDeniedException"), "{why}");
    assert_eq!(account.gateway.take_writes(), Vec::<String>::new());
}
