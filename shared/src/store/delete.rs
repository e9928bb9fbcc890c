//! Erases a customer, for example when a number gets a new owner or a passenger asks for erasure.

use super::addresses::Partition;
use super::contention::{Attempt, retry};
use super::expression::{Expression, number};
use super::keys;
use super::transaction::{Outcome, Part};
use super::{Precondition, PreconditionFailed, Store, StoreError, WriteContext, attribute};
use crate::domain::CustomerId;

/// The maximum number of addresses in the last transaction, which also deletes the profile, the guard and the password.
/// DynamoDB allows 100 actions.
const LAST_ADDRESSES: usize = 90;
/// The maximum number of addresses in an earlier transaction, which also increments the profile's revision.
const ADDRESSES_AT_ONCE: usize = 99;

/// How far a deletion got.
enum Progress {
    Complete,
    Partial,
    Refused,
}

impl Store {
    /// Erases the customer, its phone guard, its password and its addresses. Erasing a customer that does not exist
    /// succeeds. Two calls, and two more for every 99 addresses over 90. The profile goes last: if a deletion fails
    /// halfway, the customer still exists and a retry completes the deletion.
    pub async fn delete(
        &self,
        write: &WriteContext,
        id: &CustomerId,
        mut precondition: &Precondition,
    ) -> Result<Result<(), PreconditionFailed>, StoreError> {
        loop {
            match retry(|_| self.delete_some(write, id, precondition)).await? {
                Progress::Complete => return Ok(Ok(())),
                Progress::Refused => return Ok(Err(PreconditionFailed)),
                // The precondition held at the first write. The remaining writes belong to the same deletion.
                Progress::Partial => precondition = &Precondition::AnyVersion,
            }
        }
    }

    /// Deletes as many items as one transaction can. Two calls; one if there is nothing to delete.
    async fn delete_some(
        &self,
        write: &WriteContext,
        id: &CustomerId,
        precondition: &Precondition,
    ) -> Result<Attempt<Progress>, StoreError> {
        let client = &write.client;
        let Partition { profile, revision, mut addresses } = self.partition(client, id).await?;
        let is_last = addresses.len() <= LAST_ADDRESSES;
        let mut transaction = self.transaction();
        match &profile {
            None if addresses.is_empty() => return Ok(Attempt::Done(Progress::Complete)),
            // An earlier version of this service deleted the profile first and may have left addresses behind.
            None => addresses.truncate(ADDRESSES_AT_ONCE),
            Some(profile) if !precondition.admits(profile.version) => return Ok(Attempt::Done(Progress::Refused)),
            Some(profile) if is_last => {
                let mut unchanged = Expression::new();
                unchanged.require_equal(attribute::VERSION, number(profile.version));
                unchanged.require_revision(revision);
                transaction.delete_if(Part::Customer, keys::customer(client, id), unchanged)?;
                transaction.delete(Part::OldGuard, keys::phone_guard(client, &profile.phone))?;
                // A password is only written together with a new version of the profile, so none can appear after this
                // transaction.
                transaction.delete(Part::Password, keys::password(client, id))?;
            }
            Some(profile) => {
                let next = Self::next_revision(write, profile, revision, precondition);
                transaction.update(Part::Customer, keys::customer(client, id), next)?;
                addresses.truncate(ADDRESSES_AT_ONCE.min(addresses.len() - LAST_ADDRESSES));
            }
        }
        for address in &addresses {
            transaction.delete(Part::Address, keys::address(client, id, &address.id))?;
        }
        Ok(match self.transact(transaction).await? {
            Outcome::Done if is_last => Attempt::Done(Progress::Complete),
            Outcome::Done => Attempt::Done(Progress::Partial),
            Outcome::Failed(_) | Outcome::Busy => Attempt::NextTurn(revision),
        })
    }
}
