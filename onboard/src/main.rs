//! `cargo run -p onboard`: gives a tenant of a deployed stage its API key, in the usage plan of a tier, and its
//! settings. The command is idempotent.

mod aws;
mod cli;
mod key;
mod plans;
mod settings;
mod stage;
mod tenant;

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match tenant::onboard(&Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints to standard output. Unlike `println!`, it does not panic if standard output is closed.
fn say(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
