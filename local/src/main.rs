//! `cargo run -p local`: the whole API on this machine, `seed` to fill it, `token` to call it, and `reset` to empty it.

mod banner;
mod cli;
mod curl;
mod data_file;
mod home;
mod reset;
mod sam_env;
mod seed;
mod serve;
mod token;

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match cli.command {
        None => serve::run(&cli.serve).await,
        Some(Command::Seed(options)) => seed::run(&options).await,
        Some(Command::Token(options)) => token::run(options),
        Some(Command::Reset(options)) => reset::run(&options),
        Some(Command::SamEnv(options)) => sam_env::run(&options),
        Some(Command::Openapi) => {
            say(format_args!("{:#}", local::openapi::document()));
            Ok(())
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a note to standard error, so that standard output only has the output of the command.
fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints to standard output. Unlike `println!`, it does not panic if standard output is closed.
fn say(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
