//! What a function refuses to start with, and in which words. All of them start by the same code.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

use std::process::Command;

/// What the function says when it is started with this environment, in which it cannot run.
fn refusal(environment: &[(&str, &str)]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_customers")).env_clear().envs(environment.iter().copied()).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_variable_that_is_missing_is_named() {
    let table = ("TABLE_NAME", "customers");
    for (environment, said) in [
        (&[][..], "Error: the environment variable DEFAULT_REGION is not set\n"),
        (&[table], "Error: the environment variable DEFAULT_REGION is not set\n"),
        (&[("DEFAULT_REGION", "IE")], "Error: the environment variable TABLE_NAME is not set\n"),
        // Set to nothing is not set.
        (&[("DEFAULT_REGION", "IE"), ("TABLE_NAME", "")], "Error: the environment variable TABLE_NAME is not set\n"),
    ] {
        assert_eq!(refusal(environment), said);
    }
}

#[test]
fn a_variable_that_is_wrong_is_named_with_what_is_wrong() {
    let good = [("TABLE_NAME", "customers"), ("DEFAULT_REGION", "IE")];
    for (name, value) in [
        ("DEFAULT_REGION", "Ireland"),
        ("METRICS_NAMESPACE", "customers and more"),
        ("METRICS_NAMESPACE", "AWS/Lambda"),
        ("DYNAMODB_ENDPOINT", "localhost:8000"),
        ("DYNAMODB_ENDPOINT", "http://"),
    ] {
        let said = refusal(&[&good[..], &[(name, value)]].concat());
        let start = format!("Error: the environment variable {name} ");
        assert!(said.starts_with(&start) && said.lines().count() == 1, "{value}: {said}");
    }
}
