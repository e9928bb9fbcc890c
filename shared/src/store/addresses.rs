//! Saved addresses. They share the customer's partition, so profile and addresses are one query; a revision on the
//! profile, which every save and delete moves, keeps two saves of one place, or one too many, from slipping past
//! each other.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

use super::contention::Backoff;
use super::item::{self, Item};
use super::keys;
use super::transaction::Cancelled;
use super::{Precondition, Store, StoreError};
use crate::domain::address::{Save, SaveRefused};
use crate::domain::{Address, AddressPatch, ClientId, Customer, CustomerId, SavedAddressId, UnixSeconds};

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

fn revision_of(profile: &Item) -> Result<i64, StoreError> {
    let Some(revision) = profile.get(REVISION) else { return Ok(0) };
    let number = revision.as_n().ok().and_then(|revision| revision.parse().ok());
    number.ok_or(StoreError::Inconsistent("an address revision is not a number"))
}

/// All that is stored under a customer.
pub(super) struct Partition {
    pub(super) profile: Option<Customer>,
    pub(super) revision: i64,
    pub(super) addresses: Vec<Address>,
}

/// Why an address was not saved.
#[derive(Debug, PartialEq, Eq)]
pub enum AddressNotSaved {
    CustomerNotFound,
    /// The address would change, and the customer's version is not one of those asked for.
    PreconditionFailed,
    Refused(SaveRefused),
}

/// Why an address was not deleted.
#[derive(Debug, PartialEq, Eq)]
pub enum AddressNotDeleted {
    CustomerNotFound,
    /// The address is there, and the customer's version is not one of those asked for.
    PreconditionFailed,
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

    /// Creates an address, or updates the one that `patch` is about. Two calls; one where nothing changes. Saves of one
    /// customer go one after another, and any number at once succeeds: see [`Backoff::wait_for_turn`].
    pub async fn save_address(
        &self,
        client: &ClientId,
        customer: &CustomerId,
        patch: &AddressPatch,
        precondition: &Precondition,
        now: UnixSeconds,
    ) -> Result<Result<Save, AddressNotSaved>, StoreError> {
        let mut backoff = Backoff::new();
        loop {
            let Partition { profile: Some(profile), revision, addresses } = self.partition(client, customer).await?
            else {
                return Ok(Err(AddressNotSaved::CustomerNotFound));
            };
            let save = patch.resolve(&addresses, now);
            if let Ok(Save::Unchanged(_)) = &save {
                return Ok(save.map_err(AddressNotSaved::Refused));
            }
            if !precondition.admits(profile.version) {
                return Ok(Err(AddressNotSaved::PreconditionFailed));
            }
            let address = match &save {
                Ok(Save::Create(address) | Save::Update(address) | Save::Unchanged(address)) => address,
                Err(refused) => return Ok(Err(AddressNotSaved::Refused(refused.clone()))),
            };
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(item::from_address(client, customer, address)?))
                .build()?;
            let next = self.next_revision(client, &profile, revision, precondition)?;
            match self.transact(vec![next, TransactWriteItem::builder().put(put).build()]).await? {
                Ok(()) => return Ok(save.map_err(AddressNotSaved::Refused)),
                Err(Cancelled::Conditions(_) | Cancelled::Busy) => backoff.wait_for_turn(revision).await?,
            }
        }
    }

    /// Deletes an address; deleting one that is not there succeeds. Two calls; one where there is nothing to delete.
    pub async fn delete_address(
        &self,
        client: &ClientId,
        customer: &CustomerId,
        address: &SavedAddressId,
        precondition: &Precondition,
    ) -> Result<Result<(), AddressNotDeleted>, StoreError> {
        let mut backoff = Backoff::new();
        loop {
            let Partition { profile: Some(profile), revision, addresses } = self.partition(client, customer).await?
            else {
                return Ok(Err(AddressNotDeleted::CustomerNotFound));
            };
            if !addresses.iter().any(|saved| saved.id == *address) {
                return Ok(Ok(()));
            }
            if !precondition.admits(profile.version) {
                return Ok(Err(AddressNotDeleted::PreconditionFailed));
            }
            let next = self.next_revision(client, &profile, revision, precondition)?;
            let delete = self.delete_item(keys::address(client, customer, address))?;
            match self.transact(vec![next, delete]).await? {
                Ok(()) => return Ok(Ok(())),
                Err(Cancelled::Conditions(_) | Cancelled::Busy) => backoff.wait_for_turn(revision).await?,
            }
        }
    }

    /// Moves the revision on, if the customer exists and the revision is still this one. With a precondition the version
    /// must be the one that was read and admitted, too.
    pub(super) fn next_revision(
        &self,
        client: &ClientId,
        profile: &Customer,
        revision: i64,
        precondition: &Precondition,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut condition = format!("attribute_exists({}) AND {}", keys::PK, revision_is(revision));
        let mut update = Update::builder();
        if *precondition != Precondition::AnyVersion {
            condition.push_str(" AND #version = :version");
            update = update
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":version", AttributeValue::N(profile.version.to_string()));
        }
        let update = update
            .table_name(&self.table)
            .set_key(Some(keys::customer(client, &profile.id).attributes()))
            .update_expression(format!("SET {REVISION} = :next"))
            .condition_expression(condition)
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
                    partition.revision = revision_of(&item)?;
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
