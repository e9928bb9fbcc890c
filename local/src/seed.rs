//! The command `seed`: fills a tenant with made-up passengers.

use std::error::Error;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use local::dynamodb::{EmbeddedDynamoDb, client};
use local::passengers::passenger;
use local::table;
use shared::api::{Caller, Role};
use shared::domain::Customer;
use shared::store::Store;
use tokio::net::TcpListener;

use crate::cli::Seed;
use crate::curl::Curl;
use crate::data_file::{DataError, DataFile, Endpoints};
use crate::home::Home;
use crate::token::{self, PRINTED_FOR};
use crate::{say, serve};

/// The number of concurrent batches. SQLite writes one at a time; meanwhile the others use the cores for JSON.
const IN_FLIGHT: usize = 4;
/// How long to wait for a `local` that has locked the data and cannot be reached yet.
const PATIENCE: Duration = Duration::from_secs(5);

/// A last name in the search that is printed. It finds `Wójcik`.
const SEARCHED: &str = "wojc";

/// The DynamoDB that the passengers are written to.
enum Target {
    /// An embedded DynamoDB of this command, on the data file.
    Ours(DataFile, EmbeddedDynamoDb),
    /// The `local` that uses the data file.
    Running(Endpoints),
}

impl Target {
    async fn find(home: &Home, named: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        match take_patiently(home, named).await {
            Ok(data) => {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                let is_new = fs::metadata(data.path())?.len() == 0;
                let dynamodb = serve::open(listener, Some(data.path())).await?;
                if is_new {
                    // A power cut would only lose made-up passengers. Waiting for the disk would take most of the time
                    // for a million of them.
                    dynamodb.begin_bulk_load()?;
                }
                Ok(Self::Ours(data, dynamodb))
            }
            Err(DataError::InUse { by: Some(endpoints), .. }) => Ok(Self::Running(endpoints)),
            Err(error) => Err(error.into()),
        }
    }

    fn endpoint(&self) -> String {
        match self {
            Self::Ours(_, dynamodb) => dynamodb.endpoint(),
            Self::Running(endpoints) => endpoints.dynamodb.clone(),
        }
    }
}

/// Locks the data file. If a `local` that is just starting has locked it, waits until that one can be reached.
async fn take_patiently(home: &Home, named: Option<&Path>) -> Result<DataFile, DataError> {
    let since = Instant::now();
    loop {
        match home.take_data(named) {
            Err(DataError::InUse { by: None, .. }) if since.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            taken => return taken,
        }
    }
}

/// Creates those of the first `--customers` made-up passengers that do not exist yet.
///
/// # Errors
/// If the data cannot be used, or DynamoDB fails.
pub(crate) async fn run(options: &Seed) -> Result<(), Box<dyn Error>> {
    let home = Home::find()?;
    let target = Target::find(&home, options.data.as_deref()).await?;
    let since = Instant::now();
    let created = load(&Store::new(&client(&target.endpoint()), table::LOCAL_NAME), options).await?;
    let took = since.elapsed().as_secs_f64();

    let known = u64::from(options.customers) - created;
    let rate = f64::from(options.customers) / took;
    say(format_args!(
        "Created {} customers of {} in {took:.1} s ({rate:.0} per second); {} existed already.",
        HumanCount(created),
        options.client,
        HumanCount(known)
    ));
    let phone = passenger(0)?.phone;
    let operator = Caller { client: options.client.clone(), role: Role::Operator, subject: None };
    let token = token::mint(&home.issuer()?, &operator, PRINTED_FOR)?;
    let find = |api: &str| {
        let (curl, client) = (Curl { api, token: Some(&token) }, options.client.as_str());
        format!("{}\nSearch them by name:\n  {}", curl.find(client, phone.as_str()), curl.search(client, SEARCHED))
    };
    match target {
        Target::Running(endpoints) => say(format_args!("Find one of them:\n  {}", find(&endpoints.api))),
        Target::Ours(data, dynamodb) => {
            dynamodb.end_bulk_load()?;
            dynamodb.stop().await?;
            let flag =
                if options.data.is_none() { String::new() } else { format!(" -- --data '{}'", data.path().display()) };
            let find = find("http://127.0.0.1:3000");
            say(format_args!("Find one of them, once `cargo run -p local{flag}` runs:\n  {find}"));
        }
    }
    Ok(())
}

/// Creates the passengers and returns how many were new.
async fn load(store: &Store, options: &Seed) -> Result<u64, Box<dyn Error>> {
    let bar = ProgressBar::new(options.customers.into()).with_style(ProgressStyle::with_template(
        "{wide_bar} {human_pos} of {human_len} customers, {per_sec}, {eta} left",
    )?);
    let mut left = 0..options.customers;
    let batches = std::iter::from_fn(|| {
        let batch: Vec<u32> = left.by_ref().take(Store::LOAD_AT_ONCE).collect();
        (!batch.is_empty()).then_some(batch)
    });
    let loads = batches.map(|batch| {
        let (store, client) = (store.clone(), options.client.clone());
        tokio::spawn(async move {
            let customers = batch.into_iter().map(passenger).collect::<Result<Vec<Customer>, _>>()?;
            let created = store.load(&client, &customers).await?;
            Ok::<_, Box<dyn Error + Send + Sync>>((customers.len() as u64, created as u64))
        })
    });
    let mut loading = stream::iter(loads).buffer_unordered(IN_FLIGHT);
    let mut created = 0;
    while let Some(batch) = loading.next().await {
        let (size, new) = batch?.map_err(|error| {
            format!("{error}; {created} customers were created. Run the same command again to create the others")
        })?;
        bar.inc(size);
        created += new;
    }
    bar.finish_and_clear();
    Ok(created)
}
