//! Saved addresses. They share the customer's partition, so profile and addresses are one query; a revision on the
//! profile, which every save and delete moves, keeps two saves of one place, or one too many, from slipping past
//! each other.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};

use super::contention::Attempts;
use super::item;
use super::keys;
use super::transaction::Cancelled;
use super::{Store, StoreError};
use crate::domain::{
    Address, AddressPatch, ClientId, Customer, CustomerId, MAX_ADDRESSES, SavedAddressId, UnixSeconds,
};

/// The profile's attribute that counts the writes to its addresses; absent before the first. It is not the
/// customer's `version`: a passenger who saves an address does not spoil an operator's `If-Match`.
const REVISION: &str = "addressRevision";

/// The condition that the revision is `:revision`.
pub(super) fn revision_is(revision: i64) -> String {
    if revision == 0 {
        // `:revision` must be used, since DynamoDB refuses a value that no expression names.
        format!("(attribute_not_exists({REVISION}) OR {REVISION} = :revision)")
    } else {
        format!("{REVISION} = :revision")
    }
}

/// All that is stored under a customer.
pub(super) struct Partition {
    pub(super) profile: Option<Customer>,
    pub(super) revision: i64,
    pub(super) addresses: Vec<Address>,
}

/// What became of a save.
#[derive(Debug)]
pub enum Saved {
    Created(Address),
    Updated(Address),
}

/// Why an address was not saved.
#[derive(Debug, PartialEq, Eq)]
pub enum AddressRefused {
    /// No such customer, or no address with the id that was given.
    NotFound,
    /// It would make two saved addresses one place.
    SamePlace,
    /// There are as many as a customer can have.
    Full,
    /// A new address lacks these fields.
    Incomplete(Vec<&'static str>),
}

impl Store {
    /// The customer and its addresses, the most recently used first. One call.
    pub async fn addresses(
        &self,
        client: &ClientId,
        customer: &CustomerId,
    ) -> Result<Option<(Customer, Vec<Address>)>, StoreError> {
        let Partition { profile, mut addresses, .. } = self.partition(client, customer).await?;
        addresses.sort_by(|a, b| b.last_used_date.cmp(&a.last_used_date).then_with(|| a.id.cmp(&b.id)));
        Ok(profile.map(|profile| (profile, addresses)))
    }

    /// Creates an address, or updates the one that `patch` names. Two calls; one where nothing changes.
    pub async fn save_address(
        &self,
        client: &ClientId,
        customer: &CustomerId,
        patch: &AddressPatch,
        now: UnixSeconds,
    ) -> Result<Result<Saved, AddressRefused>, StoreError> {
        let mut attempts = Attempts::new();
        loop {
            let Partition { profile: Some(_), revision, addresses } = self.partition(client, customer).await? else {
                return Ok(Err(AddressRefused::NotFound));
            };
            let saved = match patch.target(&addresses) {
                Some(before) => {
                    let mut after = before.clone();
                    patch.apply(&mut after);
                    if after == *before {
                        return Ok(Ok(Saved::Updated(after)));
                    }
                    Saved::Updated(after)
                }
                None if patch.id.is_some() => return Ok(Err(AddressRefused::NotFound)),
                None => match patch.create(now) {
                    Err(missing) => return Ok(Err(AddressRefused::Incomplete(missing))),
                    Ok(_) if addresses.len() >= MAX_ADDRESSES => return Ok(Err(AddressRefused::Full)),
                    Ok(address) => Saved::Created(address),
                },
            };
            let (Saved::Created(address) | Saved::Updated(address)) = &saved;
            if addresses.iter().any(|other| other.id != address.id && other.is_same_place(address)) {
                return Ok(Err(AddressRefused::SamePlace));
            }
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(item::from_address(client, customer, address)?))
                .build()?;
            let writes =
                vec![self.next_revision(client, customer, revision)?, TransactWriteItem::builder().put(put).build()];
            match self.transact(writes).await? {
                Ok(()) => return Ok(Ok(saved)),
                Err(Cancelled::Conditions(_) | Cancelled::Busy) => attempts.pause().await?,
            }
        }
    }

    /// Deletes an address; deleting one that is not there succeeds. `false` if there is no such customer. Two calls;
    /// one where there is nothing to delete.
    pub async fn delete_address(
        &self,
        client: &ClientId,
        customer: &CustomerId,
        address: &SavedAddressId,
    ) -> Result<bool, StoreError> {
        let mut attempts = Attempts::new();
        loop {
            let Partition { profile: Some(_), revision, addresses } = self.partition(client, customer).await? else {
                return Ok(false);
            };
            if !addresses.iter().any(|saved| saved.id == *address) {
                return Ok(true);
            }
            let delete = Delete::builder()
                .table_name(&self.table)
                .set_key(Some(keys::address(client, customer, address).attributes()))
                .build()?;
            let writes = vec![
                self.next_revision(client, customer, revision)?,
                TransactWriteItem::builder().delete(delete).build(),
            ];
            match self.transact(writes).await? {
                Ok(()) => return Ok(true),
                Err(Cancelled::Conditions(_) | Cancelled::Busy) => attempts.pause().await?,
            }
        }
    }

    /// Moves the revision on, if the customer exists and the revision is still this one.
    fn next_revision(
        &self,
        client: &ClientId,
        customer: &CustomerId,
        revision: i64,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::customer(client, customer).attributes()))
            .update_expression(format!("SET {REVISION} = :next"))
            .condition_expression(format!("attribute_exists({}) AND {}", keys::PK, revision_is(revision)))
            .expression_attribute_values(":revision", AttributeValue::N(revision.to_string()))
            .expression_attribute_values(":next", AttributeValue::N((revision + 1).to_string()))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Everything under a customer, read strongly consistent and backwards, so that the profile comes first. The
    /// limits on text keep it to one page, but a page more is read if there is one.
    pub(super) async fn partition(&self, client: &ClientId, customer: &CustomerId) -> Result<Partition, StoreError> {
        let mut partition = Partition { profile: None, revision: 0, addresses: Vec::new() };
        let mut next = None;
        loop {
            let page = self
                .dynamodb
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("{} = :pk", keys::PK))
                .expression_attribute_values(":pk", AttributeValue::S(keys::customer_partition(client, customer)))
                .consistent_read(true)
                .scan_index_forward(false)
                .set_exclusive_start_key(next)
                .send()
                .await
                .map_err(StoreError::sdk("Query"))?;
            for item in page.items.unwrap_or_default() {
                if item.get(keys::SK).and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk == keys::PROFILE) {
                    let revision = item.get(REVISION).and_then(|revision| revision.as_n().ok());
                    partition.revision = revision.and_then(|revision| revision.parse().ok()).unwrap_or(0);
                    partition.profile = Some(item::to_customer(item)?);
                } else {
                    partition.addresses.push(item::to_address(item)?);
                }
            }
            next = page.last_evaluated_key;
            if next.is_none() {
                return Ok(partition);
            }
        }
    }
}
