//! Measures the functions: cold start, warm path, memory and size, against an empty function and against the same lookup
//! in Node.js and Python. `docs/performance.md` shows the results.
//!
//! `cargo run --release -p bench` builds and installs what it needs, compares the subjects, and prints Markdown.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is its result")]

mod gates;
mod growth;
mod instructions;
mod measure;
mod partitions;
mod plot;
mod process;
mod report;
mod runtime_api;
mod store;
mod subjects;

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::store::Fixture;

/// Why something could not be measured.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The number of fresh processes of each subject.
    #[arg(long, default_value_t = 11)]
    rounds: usize,
    /// Build and measure only these subjects, such as `customers,node`.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Write the results into `docs/performance.md`, and the plot into `docs/performance.svg`.
    #[arg(long, global = true)]
    write: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Measures finds with more customers and more tenants.
    Growth,
    /// Simulates the table's partitions with tenants of very different sizes.
    Partitions,
    /// Compares the output of `sam build` with the recorded figures.
    Gates {
        /// The folder that `sam build` fills.
        #[arg(long)]
        build: PathBuf,
        /// Record the figures instead.
        #[arg(long)]
        record: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command, and returns whether all figures are acceptable.
async fn run(args: Args) -> Result<bool, Failure> {
    let (name, is_good, text) = match args.command {
        None => ("compared", true, compare(args.rounds, &args.only, args.write).await?),
        Some(Command::Growth) => {
            subjects::build(|name| name == "customers")?;
            let (is_good, text) = growth::run().await?;
            ("growth", is_good, text)
        }
        Some(Command::Partitions) => {
            let (is_good, text) = partitions::run();
            ("partitions", is_good, text)
        }
        Some(Command::Gates { build, record }) => {
            let problems = gates::run(&build, record).await?;
            for problem in &problems {
                println!("{problem}");
            }
            return Ok(problems.is_empty());
        }
    };
    println!("{text}");
    if args.write {
        measure::replace_block(&subjects::root().join("docs/performance.md"), name, &text)?;
    }
    Ok(is_good)
}

async fn compare(rounds: usize, only: &[String], write: bool) -> Result<String, Failure> {
    let is_wanted = |name: &str| only.is_empty() || only.iter().any(|wanted| wanted == name);
    eprintln!("building and installing");
    subjects::build(is_wanted)?;
    let fixture = Fixture::start().await?;
    let mut all = subjects::built(&fixture, is_wanted);
    all.extend(subjects::peers(&fixture, is_wanted)?);
    let measured = measure::compare(&all, rounds, &subjects::scratch()?).await?;
    let tables = report::markdown(&measured);
    if write {
        fs::write(subjects::root().join("docs/performance.svg"), plot::svg(&measured))?;
        return Ok(format!("![Start, CPU and memory of the functions and their peers](performance.svg)\n\n{tables}"));
    }
    Ok(tables)
}
