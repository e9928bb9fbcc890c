//! Erasing a customer: how a number is handed on, and privacy law's erasure.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Delete, DeleteRequest, TransactWriteItem, WriteRequest};

use super::addresses::{Partition, revision_is};
use super::contention::Attempts;
use super::keys::{self, Key};
use super::transaction::Cancelled;
use super::{Store, StoreError};
use crate::domain::{ClientId, CustomerId};

/// Most addresses that go in the same transaction as the profile and the guard; DynamoDB takes 100 actions.
const ADDRESSES_AT_ONCE: usize = 90;
/// Most requests of one `BatchWriteItem`.
const BATCH: usize = 25;

impl Store {
    /// Erases the record, the guard of its phone and its addresses. Erasing nobody succeeds. Two calls; with more
    /// than 90 addresses more: then the record and the guard go first, and a repeat finishes what a crash left.
    pub async fn delete(&self, client: &ClientId, id: &CustomerId) -> Result<(), StoreError> {
        let mut attempts = Attempts::new();
        loop {
            let Partition { profile, revision, addresses } = self.partition(client, id).await?;
            let mut keys: Vec<Key> = addresses.iter().map(|address| keys::address(client, id, &address.id)).collect();
            let Some(profile) = profile else { return self.delete_in_batches(&keys).await };

            let rest = keys.split_off(keys.len().min(ADDRESSES_AT_ONCE));
            let mut writes = vec![
                self.delete_profile(keys::customer(client, id), profile.version, revision)?,
                self.delete_item(keys::phone_guard(client, &profile.phone))?,
            ];
            for key in keys {
                writes.push(self.delete_item(key)?);
            }
            match self.transact(writes).await? {
                Ok(()) => return self.delete_in_batches(&rest).await,
                Err(Cancelled::Conditions(_) | Cancelled::Busy) => attempts.pause().await?,
            }
        }
    }

    /// Deletes the profile if it and its addresses are still those that were read.
    fn delete_profile(&self, key: Key, version: i64, revision: i64) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .condition_expression(format!("#version = :version AND {}", revision_is(revision)))
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", AttributeValue::N(version.to_string()))
            .expression_attribute_values(":revision", AttributeValue::N(revision.to_string()))
            .build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    async fn delete_in_batches(&self, keys: &[Key]) -> Result<(), StoreError> {
        for batch in keys.chunks(BATCH) {
            let mut requests = Vec::with_capacity(batch.len());
            for key in batch {
                let request = DeleteRequest::builder().set_key(Some(key.clone().attributes())).build()?;
                requests.push(WriteRequest::builder().delete_request(request).build());
            }
            let mut attempts = Attempts::new();
            loop {
                let output = self
                    .dynamodb
                    .batch_write_item()
                    .set_request_items(Some(HashMap::from([(self.table.clone(), requests)])))
                    .send()
                    .await
                    .map_err(StoreError::sdk("BatchWriteItem"))?;
                requests = output.unprocessed_items.unwrap_or_default().remove(&self.table).unwrap_or_default();
                if requests.is_empty() {
                    break;
                }
                attempts.pause().await?;
            }
        }
        Ok(())
    }
}
