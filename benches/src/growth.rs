//! Measures whether more customers and more tenants make a find slower or increase its calls.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::Value;

use crate::Failure;
use crate::measure::median;
use crate::process::Running;
use crate::report::milliseconds;
use crate::store::{Fixture, finds};
use crate::subjects::{self, Work};

/// How many finds are measured on each table.
const FINDS: usize = 1_000;
/// How many tenants the finds are spread over. A function caches the settings of at least as many.
const TENANTS: usize = 200;
/// The maximum time of a find, as a multiple of the time on the first table.
const MAX_SLOWDOWN: f64 = 1.2;

/// A table of some size.
struct Size {
    tenants: u32,
    customers: u32,
}

const SIZES: [Size; 5] = [
    Size { tenants: 1, customers: 1_000 },
    Size { tenants: 1, customers: 100_000 },
    Size { tenants: 1, customers: 1_000_000 },
    Size { tenants: 100, customers: 100_000 },
    Size { tenants: 10_000, customers: 100_000 },
];

impl Size {
    /// Creates the table, and returns how many customers were created per second.
    async fn fill(&self, folder: &Path) -> Result<(Fixture, f64), Failure> {
        let file = folder.join(format!("{}-{}.db", self.tenants, self.customers));
        let fixture = Fixture::open(Some(&file)).await?;
        fixture.begin_bulk_load()?;
        let began = Instant::now();
        for tenant in 0..self.tenants {
            fixture.fill(&name(tenant), self.customers / self.tenants).await?;
        }
        fixture.end_bulk_load()?;
        Ok((fixture, f64::from(self.customers) / began.elapsed().as_secs_f64()))
    }

    /// Finds of random customers: first one for each tenant, so that the function caches the tenant's settings, then
    /// the finds that are measured.
    fn events(&self) -> (Vec<Value>, Vec<Value>) {
        let mut rng = Rng::with_seed(7);
        let each = self.customers / self.tenants;
        let spread = self.tenants.min(u32::try_from(TENANTS).expect("a few hundred"));
        let tenants: Vec<_> = (0..spread).map(|index| name(index * (self.tenants / spread))).collect();
        let mut find = |tenant: &String| finds(tenant, std::iter::once(rng.u32(..each))).remove(0);
        let first = tenants.iter().map(&mut find).collect();
        let then = tenants.iter().cycle().take(FINDS).map(find).collect();
        (first, then)
    }
}

fn name(tenant: u32) -> String {
    format!("tenant-{tenant}")
}

/// Measures all sizes in turn. Returns whether the calls are equal and the times within [`MAX_SLOWDOWN`], and a table
/// of the results.
pub(crate) async fn run() -> Result<(bool, String), Failure> {
    let scratch = subjects::scratch()?;
    let folder = scratch.join("growth");
    // In a table of an earlier run, all customers would exist already.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut tables = Vec::new();
    for size in &SIZES {
        eprintln!("{} customers of {} tenants", size.customers, size.tenants);
        let (fixture, rate) = size.fill(&folder).await?;
        let bootstrap = subjects::root().join("target/release/customers");
        let subject = subjects::function("customers", Work::Find, bootstrap, &fixture);
        let log = folder.join(format!("{}-{}.log", size.tenants, size.customers));
        tables.push((size, fixture, rate, Running::start(&subject.program, &log).await?));
    }
    let mut events = Vec::new();
    for ((size, _, _, running), index) in tables.iter_mut().zip(0..) {
        let (first, then) = size.events();
        for event in first {
            found(running, &event).await.map_err(|error| format!("table {index}: {error}"))?;
        }
        events.push(then);
    }
    let mut times = vec![Vec::with_capacity(FINDS); tables.len()];
    for find in 0..FINDS {
        for (((_, _, _, running), events), times) in tables.iter_mut().zip(&events).zip(&mut times) {
            times.push(found(running, &events[find]).await?);
        }
    }
    let mut text = String::from(
        "| customers | tenants | created a second | DynamoDB calls of a find | find, ms | against the first |\n\
         |---|---|---|---|---|---|\n",
    );
    let mut first: Option<(Duration, u64)> = None;
    let mut is_good = true;
    for ((size, _, rate, mut running), times) in tables.into_iter().zip(times) {
        running.idle().await?;
        let calls = calls(&running.log()?, FINDS)?;
        running.stop().await?;
        let time = median(times);
        let (first_time, first_calls) = *first.get_or_insert((time, calls));
        let factor = time.as_secs_f64() / first_time.as_secs_f64();
        is_good &= calls == first_calls && factor <= MAX_SLOWDOWN;
        let row = [
            size.customers.to_string(),
            size.tenants.to_string(),
            format!("{rate:.0}"),
            calls.to_string(),
            milliseconds(time),
            format!("{factor:.2}"),
        ];
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    fs::remove_dir_all(&folder)?;
    Ok((is_good, text))
}

async fn found(running: &mut Running, event: &Value) -> Result<Duration, Failure> {
    let (time, answer) = running.invoke(event).await?;
    if answer["statusCode"] == 200 { Ok(time) } else { Err(format!("no customer was found: {answer}").into()) }
}

/// How many calls of DynamoDB each of the last `finds` requests made, by the log of the function.
fn calls(log: &str, finds: usize) -> Result<u64, Failure> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let calls: Vec<_> = lines.filter_map(|line| line["dynamodb_calls"].as_u64()).collect();
    let last = calls.get(calls.len().saturating_sub(finds)..).unwrap_or_default();
    match last {
        [calls, rest @ ..] if last.len() == finds && rest.iter().all(|other| other == calls) => Ok(*calls),
        _ => Err("the finds do not all make the same number of calls".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_are_those_of_the_last_requests_and_all_the_same() {
        let log = "started\n{\"dynamodb_calls\":3}\n{\"dynamodb_calls\":2}\n{\"dynamodb_calls\":2}\n";
        assert_eq!(calls(log, 2).expect("equal"), 2);
        assert!(calls(log, 3).is_err());
        assert!(calls(log, 4).is_err());
    }
}
