//! Simulates how tenants of very different sizes load the table's partitions, because no AWS account was available to
//! measure it.
//!
//! The model:
//! - A partition holds at most 10 GB and serves at most 3,000 read and 1,000 write units a second. There are as many as
//!   the data needs or as evenly spread traffic would need, whichever is more, and at least the four of a new on-demand
//!   table. DynamoDB also splits hot partitions, which the model leaves out; this would only help.
//! - A hash of the whole partition key decides which partition an item is in.
//! - Customers and requests follow Zipf's law: the second tenant has half as many as the first, the third a third.
//! - Within a tenant, each request is about a random customer.
//! - A booking makes two requests: a match or create and a lookup. See [`MIX`].

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};

use fastrand::Rng;

/// Limits of one partition, in units a second.
const MOST_READS: f64 = 3_000.0;
const MOST_WRITES: f64 = 1_000.0;
/// Bytes that one partition holds.
const PARTITION: f64 = 10e9;
/// Bytes of a customer with its guard, and half a dozen addresses for one customer in four.
const CUSTOMER: f64 = 2_000.0;
/// Bytes of a customer's entry in the index.
const ENTRY: f64 = 300.0;
/// The partitions of a new on-demand table, which serves 12,000 read units and 4,000 write units.
const INITIAL_PARTITIONS: u32 = 4;
const SECONDS: u32 = 5;

/// The kinds of requests. [`MIX`] has their shares.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Finds a customer by phone, or matches one.
    Find,
    /// Creates a customer.
    Create,
    /// Reads a customer by its id.
    Read,
    /// Updates, links or tags.
    Update,
    /// Saves an address.
    SaveAddress,
}

const MIX: [(Kind, u32); 5] =
    [(Kind::Find, 60), (Kind::Create, 5), (Kind::Read, 20), (Kind::Update, 10), (Kind::SaveAddress, 5)];

/// One simulated deployment.
struct Case {
    name: &'static str,
    tenants: u32,
    customers: f64,
    requests_a_second: u32,
    /// Zipf's exponent; 0 is no skew.
    skew: f64,
}

const CASES: [Case; 5] = [
    Case { name: "small", tenants: 100, customers: 1e6, requests_a_second: 1_000, skew: 1.0 },
    Case { name: "the account's limit", tenants: 10_000, customers: 1e8, requests_a_second: 10_000, skew: 1.0 },
    Case { name: "a million tenants", tenants: 1_000_000, customers: 1e9, requests_a_second: 10_000, skew: 1.0 },
    Case { name: "ten times the limit", tenants: 1_000_000, customers: 1e9, requests_a_second: 100_000, skew: 1.2 },
    Case { name: "one tenant has it all", tenants: 1, customers: 1e6, requests_a_second: 10_000, skew: 0.0 },
];

/// Units in one second on each partition.
struct Load {
    reads: Vec<f64>,
    writes: Vec<f64>,
    /// The highest load of any partition in any second.
    most_reads: f64,
    most_writes: f64,
}

impl Load {
    fn new(partitions: u32) -> Self {
        let none = vec![0.0; partitions as usize];
        Self { reads: none.clone(), writes: none, most_reads: 0.0, most_writes: 0.0 }
    }

    /// Counts units on the partition of this key.
    fn count(&mut self, key: impl std::hash::Hash, reads: f64, writes: f64) {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let partition = usize::try_from(hasher.finish() % self.reads.len() as u64).expect("less than the partitions");
        self.reads[partition] += reads;
        self.writes[partition] += writes;
    }

    /// Begins the next second.
    fn tick(&mut self) {
        let most = |units: &[f64]| units.iter().copied().fold(0.0, f64::max);
        self.most_reads = self.most_reads.max(most(&self.reads));
        self.most_writes = self.most_writes.max(most(&self.writes));
        self.reads.fill(0.0);
        self.writes.fill(0.0);
    }

    fn is_within_limits(&self) -> bool {
        self.most_reads <= MOST_READS && self.most_writes <= MOST_WRITES
    }
}

/// The load of the table and its index, and their load if the tenant alone were the partition key.
struct Outcome {
    table: Load,
    index: Load,
    by_tenant: Load,
}

impl Case {
    fn run(&self) -> Outcome {
        let shares = shares(self.tenants, self.skew);
        let requests = f64::from(self.requests_a_second);
        let mean = |units: fn(Kind) -> f64| {
            MIX.iter().map(|(kind, of_100)| units(*kind) * f64::from(*of_100) / 100.0).sum::<f64>() * requests
        };
        let table = partitions(self.customers * CUSTOMER, mean(|kind| units(kind).0), mean(|kind| units(kind).1));
        let index = partitions(self.customers * ENTRY, mean(|kind| units(kind).2), mean(|kind| units(kind).3));
        let (mut table, mut index, mut by_tenant) = (Load::new(table), Load::new(index), Load::new(table));
        let mut rng = Rng::with_seed(1);
        for _ in 0..SECONDS {
            for _ in 0..self.requests_a_second {
                let (tenant, share) = pick(&shares, &mut rng);
                let customer = rng.f64() * self.customers * share;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^53")]
                let customer = customer as u64;
                let kind = kind(&mut rng);
                let (reads, writes, index_reads, index_writes) = units(kind);
                if let Kind::Create = kind {
                    // The customer and the guard of its phone have different partition keys.
                    table.count(("customer", tenant, customer), reads, writes / 2.0);
                    table.count(("phone", tenant, customer), 0.0, writes / 2.0);
                } else {
                    table.count(("customer", tenant, customer), reads, writes);
                }
                index.count(("phone", tenant, customer), index_reads, index_writes);
                by_tenant.count(tenant, reads, writes);
            }
            for load in [&mut table, &mut index, &mut by_tenant] {
                load.tick();
            }
        }
        Outcome { table, index, by_tenant }
    }
}

/// The read and write units of a request on the table and on the index, as in `docs/costs.md`.
fn units(kind: Kind) -> (f64, f64, f64, f64) {
    match kind {
        Kind::Find => (1.0, 0.0, 0.5, 0.0),
        Kind::Create => (0.0, 4.0, 0.5, 1.0),
        Kind::Read => (1.0, 0.0, 0.0, 0.0),
        Kind::Update => (0.0, 1.0, 0.0, 0.0),
        Kind::SaveAddress => (1.0, 4.0, 0.0, 0.0),
    }
}

fn partitions(bytes: f64, reads: f64, writes: f64) -> u32 {
    let needed = (bytes / PARTITION).max(reads / MOST_READS + writes / MOST_WRITES).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundreds")]
    let needed = needed as u32;
    needed.max(INITIAL_PARTITIONS)
}

/// The cumulative share of each tenant.
fn shares(tenants: u32, skew: f64) -> Vec<f64> {
    let weights = (1..=tenants).map(|rank| f64::from(rank).powf(-skew));
    let total: f64 = weights.clone().sum();
    let mut sum = 0.0;
    weights
        .map(|weight| {
            sum += weight / total;
            sum
        })
        .collect()
}

/// A random tenant, weighted by share.
fn pick(shares: &[f64], rng: &mut Rng) -> (usize, f64) {
    let drawn = rng.f64();
    let tenant = shares.partition_point(|sum| *sum <= drawn).min(shares.len() - 1);
    let before = if tenant == 0 { 0.0 } else { shares[tenant - 1] };
    (tenant, shares[tenant] - before)
}

fn kind(rng: &mut Rng) -> Kind {
    let mut drawn = rng.u32(..100);
    for (kind, of_100) in MIX {
        if drawn < of_100 {
            return kind;
        }
        drawn -= of_100;
    }
    unreachable!("the mix is of 100")
}

/// Simulates every case. Returns whether all are within the limits, and a table of the results.
pub(crate) fn run() -> (bool, String) {
    let mut text = format!(
        "Most units in any of {SECONDS} seconds on any partition; the limits are 3,000 read and 1,000 write units:\n\n\
         | case | tenants | customers | requests/s | first tenant's share | partitions: table, index | table: reads, writes | index: reads, writes | by tenant alone: reads, writes |\n\
         |---|---|---|---|---|---|---|---|---|\n"
    );
    let mut is_good = true;
    for case in &CASES {
        let Outcome { table, index, by_tenant } = case.run();
        is_good &= table.is_within_limits() && index.is_within_limits();
        let most = |load: &Load| {
            let over = if load.is_within_limits() { "" } else { ": **over**" };
            format!("{:.0}, {:.0}{over}", load.most_reads, load.most_writes)
        };
        let row = [
            case.name.to_owned(),
            case.tenants.to_string(),
            format!("{:.0} million", case.customers / 1e6),
            case.requests_a_second.to_string(),
            format!("{:.1} %", shares(case.tenants, case.skew)[0] * 100.0),
            format!("{}, {}", table.reads.len(), index.reads.len()),
            most(&table),
            most(&index),
            most(&by_tenant),
        ];
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    (is_good, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_zipfs_law_and_add_up() {
        let shares = shares(3, 1.0);
        assert!((shares[0] - 6.0 / 11.0).abs() < 1e-9 && (shares[1] - 9.0 / 11.0).abs() < 1e-9);
        assert!((shares[2] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_key_of_the_tenant_alone_overloads_a_partition_and_ours_does_not() {
        let case = Case { name: "", tenants: 1000, customers: 1e8, requests_a_second: 10_000, skew: 1.2 };
        let Outcome { table, index, by_tenant } = case.run();
        assert!(table.is_within_limits() && index.is_within_limits());
        assert!(!by_tenant.is_within_limits());
    }

    #[test]
    fn the_mix_is_of_100() {
        assert_eq!(MIX.iter().map(|(_, of_100)| of_100).sum::<u32>(), 100);
    }
}
