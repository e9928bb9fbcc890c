//! Starts a function without one of its variables. The emulator is not used, because it would restart the function.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::sleep;

use crate::emulated::RUNTIME;

/// How long a function may take to refuse to start or to ask for its first event.
const PATIENCE: Duration = Duration::from_secs(10);

/// The result of a start.
pub(crate) enum Start {
    /// The function asked for its first event.
    Began,
    /// The function failed with this message.
    Refused(String),
}

pub(crate) async fn start_without(
    name: &str,
    bootstrap: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<Start, String> {
    let runtime = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
    let address = runtime.local_addr().map_err(|error| error.to_string())?;
    let process = Command::new(bootstrap)
        .env_clear()
        .envs(RUNTIME)
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .envs(environment)
        .env_remove(name)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{}: {error}", bootstrap.display()))?;
    tokio::select! {
        _ = runtime.accept() => Ok(Start::Began),
        ended = process.wait_with_output() => {
            let ended = ended.map_err(|error| error.to_string())?;
            let said = [ended.stdout, ended.stderr].concat();
            let said = String::from_utf8_lossy(&said).trim().to_owned();
            if ended.status.success() { Err(format!("it ends without a failure: {said}")) } else { Ok(Start::Refused(said)) }
        }
        () = sleep(PATIENCE) => Err(format!("it neither begins nor refuses within {PATIENCE:?}")),
    }
}
