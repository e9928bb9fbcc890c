//! The errors of a function that cannot start. All functions start with the same code.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

const CURSOR_KEY: (&str, &str) = ("CURSOR_KEY", "0123456789abcdefghijklmnopqrstuv");

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
    assert_eq!(refusal(&[]), "Error: the environment variable CURSOR_KEY is not set\n");
    for (environment, said) in [
        (&[][..], "Error: the environment variable DEFAULT_REGION is not set\n"),
        (&[table], "Error: the environment variable DEFAULT_REGION is not set\n"),
        (&[("DEFAULT_REGION", "IE")], "Error: the environment variable TABLE_NAME is not set\n"),
        // An empty variable counts as missing.
        (&[("DEFAULT_REGION", "IE"), ("TABLE_NAME", "")], "Error: the environment variable TABLE_NAME is not set\n"),
        (&[("DEFAULT_REGION", "IE"), table], "Error: the environment variable AWS_REGION is not set\n"),
    ] {
        assert_eq!(refusal(&[&[CURSOR_KEY], environment].concat()), said);
    }
}

#[test]
fn the_error_names_an_invalid_variable_and_the_reason() {
    let good = [CURSOR_KEY, ("TABLE_NAME", "customers"), ("DEFAULT_REGION", "IE")];
    for (name, value) in [
        ("DEFAULT_REGION", "Ireland"),
        ("METRICS_NAMESPACE", "customers and more"),
        ("METRICS_NAMESPACE", "AWS/Lambda"),
        ("DYNAMODB_ENDPOINT", "localhost:8000"),
        ("DYNAMODB_ENDPOINT", "http://"),
        ("PRIMING", "no"),
        ("CURSOR_KEY", "too short"),
        ("AWS_CA_BUNDLE", "no-such-file.pem"),
        ("AWS_CA_BUNDLE", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")),
    ] {
        let said = refusal(&[&good[..], &[(name, value)]].concat());
        let start = format!("Error: the environment variable {name} ");
        assert!(said.starts_with(&start) && said.lines().count() == 1, "{value}: {said}");
    }
}

/// A function that was started, and the two servers that it knows.
struct Started {
    function: Child,
    runtime: TcpListener,
    dynamodb: TcpListener,
}

impl Started {
    fn with(environment: &[(&str, &str)]) -> Self {
        let runtime = TcpListener::bind("127.0.0.1:0").unwrap();
        let dynamodb = TcpListener::bind("127.0.0.1:0").unwrap();
        let function = Command::new(env!("CARGO_BIN_EXE_customers"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", runtime.local_addr().unwrap().to_string())
            .env("DYNAMODB_ENDPOINT", format!("http://{}", dynamodb.local_addr().unwrap()))
            .envs([CURSOR_KEY, ("TABLE_NAME", "customers"), ("DEFAULT_REGION", "IE"), ("AWS_REGION", "eu-west-1")])
            .envs([("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")])
            .envs([("AWS_LAMBDA_FUNCTION_NAME", "customers"), ("AWS_LAMBDA_FUNCTION_VERSION", "1")])
            .envs([("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")])
            .envs(environment.iter().copied())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { function, runtime, dynamodb }
    }

    /// Waits until the function asks for its first event.
    fn await_poll(&self) {
        let (mut poll, _) = self.runtime.accept().unwrap();
        assert!(head(&mut poll).starts_with("GET /2018-06-01/runtime/invocation/next "));
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.function.kill().unwrap();
        self.function.wait().unwrap();
    }
}

/// The head of the request that comes over a connection.
fn head(connection: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}

#[test]
fn the_first_event_waits_for_a_read_of_dynamodb() {
    let started = Started::with(&[]);
    let (mut connection, _) = started.dynamodb.accept().unwrap();
    assert!(head(&mut connection).to_ascii_lowercase().contains("x-amz-target: dynamodb_20120810.getitem\r\n"));
    started.runtime.set_nonblocking(true).unwrap();
    assert_eq!(started.runtime.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    started.runtime.set_nonblocking(false).unwrap();
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
    started.await_poll();
}

#[test]
fn a_read_that_fails_does_not_stop_a_start() {
    let started = Started::with(&[]);
    let (mut connection, _) = started.dynamodb.accept().unwrap();
    head(&mut connection);
    connection.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}").unwrap();
    started.await_poll();
}

#[test]
fn without_priming_nothing_is_read_before_the_first_event() {
    let started = Started::with(&[("PRIMING", "off")]);
    started.await_poll();
    started.dynamodb.set_nonblocking(true).unwrap();
    assert_eq!(started.dynamodb.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}
