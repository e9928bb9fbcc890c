//! Erasing a customer: how a number is handed on, and privacy law's erasure.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};

use super::addresses::{Partition, revision_is};
use super::contention::Backoff;
use super::keys::{self, Key};
use super::transaction::Cancelled;
use super::{Precondition, PreconditionFailed, Store, StoreError};
use crate::domain::{ClientId, CustomerId};

/// Most addresses that go in the same transaction as the profile and the guard; DynamoDB takes 100 actions.
const LAST_ADDRESSES: usize = 90;
/// Most addresses that go in a transaction before that one, which also moves the profile's revision.
const ADDRESSES_AT_ONCE: usize = 99;

impl Store {
    /// Erases the record, the guard of its phone and its addresses; erasing a customer that does not exist succeeds. Two
    /// calls, and two more for every 99 addresses over 90. Those go first, and the profile goes with the last ones: after
    /// a failure in between the customer is still there, and a repeat finishes.
    pub async fn delete(
        &self,
        client: &ClientId,
        id: &CustomerId,
        mut precondition: &Precondition,
    ) -> Result<Result<(), PreconditionFailed>, StoreError> {
        let mut backoff = Backoff::new();
        loop {
            let Partition { profile, revision, addresses } = self.partition(client, id).await?;
            let mut keys: Vec<Key> = addresses.iter().map(|address| keys::address(client, id, &address.id)).collect();
            let is_last = keys.len() <= LAST_ADDRESSES;
            let mut writes = Vec::new();
            match &profile {
                None if keys.is_empty() => return Ok(Ok(())),
                // A version of this service that deleted the profile first has left these.
                None => keys.truncate(ADDRESSES_AT_ONCE),
                Some(profile) if !precondition.admits(profile.version) => return Ok(Err(PreconditionFailed)),
                Some(profile) if is_last => {
                    writes.push(self.delete_profile(keys::customer(client, id), profile.version, revision)?);
                    writes.push(self.delete_item(keys::phone_guard(client, &profile.phone))?);
                }
                Some(profile) => {
                    writes.push(self.next_revision(client, profile, revision, precondition)?);
                    keys.truncate(ADDRESSES_AT_ONCE.min(keys.len() - LAST_ADDRESSES));
                }
            }
            for key in keys {
                writes.push(self.delete_item(key)?);
            }
            match self.transact(writes).await? {
                Ok(()) if is_last => return Ok(Ok(())),
                // The condition held when the first write happened. What follows is one deletion with it.
                Ok(()) => precondition = &Precondition::AnyVersion,
                Err(Cancelled::Conditions(_) | Cancelled::Busy) => backoff.wait_for_turn(revision).await?,
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
}
