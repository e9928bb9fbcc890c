//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use shared::domain::ClientId;

use crate::stage::Stage;

/// Onboards a tenant of a deployed stage: its API key, in the usage plan of a tier, and its settings. The command is
/// idempotent. Run it with another tier to change the tier. Credentials and region are those of the AWS command line.
#[derive(Debug, Parser)]
#[command(name = "onboard", version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) onboard: Option<Onboard>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of onboarding.
#[derive(Debug, Args)]
pub(crate) struct Onboard {
    /// The stage, as it was deployed
    #[arg(long, value_name = "NAME", value_parser = |raw: &str| Stage::parse(raw))]
    pub(crate) stage: Stage,
    /// The tenant, as in the claim clientId of its tokens
    #[arg(long, value_name = "ID", value_parser = |raw: &str| ClientId::parse(raw))]
    pub(crate) client: ClientId,
    /// The tier, which says how many requests the tenant may send
    #[arg(long, value_name = "NAME")]
    pub(crate) tier: String,
    /// The tenant's settings: a file with the body of PUT /client/{clientId}/customersettings. Without it, the settings
    /// do not change
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Remove(Remove),
    List(List),
    Usage(Usage),
    Reindex(Reindex),
}

/// Remove a tenant after a confirmation: its API key and, with --erase, its items
///
/// You can run it again to remove what is left. Counting and erasing items read the whole table.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The stage, as it was deployed
    #[arg(long, value_name = "NAME", value_parser = |raw: &str| Stage::parse(raw))]
    pub(crate) stage: Stage,
    /// The tenant, as in the claim clientId of its tokens
    #[arg(long, value_name = "ID", value_parser = |raw: &str| ClientId::parse(raw))]
    pub(crate) client: ClientId,
    /// Erase all items of the tenant: customers, addresses, passwords and settings
    #[arg(long)]
    pub(crate) erase: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Print the tenants of a stage as CSV
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The stage, as it was deployed
    #[arg(long, value_name = "NAME", value_parser = |raw: &str| Stage::parse(raw))]
    pub(crate) stage: Stage,
}

/// Bring the stored customers of all tenants up to date after an update of this service
///
/// Writes the keys of the indexes for search, moves phones to the current form of numbers that a country has changed, and
/// removes passwords that an earlier version stored with customers. It reads the whole table, and writes only what is not
/// up to date: it can be run again, and goes on after an interruption.
#[derive(Debug, Args)]
pub(crate) struct Reindex {
    /// The stage, as it was deployed
    #[arg(long, value_name = "NAME", value_parser = |raw: &str| Stage::parse(raw))]
    pub(crate) stage: Stage,
}

/// Print the usage of each tenant on each day (UTC) as CSV
///
/// The customers are those stored now; counting them reads the whole index on the phone. The estimate uses the prices of
/// docs/costs.md.
#[derive(Debug, Args)]
pub(crate) struct Usage {
    /// The stage, as it was deployed
    #[arg(long, value_name = "NAME", value_parser = |raw: &str| Stage::parse(raw))]
    pub(crate) stage: Stage,
    /// The number of days, including today; API Gateway keeps 90
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=90))]
    pub(crate) days: u16,
    /// The price of a million requests
    #[arg(long, value_name = "USD", default_value_t = 5.0)]
    pub(crate) usd_per_million: f64,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
