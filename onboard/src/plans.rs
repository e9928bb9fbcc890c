//! The usage plans of a stage, one for each tier.

use std::collections::BTreeSet;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::UsagePlan;

use crate::aws::{Aws, CallFailed};
use crate::stage::{SELF_SERVICE, Stage};

/// The tag of a usage plan that names the stage's table.
const TABLE_TAG: &str = "customers-table";
/// The maximum number of entries in a page of API Gateway.
pub(crate) const PAGE: i32 = 500;

/// A usage plan of the stage.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) id: String,
    pub(crate) tier: String,
    /// The stage's table. Older deployments do not have this tag.
    pub(crate) table: Option<String>,
}

/// All usage plans of the stage.
#[derive(Debug)]
pub(crate) struct Plans(Vec<Plan>);

#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    #[error(transparent)]
    Call(#[from] CallFailed),
    #[error(
        "there is no usage plan customers-{stage}-…: the stage {stage} is not deployed in {region} of this account; \
         check --stage, AWS_REGION and AWS_PROFILE"
    )]
    NotDeployed { stage: Stage, region: String },
    #[error("there is no tier {tier} in {stage}; choose one of {}", tiers.join(", "))]
    UnknownTier { stage: Stage, tier: String, tiers: Vec<String> },
    #[error("there are several usage plans customers-{stage}-{tier} in {region}; delete or rename the others")]
    Ambiguous { stage: Stage, tier: String, region: String },
    #[error(
        "the usage plans of {stage} name {number} tables in their tags customers-table instead of one: deploy the stage's \
         template again"
    )]
    NotOneTable { stage: Stage, number: usize },
}

impl Plans {
    /// Reads the plans.
    pub(crate) async fn of(stage: &Stage, aws: &Aws) -> Result<Self, PlanError> {
        let plans = of_stage(stage, list(&aws.gateway, None).await?);
        let not_deployed = || PlanError::NotDeployed { stage: stage.clone(), region: aws.region.clone() };
        if plans.is_empty() { Err(not_deployed()) } else { Ok(Self(plans)) }
    }

    /// The plan for all tenants' apps and passengers. Older deployments do not have it.
    pub(crate) fn self_service(&self) -> Option<&Plan> {
        self.0.iter().find(|plan| plan.tier == SELF_SERVICE)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Plan> {
        self.0.iter()
    }

    /// The stage's table.
    pub(crate) fn table(&self, stage: &Stage) -> Result<&str, PlanError> {
        let tables: BTreeSet<_> = self.0.iter().filter_map(|plan| plan.table.as_deref()).collect();
        match tables.len() {
            1 => Ok(tables.first().expect("there is one")),
            number => Err(PlanError::NotOneTable { stage: stage.clone(), number }),
        }
    }

    /// The plan of a tier.
    pub(crate) fn choose(&self, tier: &str, stage: &Stage, region: &str) -> Result<&Plan, PlanError> {
        let tiers = || self.0.iter().filter(|plan| plan.tier != SELF_SERVICE);
        let mut named = tiers().filter(|plan| plan.tier == tier);
        let (stage, tier) = (stage.clone(), tier.to_owned());
        match (named.next(), named.next()) {
            (Some(plan), None) => Ok(plan),
            (Some(_), Some(_)) => Err(PlanError::Ambiguous { stage, tier, region: region.to_owned() }),
            (None, _) => {
                let mut tiers: Vec<_> = tiers().map(|plan| plan.tier.clone()).collect();
                tiers.sort_unstable();
                Err(PlanError::UnknownTier { stage, tier, tiers })
            }
        }
    }
}

impl Plan {
    /// The ids of its keys.
    pub(crate) async fn keys(&self, gateway: &Client) -> Result<Vec<String>, CallFailed> {
        let pages = gateway.get_usage_plan_keys().usage_plan_id(&self.id).into_paginator().page_size(PAGE);
        let keys: Vec<_> =
            pages.items().send().collect::<Result<_, _>>().await.map_err(CallFailed::of("GetUsagePlanKeys"))?;
        Ok(keys.into_iter().filter_map(|key| key.id).collect())
    }
}

/// The plans of the stage that an API key is in.
pub(crate) async fn with_key(key: &str, stage: &Stage, gateway: &Client) -> Result<Vec<Plan>, CallFailed> {
    Ok(of_stage(stage, list(gateway, Some(key)).await?))
}

/// The account's usage plans; with a key, those that it is in.
async fn list(gateway: &Client, key: Option<&str>) -> Result<Vec<UsagePlan>, CallFailed> {
    let pages = gateway.get_usage_plans().set_key_id(key.map(str::to_owned)).into_paginator().page_size(PAGE);
    pages.items().send().collect::<Result<_, _>>().await.map_err(CallFailed::of("GetUsagePlans"))
}

fn of_stage(stage: &Stage, plans: Vec<UsagePlan>) -> Vec<Plan> {
    let own = plans.into_iter().filter_map(|plan| {
        let tier = stage.tier_of(plan.name.as_deref()?)?.to_owned();
        let table = plan.tags.and_then(|mut tags| tags.remove(TABLE_TAG));
        Some(Plan { id: plan.id?, tier, table })
    });
    own.collect()
}
