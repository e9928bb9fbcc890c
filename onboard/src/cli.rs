//! The command line.

use std::path::PathBuf;

use clap::Parser;
use shared::domain::ClientId;

use crate::stage::Stage;

/// Onboards a tenant of a deployed stage: its API key, in the usage plan of a tier, and its settings.
///
/// It may be run again, and with another tier to change that. Credentials and region come from where the AWS command
/// line has them.
#[derive(Debug, Parser)]
#[command(name = "onboard", version)]
pub(crate) struct Cli {
    /// The stage, as it was deployed
    #[arg(long, value_name = "NAME", value_parser = |raw: &str| Stage::parse(raw))]
    pub(crate) stage: Stage,
    /// The tenant, as the claim clientId of its tokens has it
    #[arg(long, value_name = "ID", value_parser = |raw: &str| ClientId::parse(raw))]
    pub(crate) client: ClientId,
    /// The tier, which says how many requests the tenant may send
    #[arg(long, value_name = "NAME")]
    pub(crate) tier: String,
    /// The tenant's settings: JSON as PUT /client/{clientId}/customersettings takes it; without, they stay as they are
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
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
