//! The command line.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use local::passengers;
use shared::api::cors::AllowedOrigin;
use shared::domain::{BrandId, ClientId, CustomerId};

/// Runs the whole API on this machine: an embedded DynamoDB, and a gateway to the functions.
#[derive(Debug, Parser)]
#[command(name = "local", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) serve: Serve,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of the server.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Keep the data in memory only; it is lost when this stops
    #[arg(long, conflicts_with = "data")]
    pub(crate) memory: bool,
    /// The file for the data [default: .local/customers.db in the workspace]
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// The port of the API; 0 chooses a free one
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub(crate) port: u16,
    /// The port of the embedded DynamoDB; 0 chooses a free one
    #[arg(long, value_name = "N", default_value_t = 8000)]
    pub(crate) dynamodb_port: u16,
    /// The address that the embedded DynamoDB listens on. It has no authentication, so use another address only to let
    /// containers on this machine reach it, such as the address of a container bridge
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) dynamodb_host: IpAddr,
    /// Turn authentication off: every caller is an admin of every tenant. Requests from web pages of other sites are
    /// refused, except those of --allow-origin
    #[arg(long)]
    pub(crate) open: bool,
    /// The origin whose web pages may call the API, with its scheme and port, or * for all [default: all, and none with
    /// --open]
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Option<AllowedOrigin>,
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

/// Fill a tenant with made-up passengers; existing ones are not changed
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// The number of passengers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(passengers::MAX_PASSENGERS)))]
    pub(crate) customers: u32,
    /// The tenant
    #[arg(long, value_name = "ID", default_value = "demo", value_parser = |raw: &str| ClientId::parse(raw))]
    pub(crate) client: ClientId,
    /// The file for the data; if a running `local` uses it, that `local` writes the passengers
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
}

/// Remove the data after a confirmation; the keys are kept
#[derive(Debug, Args)]
pub(crate) struct Reset {
    /// The file with the data [default: .local/customers.db in the workspace]
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// Do not ask for a confirmation
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Print a token that the `local` of this workspace accepts
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// The tenant
    #[arg(long, value_name = "ID", value_parser = |raw: &str| ClientId::parse(raw))]
    pub(crate) client: ClientId,
    /// The role of the caller
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: RoleName,
    /// The brand of an app
    #[arg(long, value_name = "ID", value_parser = |raw: &str| BrandId::parse(raw))]
    pub(crate) brand: Option<BrandId>,
    /// The customer id of a passenger
    #[arg(long, value_name = "ID", value_parser = |raw: &str| CustomerId::parse(raw))]
    pub(crate) customer: Option<CustomerId>,
    /// How long the token is valid, such as 90s, 15m or 8h; 8h by default and 24h at most. For an app, it is ten years
    /// by default, without a maximum
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) expires: Option<Duration>,
}

/// Print variables for `sam local --env-vars`, so that functions use the `local` of this workspace
#[derive(Debug, Args)]
pub(crate) struct SamEnv {
    /// The URL of the embedded DynamoDB as seen from a container
    #[arg(long, value_name = "URL", default_value = "http://host.docker.internal:8000")]
    pub(crate) dynamodb: String,
}

/// The name of a role.
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
    fn an_allowed_origin_is_an_origin_or_all() {
        for (origin, is_valid) in [("*", true), ("http://localhost:5173", true), ("app.example", false), ("", false)] {
            assert_eq!(Cli::try_parse_from(["local", "--allow-origin", origin]).is_ok(), is_valid, "{origin}");
        }
    }

    #[test]
    fn every_command_in_the_guides_is_valid() {
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
