//! Searches and lists customers. An index finds candidates; the records, read strongly consistent, decide.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::QueryError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::contention::Backoff;
use super::item;
use super::keys::{self, IndexQuery};
use super::{Store, StoreError};
use crate::domain::{ClientId, Customer, CustomerId, Question};

/// Where a page begins: in the `phase`-th query of the question, after the entry with the sort key `after`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Position {
    pub phase: usize,
    pub after: Option<String>,
}

/// A page of customers.
#[derive(Debug)]
pub struct Page {
    pub customers: Vec<Customer>,
    /// Where the next page begins; `None` if nothing can follow.
    pub next: Option<Position>,
}

/// An entry of an index.
struct Hit {
    phase: usize,
    customer: CustomerId,
}

impl Store {
    /// The customers that match `question`, from `position` on. At most `limit` entries of the indexes are looked at, so a
    /// page may have fewer customers than `limit` and still have a next page.
    ///
    /// Two calls: a query and a batch read; three where the phase of a search by name changes; one if nothing is found.
    /// Nothing is written, so a search that is cut off can be repeated.
    pub async fn search(
        &self,
        client: &ClientId,
        question: &Question,
        mut position: Position,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let queries = keys::queries(client, question);
        let mut hits: Vec<Hit> = Vec::new();
        let next = loop {
            let query = queries.get(position.phase).ok_or(StoreError::Inconsistent("a search has no such phase"))?;
            let room = limit - hits.len();
            let (mut found, is_cut) = self.entries(client, query, position.after.as_deref(), room + 1).await?;
            let has_more = is_cut || found.len() > room;
            found.truncate(room);
            for sort_key in &found {
                let customer = keys::customer_of_sort_key(sort_key);
                let customer = customer.ok_or(StoreError::Inconsistent("an index entry names no customer"))?;
                hits.push(Hit { phase: position.phase, customer });
            }
            if has_more {
                let last = found.pop().ok_or(StoreError::Inconsistent("a query was cut off before its first entry"))?;
                break Some(Position { after: Some(last), ..position });
            }
            position = Position { phase: position.phase + 1, after: None };
            if position.phase == queries.len() {
                break None;
            }
            if hits.len() == limit {
                break Some(position);
            }
        };
        let mut records = self.customers(client, &hits).await?;
        // A record is shown in one phase only, so that no page repeats what another one shows.
        let is_shown =
            |hit: &Hit, record: &Customer| question.matches(record) && question.phase_of(record) == hit.phase;
        let shown = hits.iter().filter_map(|hit| records.remove(&hit.customer).map(|record| (hit, record)));
        let customers = shown.filter(|(hit, record)| is_shown(hit, record)).map(|(_, record)| record).collect();
        Ok(Page { customers, next })
    }

    /// The sort keys of the first `limit` entries that `query` finds after `after`, and whether DynamoDB stopped before
    /// the end. One call.
    async fn entries(
        &self,
        client: &ClientId,
        query: &IndexQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<String>, bool), StoreError> {
        let IndexQuery { index, partition, prefix, is_descending } = query;
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let condition = match prefix {
            Some(_) => format!("{} = :partition AND begins_with({}, :prefix)", index.pk, index.sk),
            None => format!("{} = :partition", index.pk),
        };
        let start = match after {
            Some(after) => {
                let customer = keys::customer_of_sort_key(after);
                let customer = customer.ok_or(StoreError::Inconsistent("a search goes on after no customer"))?;
                let mut start = keys::customer(client, &customer).attributes();
                start.insert(index.pk.to_owned(), text(partition));
                start.insert(index.sk.to_owned(), text(after));
                Some(start)
            }
            None => None,
        };
        let output = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .index_name(index.name)
            .key_condition_expression(condition)
            .expression_attribute_values(":partition", text(partition))
            .set_exclusive_start_key(start)
            .scan_index_forward(!is_descending)
            .limit(i32::try_from(limit).expect("a page is small"));
        let output = match prefix {
            Some(prefix) => output.expression_attribute_values(":prefix", text(prefix)),
            None => output,
        };
        let output = match output.send().await {
            Ok(output) => output,
            Err(error) if is_missing_index(&error) => {
                return Err(StoreError::Unavailable {
                    operation: "Query",
                    cause: format!("the index {} is not there yet", index.name),
                });
            }
            Err(error) => return Err(StoreError::sdk("Query")(error)),
        };
        let is_cut = output.last_evaluated_key.is_some() && output.items().len() < limit;
        let sort_keys = output.items.unwrap_or_default().into_iter().map(|mut entry| match entry.remove(index.sk) {
            Some(AttributeValue::S(sort_key)) => Ok(sort_key),
            _ => Err(StoreError::Inconsistent("an index entry has no sort key")),
        });
        Ok((sort_keys.collect::<Result<_, _>>()?, is_cut))
    }

    /// The records of `hits` that exist, read strongly consistent. One call, and more while DynamoDB leaves keys
    /// unprocessed, which it does if it is throttled or the records are large.
    async fn customers(&self, client: &ClientId, hits: &[Hit]) -> Result<HashMap<CustomerId, Customer>, StoreError> {
        let mut left: Vec<_> = hits.iter().map(|hit| &hit.customer).collect();
        left.sort_unstable();
        left.dedup();
        let mut left: Vec<_> = left.into_iter().map(|id| keys::customer(client, id).attributes()).collect();
        let mut records = HashMap::new();
        let mut backoff = Backoff::new();
        while !left.is_empty() {
            let request = KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(true).build()?;
            let read = self.dynamodb.batch_get_item().request_items(&self.table, request).send().await;
            let read = read.map_err(StoreError::sdk("BatchGetItem"))?;
            for item in read.responses.unwrap_or_default().remove(&self.table).unwrap_or_default() {
                let record = item::to_customer(item)?;
                records.insert(record.id.clone(), record);
            }
            let unprocessed = read.unprocessed_keys.unwrap_or_default().remove(&self.table);
            left = unprocessed.map(|unprocessed| unprocessed.keys).unwrap_or_default();
            if !left.is_empty() {
                backoff.wait_or(|| StoreError::throttled("BatchGetItem")).await?;
            }
        }
        Ok(records)
    }
}

/// Whether the index does not exist yet, or DynamoDB is still filling it.
fn is_missing_index(error: &SdkError<QueryError>) -> bool {
    let is_about_index = |message: &str| {
        message.contains("does not have the specified index") || message.contains("backfilling global secondary index")
    };
    error.code() == Some("ValidationException") && error.message().is_some_and(is_about_index)
}
