//! Generates the figures in `docs/costs.md` from the capacity that DynamoDB reports, and compares them with the page.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use api_tests::{Answer, Session, TestApp};
use local::table::{TEMPLATE, TableDefinition};
use serde_json::{Value, json};

/// If this variable is set, the page is rewritten.
const RECORD: &str = "RECORD_COSTS";

/// List prices of US East (N. Virginia) in dollars, as of 2026, without free tiers and volume discounts.
mod price {
    pub(super) const MILLION_READ_UNITS: f64 = 0.125;
    pub(super) const MILLION_WRITE_UNITS: f64 = 0.625;
    pub(super) const MILLION_REST_REQUESTS: f64 = 3.50;
    pub(super) const MILLION_HTTP_REQUESTS: f64 = 1.00;
    pub(super) const MILLION_INVOCATIONS: f64 = 0.20;
    pub(super) const GB_SECOND_ARM64: f64 = 0.000_013_333_4;
    pub(super) const GB_SECOND_X86_64: f64 = 0.000_016_666_7;
    pub(super) const LOGGED_GB: f64 = 0.50;
    pub(super) const STORED_GB_MONTH: f64 = 0.25;
    pub(super) const BACKUP_GB_MONTH: f64 = 0.20;
    pub(super) const ALARM_MONTH: f64 = 0.10;
}

/// The assumed duration of a DynamoDB call in milliseconds. DynamoDB usually responds in single-digit milliseconds.
const CALL_MS: f64 = 4.0;
/// The assumed CPU time of a request on a whole core in milliseconds, slightly more than `docs/performance.md` shows.
const CPU_MS: f64 = 0.6;
/// The memory in MB with which a function gets one whole core. With less memory it gets a part of a core.
const WHOLE_CORE_MB: u32 = 1769;
/// The bytes of log per request: our line, the access log's line and Lambda's own lines.
const LOG_BYTES: [u32; 3] = [610, 430, 262];
/// The estimated size in KB of a customer with its guard and six index entries, and the 100 bytes that DynamoDB adds to
/// each entry.
const CUSTOMER_KB: f64 = 2.5;

/// The resources that one request uses, and the function that serves it.
#[derive(Debug, Clone, PartialEq)]
struct Cost {
    what: &'static str,
    function: &'static str,
    calls: u32,
    reads: f64,
    index_reads: f64,
    writes: f64,
    index_writes: f64,
}

impl Cost {
    /// The cost of a million such requests in DynamoDB.
    fn dynamodb(&self) -> f64 {
        self.reads * price::MILLION_READ_UNITS + self.writes * price::MILLION_WRITE_UNITS
    }

    /// The part of this cost that is for the index.
    fn index(&self) -> f64 {
        self.index_reads * price::MILLION_READ_UNITS + self.index_writes * price::MILLION_WRITE_UNITS
    }

    /// The cost of Lambda's time for a million such requests.
    fn time(&self, memory: u32, gb_second: f64) -> f64 {
        milliseconds(self.calls, memory) / 1e3 * f64::from(memory) / 1024.0 * gb_second * 1e6
    }

    /// The total cost of a million such requests with the settings of the template.
    fn together(&self) -> f64 {
        let time = self.time(memory_of(self.function), price::GB_SECOND_ARM64);
        price::MILLION_REST_REQUESTS + price::MILLION_INVOCATIONS + time + self.dynamodb() + logs()
    }
}

fn milliseconds(calls: u32, memory: u32) -> f64 {
    f64::from(calls) * CALL_MS + CPU_MS * (f64::from(WHOLE_CORE_MB) / f64::from(memory)).max(1.0)
}

/// The cost of the logs of a million requests.
fn logs() -> f64 {
    f64::from(LOG_BYTES.iter().sum::<u32>()) / 1e3 * price::LOGGED_GB
}

/// The memory of a function in the template, in MB.
fn memory_of(function: &str) -> u32 {
    let template: serde_yaml::Value = serde_yaml::from_str(TEMPLATE).unwrap();
    let own = template["Resources"][function]["Properties"]["MemorySize"].as_u64();
    let memory = own.or_else(|| template["Globals"]["Function"]["MemorySize"].as_u64());
    u32::try_from(memory.unwrap()).unwrap()
}

/// The number of metrics that the template's alarms use. An alarm on an expression is billed for each metric in it.
fn alarm_metrics() -> u32 {
    let template: serde_yaml::Value = serde_yaml::from_str(TEMPLATE).unwrap();
    let resources = template["Resources"].as_mapping().unwrap().values();
    let alarms = resources.filter(|resource| resource["Type"].as_str() == Some("AWS::CloudWatch::Alarm"));
    let metrics = alarms.map(|alarm| match alarm["Properties"]["Metrics"].as_sequence() {
        Some(metrics) => metrics.iter().filter(|metric| metric["MetricStat"].is_mapping()).count(),
        None => 1,
    });
    u32::try_from(metrics.sum::<usize>()).unwrap()
}

const CUSTOMERS: &str = "CustomersFunction";
const LINKS: &str = "LinksFunction";
const TAGS: &str = "TagsFunction";
const ADDRESSES: &str = "AddressesFunction";

struct Meter {
    app: TestApp,
    costs: Vec<Cost>,
}

impl Meter {
    /// Records the resources of the last request.
    fn note(&mut self, what: &'static str, function: &'static str, answer: &Answer) {
        assert!(answer.status < 300 || answer.status == 404, "{what}: {answer:?}");
        let calls = self.app.wire.take_calls();
        let sum = |reads: bool, index: bool| {
            let of_kind = calls
                .iter()
                .filter(|call| matches!(call.operation.as_str(), "Query" | "GetItem" | "BatchGetItem") == reads);
            of_kind.fold(0.0, |sum, call| sum + if index { call.index_capacity } else { call.capacity })
        };
        self.costs.push(Cost {
            what,
            function,
            calls: u32::try_from(calls.len()).unwrap(),
            reads: sum(true, false),
            index_reads: sum(true, true),
            writes: sum(false, false),
            index_writes: sum(false, true),
        });
    }
}

const READ: &str = "read by id";
const FIND: &str = "find by phone";
const MATCH: &str = "create that matches";
const CREATE: &str = "create that creates";
const SEARCH: &str = "search by name";
const UPDATE: &str = "update";
const LINK: &str = "link or unlink";
const TAG: &str = "tag or untag";
const LIST: &str = "list addresses";
const SAVE: &str = "save a new address";
const DELETE: &str = "delete a customer with one address";

/// Sends every kind of request once and measures it.
async fn measure(table: &TableDefinition) -> Vec<Cost> {
    let app = TestApp::start_with(table).await;
    let operator: Session = app.admin();
    // From now on the tenant's settings are cached.
    operator.post("customer", json!({ "phone": "0861234567" })).await;
    app.wire.take_calls();
    let mut meter = Meter { app, costs: Vec::new() };
    let body = json!({ "phone": "0871234567", "firstName": "Aoife", "email": "aoife@example.com" });
    let created = operator.post("customer", body.clone()).await;
    meter.note(CREATE, CUSTOMERS, &created);
    let customer = format!("customer/{}", created.body["id"].as_str().unwrap());
    let with_password = json!({ "phone": "0851234567", "password": "correct horse" });
    meter.note("create with a password", CUSTOMERS, &operator.post("customer", with_password).await);
    meter.note(MATCH, CUSTOMERS, &operator.post("customer", body).await);
    let on_brand = operator.post("brand/city/customer", json!({ "phone": "0871234567" })).await;
    meter.note("create that matches and links the brand", CUSTOMERS, &on_brand);
    meter.note(READ, CUSTOMERS, &operator.get(&customer).await);
    meter.note(FIND, CUSTOMERS, &operator.get("customer/phone?phone=0871234567").await);
    let unknown = operator.get("customer/phone?phone=0831234567").await;
    meter.note("find by a phone that no customer has", CUSTOMERS, &unknown);
    let update = async |body: Value| operator.post(&customer, body).await;
    meter.note("update of a name", CUSTOMERS, &update(json!({ "lastName": "Byrne" })).await);
    meter.note(UPDATE, CUSTOMERS, &update(json!({ "rating": 90 })).await);
    meter.note(SEARCH, CUSTOMERS, &operator.get("customer?name=byrne,%20ao").await);
    meter.note("search by e-mail or last digits", CUSTOMERS, &operator.get("customer?phoneEnding=4567").await);
    meter.note("list customers", CUSTOMERS, &operator.get("customer").await);
    meter.note("update of the phone", CUSTOMERS, &update(json!({ "phone": "0871234568" })).await);
    meter.note("update of the password", CUSTOMERS, &update(json!({ "password": "correct horse" })).await);
    meter.note(LINK, LINKS, &operator.post_empty(&format!("{customer}/account/acme")).await);
    meter.note(TAG, TAGS, &operator.post_empty(&format!("{customer}/tag/vip")).await);
    meter.note("list tags", TAGS, &operator.get(&format!("{customer}/tag")).await);
    let place = json!({ "address": "1 Main Street", "latitude": 53.1, "longitude": -6.1 });
    let saved = operator.post(&format!("{customer}/addresses"), place).await;
    meter.note(SAVE, ADDRESSES, &saved);
    meter.note(LIST, ADDRESSES, &operator.get(&format!("{customer}/addresses")).await);
    meter.note(DELETE, CUSTOMERS, &operator.delete(&customer).await);
    meter.costs
}

/// The assumed number of requests per month of a tenant with 100,000 customers.
const MONTH: [(&str, u32); 11] = [
    (FIND, 100_000),
    (SEARCH, 10_000),
    (MATCH, 195_000),
    (CREATE, 5_000),
    (READ, 200_000),
    (LIST, 100_000),
    (SAVE, 10_000),
    (UPDATE, 4_000),
    (LINK, 1_000),
    (TAG, 1_000),
    (DELETE, 200),
];
const MONTH_CUSTOMERS: f64 = 100_000.0;

fn of<'a>(costs: &'a [Cost], what: &str) -> &'a Cost {
    costs.iter().find(|cost| cost.what == what).unwrap()
}

/// A sum over all requests of a month. The numbers of requests are in millions.
fn monthly(costs: &[Cost], amount: impl Fn(&Cost) -> f64) -> f64 {
    MONTH.iter().map(|(what, times)| amount(of(costs, what)) * f64::from(*times) / 1e6).sum()
}

fn dollars(amount: f64) -> String {
    format!("${:.2}", to_cents(amount))
}

/// Rounds half a cent up, as people do. The formatter would round it to the even cent.
fn to_cents(amount: f64) -> f64 {
    (amount * 100.0 + 1e-9).round() / 100.0
}

/// A number with thousands separators.
fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let (head, tail) = digits.split_at(digits.len().saturating_sub(3));
    if head.is_empty() { digits } else { format!("{},{tail}", thousands(head.parse().unwrap())) }
}

/// Units and the index's share of them, such as `5 (1)`. Without a share, only the number.
fn units(all: f64, index: f64) -> String {
    if index > 0.0 { format!("{all} ({index})") } else { format!("{all}") }
}

fn row(text: &mut String, cells: &[String]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn page(keys_only: &[Cost], all: &[Cost]) -> String {
    let mut text = String::from(INTRODUCTION);
    for cost in keys_only {
        let reads = units(cost.reads, cost.index_reads);
        let writes = units(cost.writes, cost.index_writes);
        let dynamodb = units_of_money(cost);
        row(&mut text, &[cost.what.to_owned(), cost.calls.to_string(), reads, writes, dynamodb]);
    }
    text += CALLS;
    for cost in keys_only {
        let time = cost.time(memory_of(cost.function), price::GB_SECOND_ARM64);
        let parts = [price::MILLION_REST_REQUESTS, price::MILLION_INVOCATIONS, time, cost.dynamodb(), logs()];
        let parts = parts.map(dollars).join(" | ");
        row(&mut text, &[cost.what.to_owned(), parts, format!("**{}**", dollars(cost.together()))]);
    }
    text += MILLION;
    for (what, times) in MONTH {
        let cost = of(keys_only, what).together() * f64::from(times) / 1e6;
        row(&mut text, &[what.to_owned(), thousands(times), dollars(cost)]);
    }
    let gb = MONTH_CUSTOMERS * CUSTOMER_KB / 1e6;
    let stored = gb * (price::STORED_GB_MONTH + price::BACKUP_GB_MONTH);
    row(&mut text, &["storage and backups".to_owned(), "100,000 customers".to_owned(), dollars(stored)]);
    let all_requests = MONTH.iter().map(|(_, times)| times).sum();
    let requests = f64::from(all_requests) / 1e6;
    let rest = monthly(keys_only, Cost::together) + stored;
    let count = format!("{} requests", thousands(all_requests));
    row(&mut text, &["**together**".to_owned(), count, format!("**{}**", dollars(rest))]);
    let index = dollars(monthly(keys_only, Cost::index));
    let _ = write!(text, "\nThe indexes cost {index} of this.\n{PLANS}");
    for (name, million) in [("REST API", price::MILLION_REST_REQUESTS), ("HTTP API", price::MILLION_HTTP_REQUESTS)] {
        let month = rest + requests * (million - price::MILLION_REST_REQUESTS);
        row(&mut text, &[name.to_owned(), dollars(million), dollars(month)]);
    }
    text += INDEX;
    for (one, other) in keys_only.iter().zip(all).filter(|(one, other)| one.dynamodb() < other.dynamodb()) {
        row(&mut text, &[one.what.to_owned(), units_of_money(one), units_of_money(other)]);
    }
    let month = [keys_only, all].map(|costs| dollars(monthly(costs, Cost::dynamodb)));
    row(&mut text, &["the month above, DynamoDB only".to_owned(), month[0].clone(), month[1].clone()]);
    text += PROCESSORS;
    for (name, gb_second) in [("arm64", price::GB_SECOND_ARM64), ("x86_64", price::GB_SECOND_X86_64)] {
        let find = of(keys_only, FIND).time(memory_of(CUSTOMERS), gb_second);
        let month = monthly(keys_only, |cost| cost.time(memory_of(cost.function), gb_second));
        row(&mut text, &[name.to_owned(), dollars(find), dollars(month)]);
    }
    text += MEMORY;
    for memory in [128, 256, 512, 1024, WHOLE_CORE_MB] {
        let find = of(keys_only, FIND);
        let time = format!("{:.1}", milliseconds(find.calls, memory));
        row(
            &mut text,
            &[format!("{} MB", thousands(memory)), time, dollars(find.time(memory, price::GB_SECOND_ARM64))],
        );
    }
    let _ = write!(
        text,
        "\n`customers` has {} MB because it hashes passwords. A hash takes 40 ms on a whole core.\n{BY_THE_MONTH}\
         | alarms | $0.10 for each metric that an alarm reads, {} for all |\n{STORAGE}",
        thousands(memory_of(CUSTOMERS)),
        dollars(f64::from(alarm_metrics()) * price::ALARM_MONTH),
    );
    text
}

/// DynamoDB's cost for a million requests, and the index's share of it.
fn units_of_money(cost: &Cost) -> String {
    let index = cost.index();
    let index = if index > 0.0 { format!(" ({:.2})", to_cents(index)) } else { String::new() };
    dollars(cost.dynamodb()) + &index
}

#[tokio::test]
async fn the_page_of_costs_agrees_with_the_measured_capacity() {
    let keys_only = measure(&TableDefinition::from_template().unwrap()).await;
    let projected = TEMPLATE.replace("ProjectionType: KEYS_ONLY", "ProjectionType: ALL");
    assert_ne!(projected, TEMPLATE);
    let all = measure(&TableDefinition::parse(&projected).unwrap()).await;
    let generated = page(&keys_only, &all);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/costs.md");
    if std::env::var_os(RECORD).is_some() {
        fs::write(&file, &generated).unwrap();
    }
    let committed = fs::read_to_string(file).unwrap();
    assert!(committed == generated, "run .ci/regenerate and look at what changed in docs/costs.md");
}

#[test]
fn the_costs_include_the_share_of_the_index() {
    let cost =
        Cost { what: "", function: CUSTOMERS, calls: 2, reads: 0.5, index_reads: 0.5, writes: 5.0, index_writes: 1.0 };
    assert_eq!(units(cost.writes, cost.index_writes), "5 (1)");
    // 0.5 × 0.125 + 5 × 0.625, and the index's 0.5 × 0.125 + 1 × 0.625.
    assert_eq!(units_of_money(&cost), "$3.19 (0.69)");
}

#[test]
fn money_and_counts_have_separators_and_are_rounded() {
    assert_eq!([0.625, 0.124_9, 12.0].map(dollars), ["$0.63", "$0.12", "$12.00"]);
    assert_eq!([200, 1_769, 1_234_567].map(thousands), ["200", "1,769", "1,234,567"]);
    assert_eq!(thousands(100_000), "100,000");
}

const INTRODUCTION: &str = "\
# Costs

A test (`tests/tests/api/costs.rs`) writes this page from the capacity that the embedded DynamoDB reports, and fails if
the page is out of date. Prices are list prices of US East (N. Virginia) of 2026, without free tiers and volume
discounts. Prices of requests, units, time and logs were verified. Those of the dashboard, storage, backups and traces
(marked *) were not.

## DynamoDB calls per operation

The table shows the units of one request, for items under 1 KB, and the cost of a million requests in DynamoDB. The
share of the indexes is in brackets.

| operation | calls | read units | write units | DynamoDB, a million |
|---|---|---|---|---|
";

const CALLS: &str = "
A find makes up to four calls while the index is behind, and a create that loses a race makes three. Unlinking a default
makes two calls. Deleting a customer makes two more calls for every 99 addresses over 90.
[`budget.rs`](../tests/tests/api/budget.rs) asserts the calls and units of every operation. Each function caches a
tenant's settings for a minute; the read that fills the cache is additional.

## A million requests

| operation | REST API | Lambda, requests | Lambda, time | DynamoDB | logs | together |
|---|---|---|---|---|---|---|
";

const MILLION: &str = "
- **Lambda, time** is an assumption: 4 ms for each call of DynamoDB, and 0.6 ms of CPU on a whole core. A function with
  less than 1,769 MB gets only part of a core. Replace the assumption with the figure from your logs. Hashing a password
  adds about 40 ms.
- **Logs**: our line of 610 bytes, the access log's of 430 and Lambda's own of 262, at $0.50 for a GB.
- **The authorizer** runs at most once in five minutes for each token: $0.20 and some time for a million runs.

## A tenant's month

A tenant has 100,000 customers and 200,000 bookings a month. Each booking matches or creates a customer, and reads it
again when the taxi is sent. Half of the bookings begin with a lookup by phone, and half list the addresses. This mix is
an assumption.

| operation | requests | cost |
|---|---|---|
";

const PLANS: &str = "
## REST API against HTTP API

An HTTP API has no usage plans and no API keys, so it cannot throttle one tenant without slowing the others. The
difference in price pays for throttling by tenant. An HTTP API also has no request validation and no gateway responses.

| | a million requests | the month above |
|---|---|---|
";

const INDEX: &str = "
## KEYS_ONLY against ALL

With all attributes in the indexes, each write of a customer also writes its entries there. The table shows the
operations that differ: the cost of a million requests in DynamoDB, with the share of the indexes in brackets.

| operation | KEYS_ONLY | ALL |
|---|---|---|
";

const PROCESSORS: &str = "
With `ALL`, a find could skip its second read, but could then return a record that is out of date
([decision 2](decisions/0002-guard-decides-index-finds.md)). `ALL` would also store each customer again in each index.

## arm64 against x86_64

Lambda's time, if both take equally long:

| | a million finds | the month above |
|---|---|---|
";

const MEMORY: &str = "
## Memory

A find waits equally long for its two DynamoDB calls with any memory. Less memory only increases its CPU time:

| memory | a find, ms | a million finds, Lambda's time |
|---|---|---|
";

const BY_THE_MONTH: &str = "
## Monthly costs

| what | cost |
|---|---|
| metrics | $0.30 each, two for each operation and status class in use; 50 such pairs cost $30 |
";

const STORAGE: &str = "\
| the five metrics counted in the logs | $0.30 each |
| the secret that encrypts cursors* | $0.40 |
| dashboard* | $3.00 for each after the first three of an account |
| storage* | $0.25 for a GB, and $0.20 for its backups |
| X-Ray*, where it is on | $5 for a million traces |

A customer with its guard and its entries in six indexes takes about 2.5 KB: a million of them cost $1.13 a month.
";
