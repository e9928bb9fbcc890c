//! Saved addresses. They are in the customer's partition, so one query reads the profile and the addresses. Every save
//! and delete increments a revision on the profile. The revision makes concurrent saves conflict, so that they cannot
//! save one place twice or exceed the limit.

use aws_sdk_dynamodb::types::AttributeValue;

use super::contention::{Attempt, retry};
use super::expression::{Expression, number};
use super::item::{self, Item};
use super::transaction::{Outcome, Part};
use super::{Precondition, Store, StoreError, WriteContext, attribute, keys};
use crate::domain::address::{Save, SaveRefused};
use crate::domain::{Address, AddressPatch, ClientId, Customer, CustomerId, Denied, SavedAddressId};

fn revision_of(profile: &Item) -> Result<i64, StoreError> {
    let Some(revision) = profile.get(attribute::ADDRESS_REVISION) else { return Ok(0) };
    let number = revision.as_n().ok().and_then(|revision| revision.parse().ok());
    number.ok_or(StoreError::Inconsistent("an address revision is not a number"))
}

/// The addresses that the author of `write` sees and compares.
fn seen_by(write: &WriteContext, profile: &Customer, addresses: &[Address]) -> Vec<Address> {
    if write.access.is_of_passenger() { profile.addresses_seen_by_passenger(addresses) } else { addresses.to_vec() }
}

/// `address` as it is stored. A passenger's write keeps the notes, which the passenger may not even see.
fn as_stored(write: &WriteContext, address: &Address, addresses: &[Address]) -> Address {
    let mut stored = address.clone();
    if write.access.is_of_passenger() {
        stored.by_passenger = Some(write.now);
        if let Some(before) = addresses.iter().find(|before| before.id == address.id) {
            stored.driver_note.clone_from(&before.driver_note);
            stored.management_note.clone_from(&before.management_note);
        }
    }
    stored
}

/// The items in a customer's partition.
pub(super) struct Partition {
    pub(super) profile: Option<Customer>,
    pub(super) revision: i64,
    pub(super) addresses: Vec<Address>,
}

/// What is read beside a customer's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    Nothing,
    Addresses,
}

/// Why an address was not saved.
#[derive(Debug, PartialEq, Eq)]
pub enum AddressNotSaved {
    Denied(Denied),
    CustomerNotFound,
    /// The save would change something, but the customer's version is not one that the precondition names.
    PreconditionFailed,
    Refused(SaveRefused),
}

/// Why an address was not deleted.
#[derive(Debug, PartialEq, Eq)]
pub enum AddressNotDeleted {
    Denied(Denied),
    CustomerNotFound,
    /// The address exists, but the customer's version is not one that the precondition names.
    PreconditionFailed,
}

impl Store {
    /// The customer and all its addresses, in no order of use. One call, which reads the whole partition.
    pub async fn addresses(
        &self,
        client: &ClientId,
        customer: &CustomerId,
    ) -> Result<Option<(Customer, Vec<Address>)>, StoreError> {
        let Partition { profile, addresses, .. } = self.partition(client, customer).await?;
        Ok(profile.map(|profile| (profile, addresses)))
    }

    /// The customer, and all its addresses if `with` says so. Without them only the record is read, because addresses are
    /// most of a partition. A query cannot read only the first ones: their keys do not contain their use. One call.
    pub async fn customer_with(
        &self,
        client: &ClientId,
        customer: &CustomerId,
        with: With,
    ) -> Result<Option<(Customer, Vec<Address>)>, StoreError> {
        match with {
            With::Nothing => Ok(self.customer(client, customer).await?.map(|customer| (customer, Vec::new()))),
            With::Addresses => self.addresses(client, customer).await,
        }
    }

    /// Creates an address, or updates the one that `patch` selects. Two calls; one if nothing changes. Concurrent saves
    /// of one customer run one after another, and all of them succeed: see `Attempt::NextTurn`.
    pub async fn save_address(
        &self,
        write: &WriteContext,
        customer: &CustomerId,
        patch: &AddressPatch,
        precondition: &Precondition,
    ) -> Result<Result<Save, AddressNotSaved>, StoreError> {
        retry(|_| async move {
            let Partition { profile, revision, addresses } = self.partition(&write.client, customer).await?;
            if let Err(denied) = write.access.check(profile.as_ref(), write.now) {
                return Ok(Attempt::Done(Err(AddressNotSaved::Denied(denied))));
            }
            let Some(profile) = profile else {
                return Ok(Attempt::Done(Err(AddressNotSaved::CustomerNotFound)));
            };
            let save = patch.resolve(&seen_by(write, &profile, &addresses), write.now);
            if let Ok(Save::Unchanged(_)) = &save {
                return Ok(Attempt::Done(save.map_err(AddressNotSaved::Refused)));
            }
            if !precondition.admits(profile.version) {
                return Ok(Attempt::Done(Err(AddressNotSaved::PreconditionFailed)));
            }
            let address = match &save {
                Ok(Save::Create(address) | Save::Update(address) | Save::Unchanged(address)) => address,
                Err(refused) => return Ok(Attempt::Done(Err(AddressNotSaved::Refused(refused.clone())))),
            };
            let mut transaction = self.transaction();
            let next = Self::next_revision(write, &profile, revision, precondition);
            transaction.update(Part::Customer, keys::customer(&write.client, customer), next)?;
            let stored = as_stored(write, address, &addresses);
            transaction.put(Part::Address, item::from_address(&write.client, customer, &stored)?)?;
            match self.transact(transaction).await? {
                Outcome::Done => Ok(Attempt::Done(save.map_err(AddressNotSaved::Refused))),
                Outcome::Failed(_) | Outcome::Busy => Ok(Attempt::NextTurn(revision)),
            }
        })
        .await
    }

    /// Deletes an address. Deleting an address that does not exist succeeds. Two calls; one if there is nothing to
    /// delete.
    pub async fn delete_address(
        &self,
        write: &WriteContext,
        customer: &CustomerId,
        address: &SavedAddressId,
        precondition: &Precondition,
    ) -> Result<Result<(), AddressNotDeleted>, StoreError> {
        retry(|_| async move {
            let Partition { profile, revision, addresses } = self.partition(&write.client, customer).await?;
            if let Err(denied) = write.access.check(profile.as_ref(), write.now) {
                return Ok(Attempt::Done(Err(AddressNotDeleted::Denied(denied))));
            }
            let Some(profile) = profile else {
                return Ok(Attempt::Done(Err(AddressNotDeleted::CustomerNotFound)));
            };
            if !seen_by(write, &profile, &addresses).iter().any(|saved| saved.id == *address) {
                return Ok(Attempt::Done(Ok(())));
            }
            if !precondition.admits(profile.version) {
                return Ok(Attempt::Done(Err(AddressNotDeleted::PreconditionFailed)));
            }
            let mut transaction = self.transaction();
            let next = Self::next_revision(write, &profile, revision, precondition);
            transaction.update(Part::Customer, keys::customer(&write.client, customer), next)?;
            transaction.delete(Part::Address, keys::address(&write.client, customer, address))?;
            match self.transact(transaction).await? {
                Outcome::Done => Ok(Attempt::Done(Ok(()))),
                Outcome::Failed(_) | Outcome::Busy => Ok(Attempt::NextTurn(revision)),
            }
        })
        .await
    }

    /// Increments the revision, if the customer exists and still has this `revision`. With a precondition, the customer
    /// must also still have the version that was checked.
    pub(super) fn next_revision(
        write: &WriteContext,
        profile: &Customer,
        revision: i64,
        precondition: &Precondition,
    ) -> Expression {
        let mut next = Expression::of_profile(write);
        next.assign(attribute::ADDRESS_REVISION, number(revision + 1));
        next.require_revision(revision);
        if *precondition != Precondition::AnyVersion {
            next.require_equal(attribute::VERSION, number(profile.version));
        }
        next
    }

    /// Reads a customer's partition with a strongly consistent query, in descending order, so that the profile comes
    /// first. The limits on text keep the result within one page, but further pages are read if they exist.
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
