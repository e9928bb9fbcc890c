//! `cargo run -p onboard`: gives a tenant of a deployed stage its API key, in the usage plan of a tier, and its
//! settings; removes a tenant; lists tenants and their usage; brings stored customers up to date. Each command is idempotent.

mod aws;
mod cli;
mod items;
mod key;
mod list;
mod plans;
mod reindex;
mod remove;
mod settings;
mod stage;
mod tenant;
mod usage;

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match (&cli.command, &cli.onboard) {
        (Some(Command::Remove(remove)), _) => remove::remove(remove).await,
        (Some(Command::List(list)), _) => list::list(list).await,
        (Some(Command::Reindex(reindex)), _) => reindex::reindex(reindex).await,
        (Some(Command::Usage(usage)), _) => usage::usage(usage).await,
        (None, Some(onboard)) => tenant::onboard(onboard).await,
        (None, None) => unreachable!("the parser demands a command or the tenant to onboard"),
    };
    match done {
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
