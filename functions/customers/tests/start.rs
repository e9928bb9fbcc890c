//! The errors of a function that cannot start. All functions start with the same code.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

use std::process::Command;

/// Starts the function in an environment in which it cannot run, and returns its error message.
fn refusal(environment: &[(&str, &str)]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_customers")).env_clear().envs(environment.iter().copied()).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_error_names_a_missing_variable() {
    let table = ("TABLE_NAME", "customers");
    for (environment, said) in [
        (&[][..], "Error: the environment variable DEFAULT_REGION is not set\n"),
        (&[table], "Error: the environment variable DEFAULT_REGION is not set\n"),
        (&[("DEFAULT_REGION", "IE")], "Error: the environment variable TABLE_NAME is not set\n"),
        // An empty variable counts as missing.
        (&[("DEFAULT_REGION", "IE"), ("TABLE_NAME", "")], "Error: the environment variable TABLE_NAME is not set\n"),
    ] {
        assert_eq!(refusal(environment), said);
    }
}

#[test]
fn the_error_names_an_invalid_variable_and_the_reason() {
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
