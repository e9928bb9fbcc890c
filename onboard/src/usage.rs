//! The command `usage`: requests per day from the usage plans, and customers from the table.

use std::collections::HashMap;
use std::error::Error;
use std::time::{Duration, SystemTime};

use aws_sdk_apigateway::Client;

use crate::aws::{Aws, CallFailed};
use crate::cli::Usage;
use crate::items::Items;
use crate::key::tenants_with;
use crate::list::{Tenant, tenants};
use crate::plans::{Plan, Plans};
use crate::say;

const DAY: Duration = Duration::from_hours(24);
/// The cost of storing a customer for a day: a million customers cost $1.13 a month (docs/costs.md).
const USD_PER_CUSTOMER_AND_DAY: f64 = 1.13 / 1e6 / 30.0;

/// Prints a line of CSV for each tenant and day.
pub(crate) async fn usage(usage: &Usage) -> Result<(), Box<dyn Error>> {
    let Usage { stage, days, usd_per_million } = usage;
    let aws = Aws::from_env().await?;
    let plans = Plans::of(stage, &aws).await?;
    let tenants = tenants(stage, &plans, &aws).await?;
    let self_service = tenants_with(&stage.self_service_key_prefix(), &aws.gateway).await?;
    let self_service: HashMap<_, _> = self_service.iter().map(|tenant| (tenant.client.as_str(), tenant)).collect();
    let customers = Items::new(&aws.dynamodb, plans.table(stage)?).customers().await?;

    let now = SystemTime::now();
    let dates: Vec<_> = (0..u32::from(*days)).rev().map(|ago| date(now - DAY * ago)).collect();
    let mut requests = HashMap::new();
    for plan in plans.iter() {
        add_requests(plan, &aws.gateway, &dates, &mut requests).await?;
    }

    say("tenant,tier,date,requests,customers,estimated_usd");
    for Tenant { client, key_id, key_value, tier, .. } in &tenants {
        let (tier, stored) = (tier.as_deref().unwrap_or_default(), customers.get(client).copied().unwrap_or_default());
        // According to its reference, GetUsage names a key by its value. All other operations name a key by its id.
        let keys = [key_id, key_value].into_iter();
        let keys =
            keys.chain(self_service.get(client.as_str()).into_iter().flat_map(|key| [&key.key_id, &key.key_value]));
        let by_day: Vec<_> = keys.filter_map(|key| requests.get(key)).collect();
        for (index, date) in dates.iter().enumerate() {
            let sent = by_day.iter().map(|by_day| by_day[index]).sum();
            let usd = estimate(sent, *usd_per_million, stored);
            say(format_args!("{client},{tier},{date},{sent},{stored},{usd:.6}"));
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
fn estimate(requests: i64, usd_per_million: f64, customers: u64) -> f64 {
    requests as f64 * usd_per_million / 1e6 + customers as f64 * USD_PER_CUSTOMER_AND_DAY
}

/// Adds the requests of a plan's keys on each of `dates`. A tenant that changed its tier has requests in two plans.
async fn add_requests(
    plan: &Plan,
    gateway: &Client,
    dates: &[String],
    requests: &mut HashMap<String, Vec<i64>>,
) -> Result<(), CallFailed> {
    let (first, last) = (&dates[0], &dates[dates.len() - 1]);
    let usage = gateway.get_usage().usage_plan_id(&plan.id).start_date(first).end_date(last);
    let mut pages = usage.into_paginator().send();
    while let Some(page) = pages.next().await {
        for (key, by_day) in page.map_err(CallFailed::of("GetUsage"))?.items.unwrap_or_default() {
            let total = requests.entry(key).or_insert_with(|| vec![0; dates.len()]);
            for (total, day) in total.iter_mut().zip(by_day) {
                // Each day has two numbers: the requests of that day, and the rest of the quota.
                *total += day.first().copied().unwrap_or_default();
            }
        }
    }
    Ok(())
}

/// A day in UTC.
fn date(time: SystemTime) -> String {
    let mut text = humantime::format_rfc3339_seconds(time).to_string();
    text.truncate("2026-11-25".len());
    text
}
