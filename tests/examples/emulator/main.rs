//! Runs the functions that `sam build` has built under the Lambda Runtime Interface Emulator, on an embedded DynamoDB.
//! Each function runs with the environment and the timeout from the template. It gets its events of `events/`, is started
//! several times to measure the cold start, is started without each of its variables, and runs on a store that hangs and
//! on one that is slow.
//!
//! `cargo run --example emulator -- --build FOLDER --emulator PATH`; `.ci/deployment` runs it.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

mod contents;
mod emulated;
mod refusal;
mod store;
mod template;

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use api_tests::{Answer, events};
use aws_sdk_dynamodb::Client;
use clap::Parser;
use local::dynamodb::{EmbeddedDynamoDb, client};
use local::table::{LOCAL_NAME, TEMPLATE, TableDefinition};
use serde_json::{Value, json};
use shared::api::Operation;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use emulated::Emulated;
use refusal::Start;
use store::Store;
use template::Function;

/// How often each function is started to measure its cold start.
const STARTS: usize = 5;
/// The variable with the address of a function's store.
const ENDPOINT: &str = "DYNAMODB_ENDPOINT";

#[derive(Parser)]
struct Args {
    /// The output folder of `sam build`.
    #[arg(long)]
    build: PathBuf,
    /// The Runtime Interface Emulator.
    #[arg(long)]
    emulator: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut terminated = signal(SignalKind::terminate()).expect("a signal");
    let mut interrupted = signal(SignalKind::interrupt()).expect("a signal");
    // However the run ends, the processes that it started are dropped, and so killed.
    let ended = tokio::select! {
        ended = run(Args::parse()) => ended,
        _ = terminated.recv() => Err("terminated".to_owned()),
        _ = interrupted.recv() => Err("interrupted".to_owned()),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            println!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<bool, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
    let embedded = EmbeddedDynamoDb::start(listener, None).map_err(|error| error.to_string())?;
    let given = BTreeMap::from([
        ("CustomersTable", LOCAL_NAME.to_owned()),
        ("ConfigurationVersion.VersionNumber", "1".to_owned()),
        // What CloudFormation resolves to a secret has only to be long enough.
        ("CursorKey", "cursors".to_owned()),
        ("DynamodbEndpoint", embedded.endpoint()),
        ("JwtIssuer", events::ISSUER.to_owned()),
        ("JwtAudience", events::AUDIENCE.to_owned()),
        ("Jwks", events::JWKS.to_owned()),
        // The event's token is valid until the year 2100.
        ("MaxTokenLifetime", "4102444800".to_owned()),
    ]);
    let functions = template::functions(TEMPLATE, &given)?;
    let mut run = Run {
        dynamodb: client(&embedded.endpoint()),
        emulator: args.emulator.canonicalize().map_err(|error| format!("{}: {error}", args.emulator.display()))?,
        passed: 0,
        failed: 0,
    };
    for function in &functions {
        run.function(function, &args.build).await;
    }
    for (name, event) in events::all() {
        if !functions.iter().any(|function| function.answers(&event)) {
            run.note("no function", &name, Err("the template has no route for this event".to_owned()));
        }
    }
    println!("{} passed, {} failed", run.passed, run.failed);
    Ok(run.failed == 0)
}

struct Run {
    dynamodb: Client,
    emulator: PathBuf,
    passed: usize,
    failed: usize,
}

impl Run {
    /// Counts one check, and prints it.
    fn note(&mut self, subject: &str, what: &str, outcome: Result<String, String>) {
        let (verdict, said) = match outcome {
            Ok(said) => {
                self.passed += 1;
                ("ok", said)
            }
            Err(problem) => {
                self.failed += 1;
                ("FAIL", problem)
            }
        };
        println!("{verdict:<5} {subject:<20} {what:<26} {said}");
    }

    async fn function(&mut self, function: &Function, build: &Path) {
        let bootstrap = build.join(&function.name).join("bootstrap");
        let bootstrap = match bootstrap.canonicalize() {
            Ok(bootstrap) => bootstrap,
            Err(error) => return self.note(&function.name, "build", Err(format!("{}: {error}", bootstrap.display()))),
        };
        let events: Vec<_> = events::all().into_iter().filter(|(_, event)| function.answers(event)).collect();
        if events.is_empty() {
            return self.note(&function.name, "events", Err("there is no event for this function".to_owned()));
        }
        self.note(&function.name, "contents", contents::check(function, &bootstrap));
        let mut colds = Vec::new();
        for start in 0..STARTS {
            // Any event starts the function. The other events need no further start.
            let fed = if start == 0 { &events[..] } else { &events[..1] };
            match self.start(function, &bootstrap, fed, start == 0).await {
                Ok(cold) => colds.push(cold),
                Err(problem) => return self.note(&function.name, "run", Err(problem)),
            }
        }
        colds.sort_by(f64::total_cmp);
        let all = colds.iter().map(|cold| format!("{cold:.0}")).collect::<Vec<_>>().join(" ");
        let median = format!("{:.0} ms, the median of {all}", colds[STARTS / 2]);
        self.note(&function.name, "cold start", Ok(median));
        self.refusals(function, &bootstrap).await;
        if !function.is_authorizer && !function.is_public {
            self.bad_stores(function, &bootstrap, &events).await;
        }
    }

    /// Starts a function, sends it these events, each on its own table, and stops it. Returns how long the start took,
    /// in milliseconds.
    async fn start(
        &mut self,
        function: &Function,
        bootstrap: &Path,
        fed: &[(String, Value)],
        first: bool,
    ) -> Result<f64, String> {
        let emulated = Emulated::start(&self.emulator, bootstrap, function).await?;
        for (name, event) in fed {
            self.fresh_table().await?;
            let answer = emulated.invoke(event).await.map_err(|problem| format!("{name}: {problem}"))?;
            let outcome = judge(name, answer).await;
            if first || outcome.is_err() {
                self.note(&function.name, name, outcome);
            }
        }
        if first && function.is_authorizer {
            let refused = emulated.invoke(&without_token(&fed[0].1)).await?;
            self.note(&function.name, "an event without a token", judge_refusal(&refused));
        }
        emulated.stop().await
    }

    /// Runs a function on stores that cannot answer: it does, before its timeout.
    async fn bad_stores(&mut self, function: &Function, bootstrap: &Path, events: &[(String, Value)]) {
        let slow = Store::Slow(function.environment[ENDPOINT].clone());
        // A create would match; the last write of each function changes something.
        let write = events.iter().rfind(|(_, event)| event["httpMethod"] == "POST");
        let hanging = (Store::Hanging, "a hanging store", &events[0]);
        for (store, what, (name, event)) in
            write.map(|write| (slow, "a slow store", write)).into_iter().chain([hanging])
        {
            let answer = self.on_store(store, function, bootstrap, event).await;
            self.note(&function.name, &format!("{what}, {name}"), answer.and_then(|answer| judge_unavailable(&answer)));
        }
    }

    async fn on_store(
        &self,
        store: Store,
        function: &Function,
        bootstrap: &Path,
        event: &Value,
    ) -> Result<Value, String> {
        self.fresh_table().await?;
        let mut function = function.clone();
        function.environment.insert(ENDPOINT.to_owned(), store.start().await?);
        let emulated = Emulated::start(&self.emulator, bootstrap, &function).await?;
        let answer = emulated.invoke(event).await?;
        emulated.stop().await?;
        Ok(answer)
    }

    async fn fresh_table(&self) -> Result<(), String> {
        // Before the first event the table does not exist.
        let _ = self.dynamodb.delete_table().table_name(LOCAL_NAME).send().await;
        let table = TableDefinition::from_template().map_err(|error| error.to_string())?;
        table.create(&self.dynamodb, LOCAL_NAME).await.map_err(|error| error.to_string())?;
        events::seed(&self.dynamodb, LOCAL_NAME).await;
        Ok(())
    }

    /// Starts a function without each of its variables. It must either start or refuse and name the missing variable.
    async fn refusals(&mut self, function: &Function, bootstrap: &Path) {
        let mut refused = 0;
        for name in function.environment.keys() {
            let outcome = match refusal::start_without(name, bootstrap, &function.environment).await {
                Ok(Start::Began) => continue,
                Ok(Start::Refused(said)) if said.contains(name) => Ok("refuses to start".to_owned()),
                Ok(Start::Refused(said)) => Err(format!("refuses to start and does not name it: {said}")),
                Err(problem) => Err(problem),
            };
            refused += 1;
            self.note(&function.name, &format!("without {name}"), outcome);
        }
        if refused == 0 {
            let said = "starts without any of its variables".to_owned();
            // A public function needs no configuration.
            self.note(&function.name, "variables", if function.is_public { Ok(said) } else { Err(said) });
        }
    }
}

/// Checks the response to an event.
async fn judge(name: &str, answer: Value) -> Result<String, String> {
    if name == events::AUTHORIZER {
        let expected = events::authorizer_answer();
        return if answer == expected { Ok("a policy".to_owned()) } else { Err(answer.to_string()) };
    }
    let response = local::event::to_http(&answer).map_err(|malformed| format!("{malformed}: {answer}"))?;
    let answer = Answer::read(response).await;
    let held = panic::catch_unwind(AssertUnwindSafe(|| match Operation::named(name) {
        None if name == events::PREFLIGHT => events::assert_preflight(&answer),
        operation => events::assert_answer(operation.expect("events have the names of operations"), &answer),
    }));
    held.map(|()| answer.status.to_string()).map_err(|_| format!("{}, which is not as it should be", answer.status))
}

fn without_token(event: &Value) -> Value {
    let mut event = event.clone();
    for headers in ["headers", "multiValueHeaders"] {
        event[headers] = json!({});
    }
    event
}

/// What the API promises while its store cannot answer.
fn judge_unavailable(answer: &Value) -> Result<String, String> {
    let retry_after = [&answer["headers"]["retry-after"], &answer["multiValueHeaders"]["retry-after"][0]];
    if answer["statusCode"] == 503 && retry_after.into_iter().any(|seconds| seconds == "1") {
        Ok("503".to_owned())
    } else {
        Err(answer.to_string())
    }
}

/// Checks the error of the authorizer. The gateway turns this exact word into 401, and any other into 500.
fn judge_refusal(answer: &Value) -> Result<String, String> {
    match answer["errorMessage"].as_str() {
        Some("Unauthorized") => Ok("Unauthorized".to_owned()),
        _ => Err(answer.to_string()),
    }
}
