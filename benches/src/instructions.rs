//! Counts with valgrind how many instructions a function executes. Unlike times, the count is the same on every run.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Failure;
use crate::process::{Program, Running};

/// How many warm answers are counted. [`WARM_UP`] answers come before them, so that a phone of each country has been
/// read.
const WARM: usize = 40;
const WARM_UP: usize = 40;

/// Instructions of one function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Instructions {
    /// Without priming, because priming already does work of the first request.
    pub(crate) first_poll: u64,
    pub(crate) first_answer: u64,
    pub(crate) warm_answer: u64,
}

/// The path of valgrind.
///
/// # Errors
/// If valgrind is missing. The error says how to install it.
pub(crate) fn valgrind() -> Result<PathBuf, Failure> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join("valgrind")).find(|file| file.is_file());
    found.ok_or_else(|| "valgrind is missing; install it with `apt-get install valgrind libc6-dbg`".into())
}

/// Counts the instructions of a program. Each figure is counted in a new process.
pub(crate) async fn count(program: &Program, events: &[Value], folder: &Path) -> Result<Instructions, Failure> {
    let first_poll = until(&program.with("PRIMING", "off"), events, 0, folder).await?;
    let first_answer = until(program, events, 1, folder).await?;
    let warmed_up = until(program, events, 1 + WARM_UP, folder).await?;
    let warm = until(program, events, 1 + WARM_UP + WARM, folder).await?;
    Ok(Instructions { first_poll, first_answer, warm_answer: (warm - warmed_up) / WARM as u64 })
}

/// The instructions from the start until the program asks for the next event after `answers` answers.
async fn until(program: &Program, events: &[Value], answers: usize, folder: &Path) -> Result<u64, Failure> {
    let out = folder.join("callgrind.out");
    let mut to = OsString::from("--callgrind-out-file=");
    to.push(&out);
    let counted = program.under(&valgrind()?, &["--tool=callgrind".into(), to]);
    let mut running = Running::start(&counted, &folder.join("callgrind.log")).await?;
    running.first_poll().await?;
    for event in events.iter().cycle().take(answers) {
        running.invoke(event).await?;
    }
    running.idle().await?;
    running.stop().await?;
    total(&fs::read_to_string(out)?)
}

/// The number of executed instructions in callgrind's output file.
fn total(file: &str) -> Result<u64, Failure> {
    let total = file.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    total.ok_or_else(|| "callgrind's file has no total".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_from_the_file_of_callgrind() {
        assert_eq!(total("version: 1\nevents: Ir\nfn=(1)\n0 12\ntotals: 22512345\n").expect("a total"), 22_512_345);
        assert!(total("events: Ir\n").is_err());
    }
}
