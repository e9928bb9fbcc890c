//! One function under the Runtime Interface Emulator.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::template::Function;

/// How long the emulator may take to listen, and to end with all that it started.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the gateway waits for a function.
const ANSWER: Duration = Duration::from_secs(29);
/// How often starting the emulator is tried. Another program may take the port after it was chosen.
const ATTEMPTS: usize = 3;

/// The variables that Lambda gives every function. The embedded DynamoDB accepts any credentials.
pub(crate) const RUNTIME: [(&str, &str); 6] = [
    ("AWS_ACCESS_KEY_ID", "local"),
    ("AWS_SECRET_ACCESS_KEY", "local"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_LAMBDA_FUNCTION_NAME", "emulated"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
];

pub(crate) struct Emulated {
    process: Child,
    url: String,
    http: reqwest::Client,
    log: Log,
}

impl Emulated {
    /// An emulator that listens. It starts the function with the first event.
    pub(crate) async fn start(emulator: &Path, bootstrap: &Path, function: &Function) -> Result<Self, String> {
        let http = reqwest::Client::builder().no_proxy().timeout(ANSWER).build().map_err(|error| error.to_string())?;
        let mut problem = String::new();
        for _ in 0..ATTEMPTS {
            let [invoke, runtime] = free_addresses().await.map_err(|error| error.to_string())?;
            let mut process = Command::new(emulator)
                .args(["--runtime-interface-emulator-address", &invoke.to_string()])
                .args(["--runtime-api-address", &runtime.to_string()])
                .arg(bootstrap)
                .arg("bootstrap")
                .env_clear()
                .envs(RUNTIME)
                .envs(&function.environment)
                .env("AWS_LAMBDA_FUNCTION_TIMEOUT", function.timeout.to_string())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .map_err(|error| format!("{}: {error}", emulator.display()))?;
            let log = Log::of(&mut process);
            let url = format!("http://{invoke}/2015-03-31/functions/function/invocations");
            let mut emulated = Self { process, url, http: http.clone(), log };
            match emulated.listens(invoke).await {
                Ok(()) => return Ok(emulated),
                Err(said) => problem = format!("{said}: {}", emulated.log.end()),
            }
        }
        Err(problem)
    }

    /// The function's response to an event.
    pub(crate) async fn invoke(&self, event: &Value) -> Result<Value, String> {
        let failed = |problem: String| format!("{problem}: {}", self.log.end());
        let sent = self.http.post(&self.url).json(event).send().await;
        let response = sent.map_err(|error| failed(format!("no answer: {error}")))?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| failed(format!("no answer: {error}")))?;
        if !status.is_success() {
            return Err(failed(format!("it does not run ({status})")));
        }
        serde_json::from_slice(&bytes).map_err(|_| failed("its answer is no JSON".to_owned()))
    }

    /// Stops the emulator and returns how long the function took to start, in milliseconds.
    pub(crate) async fn stop(mut self) -> Result<f64, String> {
        self.terminate();
        let ended = timeout(PATIENCE, self.process.wait()).await;
        ended.map_err(|_| "the emulator does not end".to_owned())?.map_err(|error| error.to_string())?;
        // The function holds the other end of the log, so the log ends when the function ends.
        timeout(PATIENCE, self.log.read()).await.map_err(|_| "the function outlives the emulator".to_owned())?;
        let lines = self.log.lines();
        let took = lines.iter().find_map(|line| line.split_once("INIT REPORT(durationMs: ")?.1.strip_suffix(')'));
        let took = took.and_then(|took| took.parse().ok());
        took.ok_or_else(|| format!("the emulator does not say how long the start took: {}", self.log.end()))
    }

    async fn listens(&mut self, address: SocketAddr) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).await.is_err() {
            if let Some(status) = self.process.try_wait().map_err(|error| error.to_string())? {
                return Err(format!("the emulator ended ({status})"));
            }
            if Instant::now() > deadline {
                return Err(format!("the emulator does not listen after {PATIENCE:?}"));
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// Asks the emulator to stop its function and end. If the emulator were killed, a hanging function would keep
    /// running.
    fn terminate(&self) {
        let process = self.process.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        if let Some(process) = process {
            // It may have ended by itself.
            let _ = kill_process(process, Signal::TERM);
        }
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        self.terminate();
    }
}

/// Two free addresses on this machine.
async fn free_addresses() -> std::io::Result<[SocketAddr; 2]> {
    let (one, other) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
    Ok([one.local_addr()?, other.local_addr()?])
}

/// The output of the emulator and its function. It is read while they run, because a full pipe would block them.
struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Log {
    fn of(process: &mut Child) -> Self {
        let mut log = Self { lines: Arc::default(), readers: Vec::new() };
        log.readers.extend(process.stdout.take().map(|out| log.reader(out)));
        log.readers.extend(process.stderr.take().map(|err| log.reader(err)));
        log
    }

    fn reader(&self, from: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<()> {
        let lines = Arc::clone(&self.lines);
        tokio::spawn(async move {
            let mut from = BufReader::new(from).lines();
            while let Ok(Some(line)) = from.next_line().await {
                lines.lock().expect("not poisoned").push(line);
            }
        })
    }

    /// Reads to the end.
    async fn read(&mut self) {
        for reader in self.readers.drain(..) {
            // The thread does not panic.
            let _ = reader.await;
        }
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("not poisoned").clone()
    }

    /// The last lines for an error message, without the lines that the emulator prints at every start.
    fn end(&self) -> String {
        let mut lines = self.lines();
        lines.retain(|line| !line.contains("[INFO] (rapid)"));
        format!("its log ends\n{}", lines[lines.len().saturating_sub(20)..].join("\n"))
    }
}
