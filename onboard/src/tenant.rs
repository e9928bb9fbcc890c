//! Onboarding a tenant, from its first check to its last write.

use std::error::Error;

use shared::domain::ClientId;

use crate::aws::Aws;
use crate::cli::Onboard;
use crate::key::{ExistingKey, TenantKey, TierChange};
use crate::plans::{Plan, Plans};
use crate::say;
use crate::settings::{SettingsChange, SettingsFile};

/// The usage plan does not name the table for the settings.
#[derive(Debug, thiserror::Error)]
#[error(
    "the usage plan of the tier {tier} does not name the stage's table in a tag customers-table, so the settings \
     cannot be written: deploy the stage's template again, or leave --settings out"
)]
struct NoTable {
    tier: String,
}

/// Runs the command and reports each step when it is done, so that the completed steps are known if a later one fails.
/// All checks come before the first write. The settings are written before the key, because the key lets callers in and
/// they need the settings.
pub(crate) async fn onboard(onboard: &Onboard) -> Result<(), Box<dyn Error>> {
    let Onboard { stage, client, tier, settings } = onboard;
    let settings = settings.as_deref().map(SettingsFile::read).transpose()?;
    let aws = Aws::from_env().await?;
    let plans = Plans::of(stage, &aws).await?;
    let plan = plans.choose(tier, stage, &aws.region)?;
    let tenant_key = TenantKey::new(&aws.gateway, stage, client);
    let known = tenant_key.find().await?;
    let self_service = match plans.self_service() {
        Some(plan) => {
            let key = TenantKey::self_service(&aws.gateway, stage, client);
            let known = key.find().await?;
            Some((key, known, plan))
        }
        None => None,
    };

    if let Some(settings) = settings {
        let table = plan.table.as_deref().ok_or_else(|| NoTable { tier: tier.clone() })?;
        match settings.put(client, aws.dynamodb, table).await? {
            SettingsChange::Replaced => say(format_args!("Settings: replaced, in the table {table}.")),
            SettingsChange::Unchanged => say("Settings: unchanged."),
        }
    }

    let mut changed = put_into(&tenant_key, known, plan, client).await?;
    if let Some((key, known, plan)) = self_service {
        changed |= put_into(&key, known, plan, client).await?;
    }
    if changed {
        say("Until API Gateway has applied this (seconds to minutes), callers may get 403 tenant_not_onboarded.");
    }
    Ok(())
}

/// Creates the key unless it exists, puts it into its plan, and enables it. Returns whether this changes which callers
/// API Gateway accepts.
async fn put_into(
    tenant_key: &TenantKey<'_>,
    known: Option<ExistingKey>,
    plan: &Plan,
    client: &ClientId,
) -> Result<bool, Box<dyn Error>> {
    let key = match known {
        Some(key) => key,
        None => tenant_key.create(client).await?,
    };
    let what = if key.is_new { "created" } else { "was there already" };
    say(format_args!("API key: {} {what}.", tenant_key.name));

    let change = tenant_key.move_to(&key, plan).await?;
    let tier = &plan.tier;
    match &change {
        TierChange::Already => say(format_args!("Tier: {tier} already.")),
        TierChange::Now => say(format_args!("Tier: {tier}.")),
        TierChange::Moved(from) => say(format_args!("Tier: {tier}, moved from {}.", from.join(" and "))),
    }
    if !key.enabled {
        tenant_key.enable(&key).await?;
        say("API key: enabled; it had been disabled.");
    }
    Ok(!key.enabled || !matches!(change, TierChange::Already))
}
