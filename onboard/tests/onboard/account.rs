//! An account with deployed stages, and the command run in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use api_tests::TestApp;
use serde_json::Value;
use shared::domain::ClientId;
use shared::store::keys;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

use crate::control_plane::ControlPlane;

/// A timeout that is long enough even on a slow machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// An account with the API's table and usage plans.
pub(crate) struct Account {
    pub(crate) app: TestApp,
    pub(crate) gateway: ControlPlane,
    directory: TempDir,
}

/// The exit code and output of a run.
#[derive(Debug)]
pub(crate) struct RunResult {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Account {
    /// An account in which nothing is deployed.
    pub(crate) async fn empty() -> Self {
        Self::with(ControlPlane::start(1).await).await
    }

    /// An account with the stage `prod`, which has the tiers `standard` and `premium`.
    pub(crate) async fn deployed() -> Self {
        let account = Self::empty().await;
        account.deploy("prod", account.app.table());
        account
    }

    /// The same, in which two runs create a key at the same time.
    pub(crate) async fn for_two_at_once() -> Self {
        let account = Self::with(ControlPlane::start(2).await).await;
        account.deploy("prod", account.app.table());
        account
    }

    async fn with(gateway: ControlPlane) -> Self {
        Self { app: TestApp::start().await, gateway, directory: TempDir::new().unwrap() }
    }

    /// Adds the usage plans of a stage.
    pub(crate) fn deploy(&self, stage: &str, table: &str) {
        for tier in ["standard", "premium"] {
            self.gateway.add_plan(&format!("customers-{stage}-{tier}"), stage, Some(table));
        }
    }

    /// Writes a file of settings, and returns its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The command for the tenant `acme` of the stage `prod`.
    pub(crate) async fn onboard(&self, tier: &str) -> RunResult {
        self.run(&["--stage", "prod", "--client", "acme", "--tier", tier]).await
    }

    /// The same, with settings in a file `acme.json` of the working directory.
    pub(crate) async fn onboard_with(&self, settings: impl AsRef<[u8]>) -> RunResult {
        self.file("acme.json", settings);
        self.run(&["--stage", "prod", "--client", "acme", "--tier", "standard", "--settings", "acme.json"]).await
    }

    /// Any command.
    pub(crate) async fn run(&self, arguments: &[&str]) -> RunResult {
        self.run_in(&[("AWS_REGION", "eu-west-1")], arguments).await
    }

    /// Any command, with this input typed.
    pub(crate) async fn run_typing(&self, typed: &str, arguments: &[&str]) -> RunResult {
        let file = self.file("typed", typed);
        self.run_from(File::open(file).unwrap().into(), &[("AWS_REGION", "eu-west-1")], arguments).await
    }

    /// Any command. Its environment has only the account's endpoints and these variables, none of the machine's.
    pub(crate) async fn run_in(&self, variables: &[(&str, &str)], arguments: &[&str]) -> RunResult {
        self.run_from(Stdio::null(), variables, arguments).await
    }

    async fn run_from(&self, typed: Stdio, variables: &[(&str, &str)], arguments: &[&str]) -> RunResult {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onboard"));
        command.args(arguments).current_dir(self.directory.path()).stdin(typed).kill_on_drop(true);
        command
            .env_clear()
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL_API_GATEWAY", self.gateway.endpoint())
            .env("AWS_ENDPOINT_URL_DYNAMODB", self.app.wire.endpoint())
            .envs(variables.iter().copied());
        let output = timeout(PATIENCE, command.output()).await.unwrap().unwrap();
        RunResult {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The items of each tenant, as text to compare.
    pub(crate) async fn items(&self) -> BTreeMap<String, BTreeSet<String>> {
        let scan = self.app.dynamodb.scan().table_name(self.app.table()).send().await.unwrap();
        let mut tenants = BTreeMap::<_, BTreeSet<_>>::new();
        for item in scan.items() {
            let tenant = keys::tenant_of(item[keys::PK].as_s().unwrap()).unwrap();
            let attributes: BTreeMap<_, _> = item.iter().collect();
            tenants.entry(tenant.to_string()).or_default().insert(format!("{attributes:?}"));
        }
        tenants
    }

    /// The settings of `acme` as the API returns them.
    pub(crate) async fn settings(&self) -> Value {
        let answer = self.app.staff("acme", "operator").get("/client/acme/customersettings").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// Every key, each with its value and the names of the plans that it is in.
    #[track_caller]
    pub(crate) fn assert_keys(&self, expected: &[(&str, &str, &[&str])]) {
        let keys = self.gateway.keys();
        let keys: Vec<_> = keys
            .iter()
            .map(|(key, plans)| (&*key.name, &*key.value, plans.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(name, value, plans)| (*name, *value, plans.to_vec())).collect();
        assert_eq!(keys, expected);
        assert!(self.gateway.keys().iter().all(|(key, _)| key.enabled));
    }

    /// Asserts that nothing has been written to API Gateway or the table since the last call.
    #[track_caller]
    pub(crate) fn assert_nothing_written(&self) {
        assert_eq!(self.gateway.take_writes(), Vec::<String>::new());
        let calls = self.app.wire.take_all_calls();
        assert!(calls.iter().all(|call| call.operation == "GetItem"), "{calls:?}");
    }
}

impl RunResult {
    /// The output of a successful run.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<&str> {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        self.stdout.lines().collect()
    }

    /// The error of a run that did nothing.
    #[track_caller]
    pub(crate) fn refusal(&self) -> &str {
        self.failure_after(&[])
    }

    /// The error of a run that failed after printing these lines.
    #[track_caller]
    pub(crate) fn failure_after(&self, said: &[&str]) -> &str {
        assert_eq!((self.code, self.stdout.lines().collect::<Vec<_>>()), (Some(1), said.to_vec()), "{self:?}");
        self.stderr.strip_prefix("error: ").unwrap().trim_end()
    }

    /// The error of a failed run, with any output before it.
    #[track_caller]
    pub(crate) fn failure(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.stderr.strip_prefix("error: ").unwrap().trim_end()
    }

    /// The message of the command line's parser.
    #[track_caller]
    pub(crate) fn misuse(&self) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{self:?}");
        &self.stderr
    }
}

/// The value of a tenant's key.
pub(crate) fn value(stage: &str, client: &str) -> String {
    authorizer::usage_key(stage, &ClientId::parse(client).unwrap())
}
