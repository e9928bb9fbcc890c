//! The command line.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use local::passengers;
use shared::domain::{BrandId, ClientId, CustomerId};

/// The whole API on this machine: an embedded DynamoDB, and a gateway to the functions that run on Lambda.
#[derive(Debug, Parser)]
#[command(name = "local", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) serve: Serve,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// How to serve.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Keep nothing: the data is gone when this stops
    #[arg(long, conflicts_with = "data")]
    pub(crate) memory: bool,
    /// Where to keep the data, if not in .local/customers.db of the workspace
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// The API's port; 0 is any that is free
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub(crate) port: u16,
    /// The embedded DynamoDB's port; 0 is any that is free
    #[arg(long, value_name = "N", default_value_t = 8000)]
    pub(crate) dynamodb_port: u16,
    /// The address of this machine that the embedded DynamoDB listens on. It asks nobody for a password: an address that
    /// others reach, such as a container bridge's, is for the containers of this machine
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) dynamodb_host: IpAddr,
    /// Ask nobody for a token: whoever reaches the port is an admin of every tenant. Web pages of other sites are refused
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Seed(Seed),
    Token(Token),
    Reset(Reset),
    /// Print the OpenAPI document of the API
    Openapi,
    SamEnv(SamEnv),
}

/// Fill a tenant with made-up passengers; those who are there already stay as they are
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// How many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(passengers::MOST)))]
    pub(crate) customers: u32,
    /// The tenant
    #[arg(long, value_name = "ID", default_value = "demo", value_parser = |raw: &str| ClientId::parse(raw))]
    pub(crate) client: ClientId,
    /// Where the data is kept; if a running `local` has it open, the passengers go through that one
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
}

/// Remove the data, after asking; the key is kept
#[derive(Debug, Args)]
pub(crate) struct Reset {
    /// Where the data is, if not in .local/customers.db of the workspace
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Print a token that the `local` of this workspace accepts
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// The tenant
    #[arg(long, value_name = "ID", value_parser = |raw: &str| ClientId::parse(raw))]
    pub(crate) client: ClientId,
    /// What the caller is
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: RoleName,
    /// The brand of an app
    #[arg(long, value_name = "ID", value_parser = |raw: &str| BrandId::parse(raw))]
    pub(crate) brand: Option<BrandId>,
    /// The customer that a passenger is
    #[arg(long, value_name = "ID", value_parser = |raw: &str| CustomerId::parse(raw))]
    pub(crate) customer: Option<CustomerId>,
    /// How long it is good, such as 90s, 15m or 8h. The default is 8h, and 24h the maximum; for an app the default is ten
    /// years, without a maximum
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) expires: Option<Duration>,
}

/// Print what `sam local --env-vars` needs for the functions to use the `local` of this workspace
#[derive(Debug, Args)]
pub(crate) struct SamEnv {
    /// Where a container reaches the embedded DynamoDB
    #[arg(long, value_name = "URL", default_value = "http://host.docker.internal:8000")]
    pub(crate) dynamodb: String,
}

/// A role by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    Operator,
    Integration,
    Admin,
    App,
    Passenger,
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn memory_and_data_exclude_each_other() {
        assert!(Cli::try_parse_from(["local", "--memory"]).is_ok());
        assert!(Cli::try_parse_from(["local", "--data", "x.db"]).is_ok());
        assert!(Cli::try_parse_from(["local", "--memory", "--data", "x.db"]).is_err());
    }

    #[test]
    fn every_command_of_the_guides_is_one() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut pages = vec![root.join("README.md")];
        pages.extend(fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()));
        let mut commands = 0;
        for page in pages.iter().filter(|page| page.extension().is_some_and(|extension| extension == "md")) {
            for rest in fs::read_to_string(page).unwrap().split(" -p local -- ").skip(1) {
                let options = rest.split(['\n', '#', ')', '>', '`']).next().unwrap();
                let words = options.split_whitespace().map(|word| if word == "\"$ID\"" { "c1" } else { word });
                match Cli::try_parse_from(["local"].into_iter().chain(words)) {
                    Ok(_) => {}
                    Err(error) => assert_eq!(error.kind(), ErrorKind::DisplayHelp, "{}: {options}", page.display()),
                }
                commands += 1;
            }
        }
        assert!(commands > 10, "{commands}");
    }
}
