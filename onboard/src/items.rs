//! The items of tenants in the table. Every partition key starts with the tenant, but DynamoDB finds a partition only
//! by its whole key. So the items of a tenant are found by reading the whole table, or its index, in several segments
//! at once.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt::Debug;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, ReturnConsumedCapacity, WriteRequest};
use futures_util::future::try_join_all;
use indicatif::ProgressBar;
use shared::domain::{ClientId, CustomerId};
use shared::store::{ENTITY, Reindexed, Store, StoreError, keys};
use tokio::time::sleep;

use crate::aws::chain;

/// The number of segments that are read at once.
const SEGMENTS: i32 = 8;
/// The maximum number of requests in one `BatchWriteItem`.
const BATCH: usize = 25;
/// The upper limit of the first wait before unprocessed requests are sent again. It doubles with each further wait.
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// How often unprocessed requests are sent: for half a minute on average.
const ATTEMPTS: u32 = 11;

/// The table of a stage.
#[derive(Clone)]
pub(crate) struct Items {
    dynamodb: Client,
    table: String,
}

/// The number of items of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Count {
    pub(crate) by_entity: BTreeMap<String, u64>,
    /// The read units that counting used.
    pub(crate) read_units: f64,
}

impl Count {
    pub(crate) fn total(&self) -> u64 {
        self.by_entity.values().sum()
    }
}

/// What bringing customers up to date did.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) customers: u64,
    pub(crate) written: u64,
    pub(crate) renumbered: u64,
    /// The tenants and ids of customers whose phone has a current form that another customer has.
    pub(crate) phone_taken: Vec<(ClientId, CustomerId)>,
}

/// A failed call to DynamoDB. DynamoDB's own messages are left out, because they may repeat a key, and a key may
/// contain a phone number.
#[derive(Debug, thiserror::Error)]
#[error("DynamoDB {operation}: {cause}")]
pub(crate) struct ItemsError {
    operation: &'static str,
    cause: String,
}

impl ItemsError {
    fn of<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
        R: Debug + 'static,
        SdkError<E, R>: RequestId,
    {
        move |error| {
            let cause = match error.code() {
                Some(code) => format!("{code} (request id {})", error.request_id().unwrap_or("none")),
                None => chain(&error),
            };
            Self { operation, cause }
        }
    }
}

impl Items {
    pub(crate) fn new(dynamodb: &Client, table: &str) -> Self {
        Self { dynamodb: dynamodb.clone(), table: table.to_owned() }
    }

    /// Counts the items of a tenant. This reads the whole table.
    pub(crate) async fn count(&self, client: &ClientId) -> Result<Count, ItemsError> {
        let parts = self.in_segments(async |items, segment| {
            let mut count = Count::default();
            let mut pages = items.scan_of(client, segment).into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(ItemsError::of("Scan"))?;
                count.read_units +=
                    page.consumed_capacity().and_then(|units| units.capacity_units()).unwrap_or_default();
                for item in page.items() {
                    let entity = item.get(ENTITY).and_then(|entity| entity.as_s().ok());
                    *count.by_entity.entry(entity.map_or("unknown", String::as_str).to_owned()).or_default() += 1;
                }
            }
            Ok(count)
        });
        let mut count = Count::default();
        for part in parts.await? {
            count.read_units += part.read_units;
            add(&mut count.by_entity, part.by_entity);
        }
        Ok(count)
    }

    /// Erases the items of a tenant, and advances `bar` by one for each. This reads the whole table.
    pub(crate) async fn erase(&self, client: &ClientId, bar: &ProgressBar) -> Result<(), ItemsError> {
        let parts = self.in_segments(async |items, segment| {
            let mut pages = items.scan_of(client, segment).into_paginator().send();
            while let Some(page) = pages.next().await {
                for batch in page.map_err(ItemsError::of("Scan"))?.items().chunks(BATCH) {
                    items.delete(batch).await?;
                    bar.inc(batch.len() as u64);
                }
            }
            Ok(())
        });
        parts.await?;
        Ok(())
    }

    /// The number of customers of each tenant. This reads the whole index on the phone, which has one small entry per
    /// customer and no other entries.
    pub(crate) async fn customers(&self) -> Result<BTreeMap<String, u64>, ItemsError> {
        let parts = self.in_segments(async |items, segment| {
            let mut customers = BTreeMap::<_, u64>::new();
            let mut pages = items.scan(segment).index_name(keys::PHONE_INDEX).into_paginator().send();
            while let Some(page) = pages.next().await {
                for item in page.map_err(ItemsError::of("Scan"))?.items() {
                    let tenant = item.get(keys::PK).and_then(|pk| pk.as_s().ok()).and_then(|pk| keys::tenant_of(pk));
                    let tenant = tenant.expect("every key of the table begins with a tenant");
                    *customers.entry(tenant.to_string()).or_default() += 1;
                }
            }
            Ok(customers)
        });
        let mut customers = BTreeMap::new();
        for part in parts.await? {
            add(&mut customers, part);
        }
        Ok(customers)
    }

    /// The number of items in the table, as DynamoDB last counted them.
    pub(crate) async fn estimate(&self) -> Result<u64, ItemsError> {
        let described = self.dynamodb.describe_table().table_name(&self.table).send().await;
        let table = described.map_err(ItemsError::of("DescribeTable"))?.table;
        Ok(table.and_then(|table| table.item_count).and_then(|count| count.try_into().ok()).unwrap_or_default())
    }

    /// Brings every customer up to date, and advances `bar` by one for each item that was read.
    pub(crate) async fn reindex(&self, bar: &ProgressBar) -> Result<Done, ItemsError> {
        let store = &Store::new(&self.dynamodb, &self.table);
        let parts = self.in_segments(async |items, segment| {
            let mut done = Done::default();
            let mut pages = items
                .scan(segment)
                .consistent_read(true)
                .filter_expression("#sk = :profile")
                .expression_attribute_names("#sk", keys::SK)
                .expression_attribute_values(":profile", AttributeValue::S(keys::PROFILE.to_owned()))
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(ItemsError::of("Scan"))?;
                for item in page.items() {
                    done.customers += 1;
                    match store.reindex(item).await? {
                        Reindexed::Unchanged => {}
                        Reindexed::Written => done.written += 1,
                        Reindexed::Renumbered => done.renumbered += 1,
                        Reindexed::PhoneTaken => done.phone_taken.extend(owner(item)),
                    }
                }
                bar.inc(page.scanned_count().unsigned_abs().into());
            }
            Ok(done)
        });
        let mut all = Done::default();
        for part in parts.await? {
            all.customers += part.customers;
            all.written += part.written;
            all.renumbered += part.renumbered;
            all.phone_taken.extend(part.phone_taken);
        }
        all.phone_taken.sort_unstable();
        Ok(all)
    }

    /// Runs `work` for all segments at once.
    async fn in_segments<T>(
        &self,
        work: impl AsyncFn(&Self, i32) -> Result<T, ItemsError>,
    ) -> Result<Vec<T>, ItemsError> {
        try_join_all((0..SEGMENTS).map(|segment| work(self, segment))).await
    }

    fn scan(&self, segment: i32) -> ScanFluentBuilder {
        self.dynamodb.scan().table_name(&self.table).segment(segment).total_segments(SEGMENTS)
    }

    /// A scan for the keys and the entity of a tenant's items.
    fn scan_of(&self, client: &ClientId, segment: i32) -> ScanFluentBuilder {
        self.scan(segment)
            .filter_expression("begins_with(#pk, :tenant)")
            .projection_expression("#pk, #sk, #entity")
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#sk", keys::SK)
            .expression_attribute_names("#entity", ENTITY)
            .expression_attribute_values(":tenant", AttributeValue::S(keys::tenant_prefix(client)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Deletes at most [`BATCH`] items.
    async fn delete(&self, items: &[HashMap<String, AttributeValue>]) -> Result<(), ItemsError> {
        let requests = items.iter().map(|item| {
            let key = [keys::PK, keys::SK].map(|name| (name.to_owned(), item[name].clone()));
            let delete = DeleteRequest::builder().set_key(Some(key.into())).build().expect("it has a key");
            WriteRequest::builder().delete_request(delete).build()
        });
        let mut left: Vec<_> = requests.collect();
        for attempt in 0..ATTEMPTS {
            let write = self.dynamodb.batch_write_item().request_items(&self.table, left);
            let written = write.send().await.map_err(ItemsError::of("BatchWriteItem"))?;
            left = written.unprocessed_items.unwrap_or_default().remove(&self.table).unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
            sleep((FIRST_WAIT * 2_u32.pow(attempt)).mul_f64(fastrand::f64())).await;
        }
        Err(ItemsError { operation: "BatchWriteItem", cause: "throttled for too long".to_owned() })
    }
}

/// The tenant and the id of a stored customer.
fn owner(item: &HashMap<String, AttributeValue>) -> Option<(ClientId, CustomerId)> {
    let pk = item.get(keys::PK)?.as_s().ok()?;
    Some((keys::tenant_of(pk)?, keys::customer_of(pk)?))
}

impl From<StoreError> for ItemsError {
    fn from(error: StoreError) -> Self {
        Self { operation: "reindex", cause: error.to_string() }
    }
}

fn add(sum: &mut BTreeMap<String, u64>, part: BTreeMap<String, u64>) {
    for (name, number) in part {
        *sum.entry(name).or_default() += number;
    }
}
