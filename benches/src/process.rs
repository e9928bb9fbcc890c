//! Starts the process of a function as Lambda does, and reads the kernel's figures about it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::Failure;
use crate::runtime_api::RuntimeApi;

/// How to start something that is measured.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) command: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(String, String)>,
}

impl Program {
    /// The same program with one more variable.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut program = self.clone();
        program.environment.push((name.to_owned(), value.to_owned()));
        program
    }

    /// The same program under a tool, such as valgrind.
    pub(crate) fn under(&self, tool: &Path, options: &[OsString]) -> Self {
        let own = [self.command.clone().into_os_string()];
        let arguments = options.iter().chain(&own).chain(&self.arguments).cloned().collect();
        Self { command: tool.to_owned(), arguments, environment: self.environment.clone() }
    }
}

/// A running program with its own Runtime API.
pub(crate) struct Running {
    child: Child,
    pid: i32,
    spawned: Instant,
    api: RuntimeApi,
    log: PathBuf,
}

impl Running {
    /// Starts the program. Its output goes to the file `log`.
    pub(crate) async fn start(program: &Program, log: &Path) -> Result<Self, Failure> {
        let api = RuntimeApi::start().await?;
        let out = File::create(log)?;
        let mut command = Command::new(&program.command);
        command
            .args(&program.arguments)
            .env_clear()
            .envs(program.environment.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .stdin(Stdio::null())
            .stderr(Stdio::from(out.try_clone()?))
            .stdout(Stdio::from(out))
            .kill_on_drop(true);
        let spawned = Instant::now();
        let child = command.spawn().map_err(|error| format!("{}: {error}", program.command.display()))?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).ok_or("the process has ended")?;
        Ok(Self { child, pid, spawned, api, log: log.to_owned() })
    }

    /// The time from the start of the program to its first poll.
    pub(crate) async fn first_poll(&mut self) -> Result<Duration, Failure> {
        let polled = tokio::select! {
            polled = self.api.polled() => polled,
            ended = self.child.wait() => Err(format!("it ended before it asked for an event ({})", ended?).into()),
        };
        Ok(polled.map_err(|error| self.told(&error))?.saturating_duration_since(self.spawned))
    }

    /// Sends an event, and returns the answer and the time it took.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Result<(Duration, Value), Failure> {
        let answered = self.api.invoke(event).await;
        answered.map_err(|error| self.told(&error))
    }

    /// Waits until the program has finished all work for its last answer and asks for the next event.
    pub(crate) async fn idle(&mut self) -> Result<(), Failure> {
        self.api.polled().await.map(|_| ())
    }

    fn told(&self, error: &Failure) -> Failure {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        format!("{error}; its log ends\n{}", lines[lines.len().saturating_sub(20)..].join("\n")).into()
    }

    /// The CPU time of all its threads. `/proc/PID/stat` counts in hundredths of a second, the scheduler in
    /// nanoseconds.
    pub(crate) fn cpu(&self) -> Result<Duration, Failure> {
        let mut nanoseconds = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.pid))? {
            let statistics = fs::read_to_string(task?.path().join("schedstat"))?;
            let ran = statistics.split_whitespace().next().and_then(|ran| ran.parse::<u64>().ok());
            nanoseconds += ran.ok_or("the kernel does not say how long a thread ran")?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Its resident memory, in KiB.
    pub(crate) fn resident(&self) -> Result<u64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        kib.ok_or_else(|| "the kernel does not say how much memory the process has".into())
    }

    /// Its output so far.
    pub(crate) fn log(&self) -> Result<String, Failure> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// Stops the program and waits until it has ended.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        let pid = Pid::from_raw(self.pid).expect("a child's id is not 0");
        kill_process(pid, Signal::TERM)?;
        self.child.wait().await?;
        Ok(())
    }
}
