//! The tenants of a stage.

use std::collections::HashMap;
use std::error::Error;

use crate::aws::{Aws, CallFailed};
use crate::cli::List;
use crate::key::tenants_with;
use crate::plans::Plans;
use crate::say;
use crate::stage::Stage;

/// A tenant with an API key.
pub(crate) struct Tenant {
    pub(crate) client: String,
    pub(crate) key_id: String,
    pub(crate) key_value: String,
    pub(crate) enabled: bool,
    /// Absent if the key is in no usage plan of the stage, because an onboarding was interrupted.
    pub(crate) tier: Option<String>,
}

/// Prints the tenants as CSV.
pub(crate) async fn list(list: &List) -> Result<(), Box<dyn Error>> {
    let aws = Aws::from_env().await?;
    let plans = Plans::of(&list.stage, &aws).await?;
    say("tenant,tier,enabled");
    for Tenant { client, enabled, tier, .. } in tenants(&list.stage, &plans, &aws).await? {
        say(format_args!("{client},{},{enabled}", tier.unwrap_or_default()));
    }
    Ok(())
}

/// The tenants of a stage, in the order of their ids.
pub(crate) async fn tenants(stage: &Stage, plans: &Plans, aws: &Aws) -> Result<Vec<Tenant>, CallFailed> {
    let mut tiers = HashMap::new();
    for plan in plans.iter() {
        for key in plan.keys(&aws.gateway).await? {
            tiers.insert(key, plan.tier.clone());
        }
    }
    let mut tenants = tenants_with(&stage.key_prefix(), &aws.gateway).await?;
    for tenant in &mut tenants {
        tenant.tier = tiers.remove(&tenant.key_id);
    }
    tenants.sort_by(|one, other| one.client.cmp(&other.client));
    Ok(tenants)
}
