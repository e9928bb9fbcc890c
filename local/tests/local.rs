//! Tests of the binary: start, stop, kill, errors and commands. Each test has its own directory and ports.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use local::dynamodb::{EmbeddedDynamoDb, client};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// A timeout that is long enough even on a slow machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A directory to run `local` in.
struct Place(TempDir);

/// The exit code and output of a command that has ended.
#[derive(Debug)]
struct RunResult {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new() -> Self {
        Self(TempDir::new().expect("a directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(Path::new(env!("CARGO_BIN_EXE_local")), arguments)
    }

    fn command_of(&self, binary: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary);
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null()).kill_on_drop(true);
        // Nothing here may depend on a proxy; see `an_http_proxy_is_ignored`.
        command.env_remove("HTTP_PROXY").env_remove("http_proxy");
        command
    }

    /// Serves on free ports.
    async fn serve(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments).args(["--port", "0", "--dynamodb-port", "0"])).await
    }

    /// Runs a command that ends by itself.
    async fn run(&self, arguments: &[&str]) -> RunResult {
        RunResult::of(&mut self.command(arguments)).await
    }

    /// Runs a command that must fail, and returns its one-line error message.
    async fn refused(&self, arguments: &[&str]) -> String {
        let ended = self.run(&[arguments, &["--port", "0", "--dynamodb-port", "0"]].concat()).await;
        ended.only_an_error()
    }

    async fn seed(&self, customers: &str) -> String {
        let ended = self.run(&["seed", "--customers", customers]).await;
        assert!(ended.code == Some(0) && ended.says_only_what_it_made(), "{ended:?}");
        ended.stdout
    }
}

impl RunResult {
    async fn of(command: &mut Command) -> Self {
        let output = timeout(PATIENCE, command.output()).await.expect("it ends").expect("it starts");
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    fn says_only_what_it_made(&self) -> bool {
        self.stderr.lines().all(|line| line.starts_with("Made a new "))
    }

    #[track_caller]
    fn only_an_error(&self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(1), ""), "{self:?}");
        let lines: Vec<_> = self.stderr.lines().collect();
        assert!(lines.len() == 1 && lines[0].starts_with("error: "), "{self:?}");
        lines[0].to_owned()
    }
}

/// A running `local`. It is killed if a test ends without stopping it.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    banner: String,
    http: reqwest::Client,
    /// The token of the printed requests, if they have one.
    token: Option<String>,
}

impl Running {
    async fn start(command: &mut Command) -> Self {
        Self::start_with(command, Stdio::null()).await
    }

    async fn start_with(command: &mut Command, stderr: Stdio) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut banner = String::new();
        let reading = async {
            while !banner.contains("Ctrl-C") {
                assert_ne!(stdout.read_line(&mut banner).await.expect("text"), 0, "it ended: {banner}");
            }
        };
        timeout(PATIENCE, reading).await.expect("it starts");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let token = token_of(&banner).map(str::to_owned);
        Self { child, stdout, banner, http, token }
    }

    /// The address in the line of the banner that starts with `name`.
    fn address(&self, name: &str) -> &str {
        let line = self.banner.lines().find(|line| line.starts_with(name)).expect("the line is there");
        line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address")
    }

    async fn register(&self, phone: &str) -> StatusCode {
        let url = format!("{}/client/demo/customer", self.address("API"));
        let request = self.http.post(url).json(&json!({ "phone": phone }));
        self.authorized(request).send().await.expect("an answer").status()
    }

    async fn find(&self, phone: &str) -> Option<Value> {
        let url = format!("{}/client/demo/customer/phone", self.address("API"));
        let answer = self.authorized(self.http.get(url).query(&[("phone", phone)])).send().await.expect("an answer");
        (answer.status() == StatusCode::OK).then_some(answer.json().await.expect("JSON"))
    }

    fn authorized(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// The status of a request for a customer that does not exist, with this token.
    async fn get_unknown(&self, path: &str, token: Option<&str>) -> u16 {
        let mut request = self.http.get(format!("{}/{path}", self.address("API")));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("an answer").status().as_u16()
    }

    async fn signal(&self, signal: &str) {
        let id = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args([signal, &id]).status().await.expect("kill runs").success());
    }

    /// Sends a signal to stop, and returns the exit code and the output.
    async fn stop(self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal).await;
        self.ended().await
    }

    async fn ended(mut self) -> (Option<i32>, String) {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it stops").expect("a status");
        let mut said = String::new();
        self.stdout.read_to_string(&mut said).await.expect("text");
        (status.code(), said)
    }

    async fn kill(mut self) {
        timeout(PATIENCE, self.child.kill()).await.expect("it dies").expect("a signal");
    }
}

/// The bearer token in the first request in `said`.
fn token_of(said: &str) -> Option<&str> {
    said.split("Authorization: Bearer ").nth(1)?.split('\'').next()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[tokio::test]
async fn acknowledged_writes_survive_a_kill() {
    let place = Place::new();
    let local = place.serve(&[]).await;
    assert_eq!(local.register("0871234567").await, StatusCode::CREATED);
    local.kill().await;

    let local = place.serve(&[]).await;
    assert_eq!(local.find("+353 87 123 4567").await.unwrap()["phone"], "+353871234567");
    assert_eq!(local.register("0871234567").await, StatusCode::OK);
}

#[tokio::test]
async fn a_signal_stops_the_server_and_all_data_is_kept() {
    let place = Place::new();
    for (signal, phone) in [("-INT", "0871234567"), ("-TERM", "0861234567")] {
        let local = place.serve(&[]).await;
        assert_eq!(local.register(phone).await, StatusCode::CREATED);
        let (code, said) = local.stop(signal).await;
        assert_eq!(code, Some(0), "{said}");
        assert!(said.starts_with("Stopped. The data is in ") && said.lines().count() == 1, "{said}");
    }
    let local = place.serve(&[]).await;
    assert!(local.find("0871234567").await.is_some() && local.find("0861234567").await.is_some());
}

/// Starts a create whose handler waits for the body.
async fn begin_to_register(local: &Running, body: &str) -> BufReader<TcpStream> {
    let host = local.address("API").strip_prefix("http://").expect("HTTP");
    let mut connection = BufReader::new(TcpStream::connect(host).await.expect("a connection"));
    let head = format!(
        "POST /client/demo/customer HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        local.token.as_deref().expect("a token"),
        body.len()
    );
    connection.write_all(head.as_bytes()).await.expect("sent");
    let mut line = String::new();
    timeout(PATIENCE, connection.read_line(&mut line)).await.expect("it is asked to go on").expect("text");
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
    connection.read_line(&mut line).await.expect("an empty line");
    connection
}

#[tokio::test]
async fn a_running_request_is_answered_before_the_server_stops() {
    let place = Place::new();
    let local = place.serve(&[]).await;
    let body = r#"{"phone":"0871234567"}"#;
    let mut connection = begin_to_register(&local, body).await;
    local.signal("-INT").await;
    let host = local.address("API").strip_prefix("http://").unwrap();
    let stopped_accepting = async {
        while TcpStream::connect(host).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, stopped_accepting).await.expect("it stops accepting");

    connection.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, connection.read_to_string(&mut answer)).await.expect("it answers").unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    let (code, said) = local.ended().await;
    assert_eq!(code, Some(0));
    assert!(said.starts_with("Stopped. The data is in "), "{said}");
    assert!(place.serve(&[]).await.find("0871234567").await.is_some());
}

#[tokio::test]
async fn a_request_that_does_not_end_is_aborted() {
    let local = Place::new().serve(&["--memory"]).await;
    let _connection = begin_to_register(&local, "{}").await;
    let (code, said) = local.stop("-INT").await;
    assert_eq!(
        (code, said.as_str()),
        (
            Some(0),
            "Stopped. Requests that were still running were aborted. Nothing was kept.
"
        )
    );
}

#[tokio::test]
async fn in_memory_nothing_is_kept() {
    let place = Place::new();
    let local = place.serve(&["--memory"]).await;
    assert_eq!(local.register("0871234567").await, StatusCode::CREATED);
    let (code, said) = local.stop("-INT").await;
    assert_eq!((code, said.as_str()), (Some(0), "Stopped. Nothing was kept.\n"));
    let mut kept: Vec<_> =
        fs::read_dir(place.path(".local")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    kept.sort();
    assert_eq!(kept, ["service-key.p8", "token-key.p8"], "the keys are kept, so that tokens stay valid");
}

#[tokio::test]
async fn the_printed_requests_work_when_pasted() {
    let local = Place::new().serve(&["--memory"]).await;
    let requests: Vec<_> = local.banner.lines().filter(|line| line.starts_with("  curl ")).collect();
    for (request, status) in requests.iter().zip([StatusCode::CREATED, StatusCode::OK, StatusCode::OK]) {
        // A real shell splits the line into words. The effect of curl's options is known.
        let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}\n{request}");
        let output = Command::new("sh").args(["-c", &script]).output().await.unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        let (mut url, mut body, mut headers) = (None, None, Vec::new());
        let mut words = words.lines();
        while let Some(word) = words.next() {
            match word {
                "-i" => {}
                "-H" => headers.push(words.next().unwrap().split_once(": ").unwrap()),
                "-d" => body = words.next(),
                _ => assert!(url.replace(word).is_none(), "{request}"),
            }
        }
        let url = url.unwrap();
        let mut sent = if body.is_some() { local.http.post(url) } else { local.http.get(url) };
        for (name, value) in headers {
            sent = sent.header(name, value);
        }
        let answer = sent.body(body.unwrap_or_default().to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), status, "{request}");
        let answer = answer.json::<Value>().await.unwrap();
        let customer = answer.get("items").map_or(&answer, |items| &items[0]);
        assert_eq!(customer["phone"], "+353871234567");
    }
    assert_eq!(requests.len(), 3);
}

#[tokio::test]
async fn an_http_proxy_is_ignored() {
    let place = Place::new();
    let mut command = place.command(&["--memory", "--port", "0", "--dynamodb-port", "0"]);
    // Nothing listens on the discard port.
    let local =
        Running::start(command.env("HTTP_PROXY", "http://127.0.0.1:9").env("http_proxy", "http://127.0.0.1:9")).await;
    assert_eq!(local.register("0871234567").await, StatusCode::CREATED);
}

#[tokio::test]
async fn the_error_for_a_taken_port_names_its_flag() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (flag, other) in [("--port", "--dynamodb-port"), ("--dynamodb-port", "--port")] {
        let error = place.run(&["--memory", flag, &port, other, "0"]).await.only_an_error();
        assert!(error.contains(&format!("port {port}: another program uses it")), "{error}");
        assert!(error.contains(&format!("choose another one with {flag},")), "{error}");
    }
}

#[tokio::test]
async fn files_that_cannot_hold_data_are_refused() {
    let place = Place::new();
    fs::create_dir(place.path("directory")).unwrap();
    let error = place.refused(&["--data", "directory"]).await;
    assert!(error.contains("directory is a directory; name a file with --data"), "{error}");
    let error = place.refused(&["--data", "missing/customers.db"]).await;
    assert!(error.contains("the directory of missing/customers.db cannot be used"), "{error}");
    assert!(!place.path("missing").exists());

    fs::write(place.path("notes.txt"), "Not a database.").unwrap();
    let error = place.refused(&["--data", "notes.txt"]).await;
    assert!(error.contains("notes.txt is not an SQLite file"), "{error}");
    assert_eq!(fs::read(place.path("notes.txt")).unwrap(), b"Not a database.");

    let mut left: Vec<_> = fs::read_dir(place.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["directory", "notes.txt"], "nothing is left beside them");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_cannot_be_written_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    let file = place.path("read-only.db");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    let arguments = ["--data", "read-only.db", "--port", "0", "--dynamodb-port", "0"];
    let mut command = place.command(&arguments);
    if fs::OpenOptions::new().write(true).open(&file).is_ok() {
        // Permissions do not restrict the superuser. So the command runs as another user, from a directory that this
        // user may read.
        let binary = place.path("local");
        // Another process makes the copy. If this one did, a process that another test starts at that moment would inherit
        // the open file, and a program that is open for writing cannot run.
        let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_local")).arg(&binary).status().unwrap();
        assert!(copied.success());
        fs::set_permissions(place.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
        command = place.command_of(&binary, &arguments);
        command.uid(65534).gid(65534);
    }
    let error = RunResult::of(&mut command).await.only_an_error();
    assert!(error.contains("read-only.db cannot be read and written"), "{error}");
}

#[tokio::test]
async fn the_database_of_another_program_is_refused_and_unchanged() {
    let place = Place::new();
    let file = place.path("other.db");
    for journal in ["DELETE", "WAL"] {
        let other = rusqlite::Connection::open(&file).unwrap();
        other.pragma_update(None, "journal_mode", journal).unwrap();
        other.execute_batch(&format!("CREATE TABLE notes_{journal} (text); ")).unwrap();
        // The connection is still open, so in WAL mode the table is only in the log.
        let before = fs::read(&file).unwrap();
        let error = place.refused(&["--data", text(&file)]).await;
        assert!(error.contains("other.db belongs to another program and was left as it is"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), before);
        drop(other);

        let before = fs::read(&file).unwrap();
        place.refused(&["--data", text(&file)]).await;
        assert_eq!(fs::read(&file).unwrap(), before);
    }
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[tokio::test]
async fn data_with_other_keys_is_refused() {
    use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};

    let place = Place::new();
    let file = place.path("old.db");
    local::private::create(&file).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let embedded = EmbeddedDynamoDb::start(listener, Some(&file)).unwrap();
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
    let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    let dynamodb = client(&embedded.endpoint());
    let table = dynamodb.create_table().table_name("customers").billing_mode(BillingMode::PayPerRequest);
    table.key_schema(key).attribute_definitions(id.build().unwrap()).send().await.unwrap();
    embedded.stop().await.unwrap();

    for command in [
        &["--data", "old.db", "--port", "0", "--dynamodb-port", "0"][..],
        &["seed", "--customers", "1", "--data", "old.db"],
    ] {
        let error = place.run(command).await.only_an_error();
        assert!(error.contains("old.db: the data was written with other keys"), "{error}");
        assert!(error.contains("choose another file with --data"), "{error}");
    }
}

#[tokio::test]
async fn data_of_an_earlier_version_is_brought_up_to_date_once() {
    use local::table::{LOCAL_NAME, TEMPLATE, TableDefinition};
    use shared::store::keys;

    let place = Place::new();
    place.seed("20").await;
    // The same customers in a table without the indexes for search, and without their keys.
    let file = place.path("old.db");
    local::private::create(&file).unwrap();
    let open = async |file: &Path| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let embedded = EmbeddedDynamoDb::start(listener, Some(file)).unwrap();
        let dynamodb = client(&embedded.endpoint());
        (embedded, dynamodb)
    };
    let (new, from) = open(&place.path(".local/customers.db")).await;
    let (old, to) = open(&file).await;
    let before = TableDefinition::parse_with(TEMPLATE, &[("SearchIndexes", "0")]).unwrap();
    before.create(&to, LOCAL_NAME).await.unwrap();
    let mut items = from.scan().table_name(LOCAL_NAME).into_paginator().items().send();
    while let Some(item) = items.next().await {
        let mut item = item.unwrap();
        for index in keys::SEARCH_INDEXES {
            item.retain(|name, _| name == "id" || (name != index.pk && name != index.sk));
        }
        to.put_item().table_name(LOCAL_NAME).set_item(Some(item)).send().await.unwrap();
    }
    new.stop().await.unwrap();
    old.stop().await.unwrap();

    let said = place.run(&["seed", "--customers", "1", "--data", "old.db"]).await;
    let note = format!(
        "Brought {} up to date: 5 indexes for search were added, and 20 customers written.",
        text(&file.canonicalize().unwrap())
    );
    assert_eq!((said.code, said.stderr.trim_end()), (Some(0), note.as_str()), "{said:?}");
    let local = place.serve(&["--data", "old.db"]).await;
    let list = format!("{}/client/demo/customer?limit=100", local.address("API"));
    let answer = local.http.get(list).bearer_auth(local.token.as_deref().unwrap()).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["items"].as_array().unwrap().len(), 20);
    drop(local);
    assert_eq!(place.run(&["seed", "--customers", "1", "--data", "old.db"]).await.stderr, "");
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused() {
    let place = Place::new();
    let local = place.serve(&[]).await;
    let error = place.refused(&[]).await;
    assert!(error.contains("is in use by another `local`") && error.contains(local.address("API")), "{error}");
    #[cfg(unix)]
    {
        // Also under another name.
        std::os::unix::fs::symlink(place.path(".local/customers.db"), place.path("link.db")).unwrap();
        let error = place.refused(&["--data", "link.db"]).await;
        assert!(error.contains("is in use by another `local`"), "{error}");
    }
    local.kill().await;
    place.serve(&[]).await;
}

#[tokio::test]
async fn seeding_twice_creates_no_customer_twice() {
    let place = Place::new();
    let said = place.seed("120").await;
    assert!(said.starts_with("Created 120 customers of demo in "), "{said}");
    assert!(said.contains("; 0 existed already."), "{said}");
    let said = place.seed("120").await;
    assert!(said.starts_with("Created 0 customers of demo in "), "{said}");
    assert!(said.contains("; 120 existed already."), "{said}");
    let said = place.seed("130").await;
    assert!(said.starts_with("Created 10 customers of demo in "), "{said}");

    let local = place.serve(&[]).await;
    let url = said.split('\'').nth(1).expect("a URL").replace("http://127.0.0.1:3000", local.address("API"));
    let answer = local.http.get(url).bearer_auth(token_of(&said).unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn seeding_uses_the_running_server() {
    let place = Place::new();
    let local = place.serve(&[]).await;
    let said = place.seed("60").await;
    assert!(said.starts_with("Created 60 customers of demo in "), "{said}");
    let url = said.split('\'').nth(1).expect("a URL");
    assert!(url.starts_with(local.address("API")), "{said}");
    let found = local.http.get(url).bearer_auth(token_of(&said).unwrap()).send().await.unwrap();
    assert_eq!(found.status(), StatusCode::OK);
    let (code, _) = local.stop("-INT").await;
    assert_eq!(code, Some(0));
    let said = place.seed("60").await;
    assert!(said.contains("; 60 existed already."), "{said}");
}

#[tokio::test]
async fn contradictory_flags_are_refused() {
    let ended = Place::new().run(&["--memory", "--data", "x.db"]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
}

impl Place {
    async fn token(&self, arguments: &[&str]) -> String {
        let ended = self.run(&[&["token", "--client", "demo"], arguments].concat()).await;
        assert!(ended.code == Some(0) && ended.says_only_what_it_made(), "{ended:?}");
        assert_eq!(ended.stdout.lines().count(), 1, "{ended:?}");
        ended.stdout.trim_end().to_owned()
    }
}

#[tokio::test]
async fn a_token_works_with_every_local_of_its_directory() {
    let place = Place::new();
    // Nothing has run here yet, so this creates the key.
    let operator = place.token(&["--role", "operator"]).await;
    let passenger = place.token(&["--role", "passenger", "--customer", "c1", "--expires", "15m"]).await;
    let app = place.token(&["--role", "app", "--brand", "city"]).await;
    for arguments in [&["--memory"][..], &[]] {
        let local = place.serve(arguments).await;
        for (token, own, other) in [(&operator, 404, 404), (&passenger, 404, 403), (&app, 403, 403)] {
            let token = Some(token.as_str());
            assert_eq!(local.get_unknown("client/demo/customer/c1", token).await, own);
            assert_eq!(local.get_unknown("client/demo/customer/c2", token).await, other);
            assert_eq!(local.get_unknown("client/other/customer/c1", token).await, 403);
        }
        assert_eq!(local.get_unknown("client/demo/customer/c1", None).await, 401);
    }
    let elsewhere = Place::new();
    let foreign = elsewhere.token(&["--role", "operator"]).await;
    assert_eq!(place.serve(&[]).await.get_unknown("client/demo/customer/c1", Some(&foreign)).await, 401);
}

#[tokio::test]
async fn concurrent_commands_in_a_new_directory_share_one_key() {
    let place = Place::new();
    let tokens = [&place; 6].map(|place| place.token(&["--role", "operator"]));
    let tokens = futures_util::future::join_all(tokens).await;
    let local = place.serve(&["--memory"]).await;
    for token in tokens {
        assert_eq!(local.get_unknown("client/demo/customer/c1", Some(&token)).await, 404);
    }
}

#[cfg(unix)]
fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;

    fs::metadata(file).expect("the file").permissions().mode() & 0o777
}

#[cfg(unix)]
fn let_everyone_read(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("permissions");
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_key() {
    let place = Place::new();
    for key in ["token-key.p8", "service-key.p8"].map(|name| place.path(&format!(".local/{name}"))) {
        place.token(&["--role", "operator"]).await;
        assert_eq!(mode(&key), 0o600);
        let_everyone_read(&key);
        place.token(&["--role", "operator"]).await;
        assert_eq!(mode(&key), 0o600);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_data() {
    let place = Place::new();
    let files = ["", "-wal", "-shm"].map(|suffix| place.path(&format!(".local/customers.db{suffix}")));
    let local = place.serve(&[]).await;
    assert_eq!(local.register("0871234567").await, StatusCode::CREATED);
    assert_eq!(files.each_ref().map(|file| mode(file)), [0o600; 3]);
    // Killed, so that the log file stays.
    local.kill().await;

    for file in &files {
        let_everyone_read(file);
    }
    let local = place.serve(&[]).await;
    assert_eq!(local.register("0861234567").await, StatusCode::CREATED);
    assert_eq!(files.each_ref().map(|file| mode(file)), [0o600; 3]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_data_file_with_a_second_name_is_refused() {
    let place = Place::new();
    let local = place.serve(&[]).await;
    fs::hard_link(place.path(".local/customers.db"), place.path("hard.db")).unwrap();
    let error = place.refused(&["--data", "hard.db"]).await;
    assert!(error.contains("hard.db has more than one name (hard link)"), "{error}");
    local.kill().await;
    let error = place.refused(&[]).await;
    assert!(error.contains("customers.db has more than one name (hard link)"), "{error}");
    fs::remove_file(place.path("hard.db")).unwrap();
    place.serve(&[]).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_cannot_grow_is_500_and_not_503() {
    let place = Place::new();
    // Files of this process are limited to 512 KiB or 1 MiB. Larger writes fail as on a broken disk.
    let mut command = place.command_of(Path::new("sh"), &["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""]);
    command.args([env!("CARGO_BIN_EXE_local"), "--port", "0", "--dynamodb-port", "0"]);
    let mut local = Running::start_with(&mut command, Stdio::piped()).await;
    let mut failed = None;
    for line in 0..500 {
        let status = local.register(&format!("087{:07}", 1_234_567 + line)).await;
        if status != StatusCode::CREATED {
            failed = Some(status);
            break;
        }
    }
    assert_eq!(failed, Some(StatusCode::INTERNAL_SERVER_ERROR));
    local.child.start_kill().unwrap();
    let mut log = String::new();
    local.child.stderr.take().unwrap().read_to_string(&mut log).await.unwrap();
    assert!(log.contains("the data file cannot be used; nothing was written"), "{log}");
    assert!(log.contains("StorageFailure"), "{log}");
}

#[tokio::test]
async fn every_directory_of_the_workspace_has_the_same_key_and_data() {
    let place = Place::new();
    fs::write(place.path("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"shared\", \"local\"]\n").unwrap();
    fs::create_dir_all(place.path("local/src")).unwrap();
    fs::write(place.path("local/Cargo.toml"), "[package]\nname = \"local\"\n").unwrap();
    let mut command = place.command(&["token", "--client", "demo", "--role", "operator"]);
    let ended = RunResult::of(command.current_dir(place.path("local/src"))).await;
    assert!(ended.stderr.starts_with("Made a new key: ") && ended.stderr.lines().count() == 2, "{ended:?}");
    let local = place.serve(&[]).await;
    assert_eq!(local.get_unknown("client/demo/customer/c1", Some(ended.stdout.trim_end())).await, 404);
    assert!(!place.path("local/src/.local").exists() && place.path(".local/customers.db").exists());
    assert_eq!(local.stop("-INT").await.0, Some(0));

    let mut command = place.command(&["reset", "--yes"]);
    let ended = RunResult::of(command.current_dir(place.path("local"))).await;
    assert!(ended.code == Some(0) && !place.path(".local/customers.db").exists(), "{ended:?}");
}

#[tokio::test]
async fn new_files_are_reported_once_on_standard_error() {
    let place = Place::new();
    let token = ["token", "--client", "demo", "--role", "operator"];
    let first = place.run(&token).await;
    assert!(first.stderr.starts_with("Made a new key: ") && first.stderr.contains("token-key.p8"), "{first:?}");
    assert_eq!(place.run(&token).await.stderr, "");
    let first = place.run(&["seed", "--customers", "1"]).await;
    assert!(first.stderr.starts_with("Made a new data file: ") && first.stderr.contains("customers.db"), "{first:?}");
    assert_eq!(place.run(&["seed", "--customers", "1"]).await.stderr, "");
}

#[tokio::test]
async fn reset_refuses_data_in_use_and_keeps_the_key() {
    let place = Place::new();
    let ended = place.run(&["reset"]).await;
    assert!(ended.code == Some(0) && ended.stdout.starts_with("There is no data to remove"), "{ended:?}");
    assert!(!place.path(".local").exists());

    let token = place.token(&["--role", "operator"]).await;
    let local = place.serve(&[]).await;
    assert_eq!(local.register("0871234567").await, StatusCode::CREATED);
    let error = place.run(&["reset", "--yes"]).await.only_an_error();
    assert!(error.contains("is in use by another `local`"), "{error}");
    local.kill().await;
    // There is no terminal here.
    let error = place.run(&["reset"]).await.only_an_error();
    assert!(error.contains("add --yes"), "{error}");
    assert!(place.path(".local/customers.db").exists() && place.path(".local/customers.db-wal").exists());

    let ended = place.run(&["reset", "--yes"]).await;
    assert!(ended.code == Some(0) && ended.stdout.starts_with("Removed the data in "), "{ended:?}");
    let mut left: Vec<_> = fs::read_dir(place.path(".local")).unwrap().map(|file| file.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["customers.db-lock", "service-key.p8", "token-key.p8"]);
    let local = place.serve(&[]).await;
    assert_eq!(local.get_unknown("client/demo/customer/c1", Some(&token)).await, 404);
    assert!(local.find("0871234567").await.is_none());
}

#[tokio::test]
async fn reset_does_not_remove_files_of_other_programs() {
    let place = Place::new();
    fs::write(place.path("notes.txt"), "Not a database.").unwrap();
    let error = place.run(&["reset", "--yes", "--data", "notes.txt"]).await.only_an_error();
    assert!(error.contains("notes.txt is not an SQLite file"), "{error}");
    assert_eq!(fs::read(place.path("notes.txt")).unwrap(), b"Not a database.");
}

/// A call to DynamoDB with the headers that every client sends.
fn dynamodb_call(http: &reqwest::Client, address: &str, operation: &str) -> reqwest::RequestBuilder {
    let credentials =
        "AWS4-HMAC-SHA256 Credential=k/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=s";
    http.post(address)
        .header("X-Amz-Target", format!("DynamoDB_20120810.{operation}"))
        .header("X-Amz-Date", "20260101T000000Z")
        .header("Authorization", credentials)
        .header("Content-Type", "application/x-amz-json-1.0")
        .body(json!({ "TableName": "customers" }).to_string())
}

#[tokio::test]
async fn the_embedded_dynamodb_refuses_web_pages() {
    let local = Place::new().serve(&["--memory"]).await;
    assert_eq!(local.register("0871234567").await, StatusCode::CREATED);
    let address = local.address("DynamoDB");
    let port = address.rsplit(':').next().unwrap();
    for operation in ["Scan", "DeleteTable"] {
        for (header, value) in [
            ("Origin", "https://evil.example".to_owned()),
            ("Origin", "null".to_owned()),
            ("Origin", local.address("API").to_owned()),
            ("Origin", address.to_owned()),
            ("Host", format!("evil.example:{port}")),
            ("Host", "127.0.0.1:1".to_owned()),
        ] {
            let refused = dynamodb_call(&local.http, address, operation).header(header, &value).send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{operation} with {header}: {value}");
            assert!(!refused.headers().contains_key("access-control-allow-origin"));
            let problem: Value = refused.json().await.unwrap();
            assert_eq!(problem["__type"], "com.amazonaws.dynamodb.v20120810#AccessDeniedException");
        }
    }
    let preflight = local.http.request(reqwest::Method::OPTIONS, address).header("Origin", "https://evil.example");
    let preflight = preflight.header("Access-Control-Request-Method", "POST").send().await.unwrap();
    assert_eq!(preflight.status(), StatusCode::FORBIDDEN);
    assert!(!preflight.headers().keys().any(|name| name.as_str().starts_with("access-control-")), "{preflight:?}");

    for host in ["127.0.0.1", "localhost", "host.docker.internal"] {
        let call = dynamodb_call(&local.http, address, "Scan").header("Host", format!("{host}:{port}"));
        let answer: Value = call.send().await.unwrap().json().await.unwrap();
        // The customer and the phone guard.
        assert_eq!(answer["Count"], 2, "{host}: {answer}");
    }
}

#[tokio::test]
async fn with_open_web_pages_of_other_sites_are_refused() {
    let local = Place::new().serve(&["--memory", "--open"]).await;
    let api = local.address("API");
    let port = api.rsplit(':').next().unwrap();
    for (header, value, status) in [
        ("Origin", "https://evil.example".to_owned(), 403),
        ("Origin", "null".to_owned(), 403),
        ("Host", format!("evil.example:{port}"), 403),
        ("Origin", api.to_owned(), 404),
        ("Host", format!("localhost:{port}"), 404),
    ] {
        // A page can send this request without a preflight.
        let tagging = local.http.post(format!("{api}/client/demo/customer/c1/tag/VIP")).header(header, &value);
        assert_eq!(tagging.send().await.unwrap().status(), status, "{header}: {value}");
    }
}

#[tokio::test]
async fn pages_of_the_allowed_origin_may_call_the_api() {
    const PAGE: &str = "http://localhost:5173";
    for (arguments, allowed, status) in [
        (&["--memory"][..], Some("*"), StatusCode::UNAUTHORIZED),
        (&["--memory", "--allow-origin", PAGE], Some(PAGE), StatusCode::UNAUTHORIZED),
        (&["--memory", "--open"], None, StatusCode::FORBIDDEN),
        (&["--memory", "--open", "--allow-origin", PAGE], Some(PAGE), StatusCode::NOT_FOUND),
    ] {
        let local = Place::new().serve(arguments).await;
        let address = format!("{}/client/demo/customer/c1", local.address("API"));
        let preflight = local.http.request(reqwest::Method::OPTIONS, &address).header("Origin", PAGE);
        let preflight = preflight.header("Access-Control-Request-Method", "GET").send().await.unwrap();
        let read = local.http.get(&address).header("Origin", PAGE).send().await.unwrap();
        assert_eq!((preflight.status(), read.status()), (StatusCode::NO_CONTENT, status), "{arguments:?}");
        for answer in [preflight, read] {
            let origin = answer.headers().get("access-control-allow-origin").map(|origin| origin.to_str().unwrap());
            assert_eq!(origin, allowed, "{arguments:?}");
        }
    }
}

#[tokio::test]
async fn open_cannot_be_combined_with_every_origin() {
    let said = Place::new().refused(&["--memory", "--open", "--allow-origin", "*"]).await;
    assert!(said.contains("--allow-origin"), "{said}");
}

#[tokio::test]
async fn the_root_leads_to_the_reference() {
    let local = Place::new().serve(&["--memory"]).await;
    let page = local.http.get(format!("{}/", local.address("API"))).send().await.unwrap();
    assert_eq!((page.url().as_str(), page.status()), (local.address("Reference"), StatusCode::OK));
}

#[tokio::test]
async fn open_needs_no_token_warns_and_creates_no_key() {
    let place = Place::new();
    let local = place.serve(&["--memory", "--open"]).await;
    assert!(local.banner.contains("NO AUTHENTICATION (--open)"), "{}", local.banner);
    assert_eq!((token_of(&local.banner), place.path(".local").exists()), (None, false));
    assert_eq!(local.register("0871234567").await, StatusCode::CREATED);
    assert_eq!(local.get_unknown("client/other/customer/c1", None).await, 404);
}

#[tokio::test]
async fn the_page_gets_an_admins_token_unless_authentication_is_off() {
    for (arguments, has_token) in [(&["--memory"][..], true), (&["--memory", "--open"], false)] {
        let local = Place::new().serve(arguments).await;
        let reference = local.address("Reference").to_owned();
        assert_eq!(reference, format!("{}/docs", local.address("API")));
        let page = local.http.get(&reference).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");

        let port = reference.split(':').nth(2).unwrap().split('/').next().unwrap();
        let here = local.http.get(format!("{reference}/demo.json"));
        let by_name = here.try_clone().unwrap().header("Host", format!("localhost:{port}"));
        for (header, value) in [("Host", format!("evil.example:{port}")), ("Origin", "https://evil.example".into())] {
            let other = here.try_clone().unwrap().header(header, value);
            assert_eq!(other.send().await.unwrap().status(), StatusCode::NOT_FOUND);
        }
        for request in [here, by_name] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            let demo: Value = answer.json().await.unwrap();
            assert_eq!((&demo["clientId"], demo["token"].is_string()), (&"demo".into(), has_token));
            // Only an admin may write the settings.
            let settings = local.http.put(format!("{}/client/demo/customersettings", local.address("API")));
            let settings = match demo["token"].as_str() {
                Some(token) => settings.bearer_auth(token),
                None => settings,
            };
            assert_eq!(settings.json(&json!({ "region": "GB" })).send().await.unwrap().status(), StatusCode::OK);
        }
    }
}

#[tokio::test]
async fn options_of_an_unusable_token_are_refused() {
    let place = Place::new();
    for (arguments, said) in [
        (&["--role", "app"][..], "an app has a --brand and no --customer"),
        (&["--role", "app", "--brand", "city", "--customer", "c1"], "an app has a --brand and no --customer"),
        (&["--role", "passenger"], "a passenger has a --customer and no --brand"),
        (&["--role", "passenger", "--customer", "phone"], "'phone' is part of a path"),
        (&["--role", "operator", "--brand", "city"], "only an app has a --brand"),
        (&["--role", "admin", "--customer", "c1"], "only a passenger a --customer"),
        (&["--role", "admin", "--expires", "0s"], "set --expires to a time such as 8h"),
        (&["--role", "admin", "--expires", "24h 1s"], "at most 24 hours"),
        (&["--role", "passenger", "--customer", "c1", "--expires", "24h 1s"], "at most 24 hours"),
    ] {
        let error = place.run(&[&["token", "--client", "demo"], arguments].concat()).await.only_an_error();
        assert!(error.contains(said), "{error}");
    }
    for (arguments, named) in [
        (&["--client", "demo", "--role", "root"][..], "--role"),
        (&["--client", "a#b", "--role", "operator"], "--client"),
        (&["--client", "demo", "--role", "operator", "--expires", "soon"], "--expires"),
        (&["--role", "operator"], "--client"),
    ] {
        let ended = place.run(&[&["token"], arguments].concat()).await;
        assert!(ended.code == Some(2) && ended.stderr.contains(named), "{ended:?}");
    }
    assert!(!place.path(".local").exists(), "nothing is left by a refusal");
}

#[tokio::test]
async fn a_key_file_with_other_content_is_refused_and_unchanged() {
    let place = Place::new();
    fs::create_dir(place.path(".local")).unwrap();
    fs::write(place.path(".local/token-key.p8"), "no key").unwrap();
    for arguments in [&["token", "--client", "demo", "--role", "admin"][..], &["--memory", "--port", "0"]] {
        let error = place.run(arguments).await.only_an_error();
        assert!(error.contains(".local/token-key.p8 is not an Ed25519 key in PKCS#8; delete it"), "{error}");
    }
    assert_eq!(fs::read(place.path(".local/token-key.p8")).unwrap(), b"no key");
}

#[tokio::test]
async fn the_environment_for_sam_trusts_the_tokens_of_the_directory() {
    let place = Place::new();
    let ended = place.run(&["sam-env", "--dynamodb", "http://172.17.0.1:8000"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let variables = &serde_json::from_str::<Value>(&ended.stdout).unwrap()["Parameters"];
    assert_eq!(
        (&variables["DYNAMODB_ENDPOINT"], &variables["TABLE_NAME"]),
        (&json!("http://172.17.0.1:8000"), &json!("customers"))
    );
    let text = |name: &str| variables[name].as_str().unwrap().to_owned();
    let config = authorizer::Config::new(text("JWT_ISSUER"), &text("JWT_AUDIENCE"), &text("JWKS")).unwrap();
    let roles = text("PROVIDER_ROLES").split(',').map(|name| shared::api::RoleName::named(name).unwrap()).collect();
    let config = config.with_provider_roles(roles).with_service(text("SERVICE_ISSUER"), &text("SERVICE_JWKS")).unwrap();
    let authorizer = authorizer::Authorizer::new(config, shared::clock::Clock::system());
    for arguments in [
        &["--role", "operator"][..],
        &["--role", "app", "--brand", "city"],
        &["--role", "passenger", "--customer", "c1"],
    ] {
        let token = place.token(arguments).await;
        let asked = authorizer.answer(json!({
            "methodArn": "arn:aws:execute-api:us-east-1:123456789012:1234567890/dev/GET/client/demo/customer/c1",
            "headers": { "Authorization": format!("Bearer {token}") },
            "requestContext": {},
        }));
        assert!(asked.await.is_ok(), "{arguments:?}");
    }
}

/// An app token is compiled into the app.
#[tokio::test]
async fn an_app_token_is_good_for_years_and_any_other_for_hours() {
    let place = Place::new();
    let lifetime = async |arguments: &[&str]| {
        let token = place.token(arguments).await;
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()
    };
    let years = 3_650 * 24 * 60 * 60;
    assert_eq!(lifetime(&["--role", "app", "--brand", "city"]).await, years);
    assert_eq!(lifetime(&["--role", "app", "--brand", "city", "--expires", "2days"]).await, 2 * 24 * 60 * 60);
    assert_eq!(lifetime(&["--role", "passenger", "--customer", "c1"]).await, 8 * 60 * 60);
    assert_eq!(lifetime(&["--role", "admin"]).await, 8 * 60 * 60);
}

#[tokio::test]
async fn dynamodb_listens_on_the_given_address() {
    let place = Place::new();
    let local = place.serve(&["--memory", "--dynamodb-host", "127.0.0.2"]).await;
    assert!(local.address("DynamoDB").starts_with("http://127.0.0.2:"), "{}", local.banner);
    assert!(!local.banner.contains("OTHER MACHINES MAY REACH"), "{}", local.banner);
    assert_eq!(local.register("0871234567").await, StatusCode::CREATED);
    let exposed = place.serve(&["--memory", "--dynamodb-host", "0.0.0.0"]).await;
    assert!(exposed.banner.contains("DYNAMODB HAS NO AUTHENTICATION"), "{}", exposed.banner);
}
