//! The command line and its environment.

use crate::account::Account;

#[tokio::test]
async fn malformed_ids_are_refused() {
    let account = Account::deployed().await;
    let not_an_id = "must be 1 to 64 characters from A-Z, a-z, 0-9, '_' and '-'";
    for (stage, client, says) in [
        ("prod", "ac me", not_an_id),
        ("prod", "acme#2", not_an_id),
        ("prod", "", not_an_id),
        ("prod-eu", "acme", "must be 2 to 16 characters from a-z and 0-9, and start with a letter, such as prod"),
    ] {
        let ended = account.run(&["--stage", stage, "--client", client, "--tier", "standard"]).await;
        assert!(ended.misuse().contains(says), "{ended:?}");
    }
    account.assert_nothing_written();
}

#[tokio::test]
async fn all_options_except_settings_are_required() {
    let account = Account::deployed().await;
    let ended = account.run(&[]).await;
    for flag in ["--stage", "--client", "--tier"] {
        assert!(ended.misuse().contains(flag), "{ended:?}");
    }
}

#[tokio::test]
async fn a_missing_region_is_reported() {
    let account = Account::deployed().await;
    let ended = account.run_in(&[], &["--stage", "prod", "--client", "acme", "--tier", "standard"]).await;
    let why = "no AWS region is configured: set AWS_REGION, or AWS_PROFILE to a profile that has one";
    assert_eq!(ended.refusal(), why);
}

#[tokio::test]
async fn missing_credentials_are_reported_in_one_line() {
    let account = Account::deployed().await;
    let no_credentials = [("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    let ended = account.run_in(&no_credentials, &["--stage", "prod", "--client", "acme", "--tier", "standard"]).await;
    let why = ended.refusal();
    assert!(why.starts_with("API Gateway GetUsagePlans: ") && why.contains("credential"), "{why}");
    assert_eq!(why.lines().count(), 1, "{why}");
}
