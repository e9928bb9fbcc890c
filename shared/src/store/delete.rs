//! Erasing a customer: how a number is handed on, and privacy law's erasure.

use super::addresses::Partition;
use super::contention::{Attempt, retry};
use super::expression::{Expression, number};
use super::keys;
use super::transaction::{Outcome, Part};
use super::{Precondition, PreconditionFailed, Store, StoreError, WriteContext, attribute};
use crate::domain::{ClientId, CustomerId};

/// Most addresses that go in the same transaction as the profile, the guard and the password; DynamoDB takes 100 actions.
const LAST_ADDRESSES: usize = 90;
/// Most addresses that go in a transaction before that one, which also moves the profile's revision.
const ADDRESSES_AT_ONCE: usize = 99;

/// How far a deletion got.
enum Progress {
    Complete,
    Partial,
    Refused,
}

impl Store {
    /// Erases the record, the guard of its phone, its password and its addresses; erasing a customer that does not exist
    /// succeeds. Two calls, and two more for every 99 addresses over 90. Those go first, and everything else goes with the
    /// last ones: after a failure in between the customer is still there, and a repeat finishes.
    pub async fn delete(
        &self,
        write: &WriteContext,
        id: &CustomerId,
        mut precondition: &Precondition,
    ) -> Result<Result<(), PreconditionFailed>, StoreError> {
        loop {
            match retry(|_| self.delete_some(&write.client, id, precondition)).await? {
                Progress::Complete => return Ok(Ok(())),
                Progress::Refused => return Ok(Err(PreconditionFailed)),
                // The condition held when the first write happened. What follows is one deletion with it.
                Progress::Partial => precondition = &Precondition::AnyVersion,
            }
        }
    }

    /// Deletes as much as one transaction can. Two calls; one if there is nothing to delete.
    async fn delete_some(
        &self,
        client: &ClientId,
        id: &CustomerId,
        precondition: &Precondition,
    ) -> Result<Attempt<Progress>, StoreError> {
        let Partition { profile, revision, mut addresses } = self.partition(client, id).await?;
        let is_last = addresses.len() <= LAST_ADDRESSES;
        let mut transaction = self.transaction();
        match &profile {
            None if addresses.is_empty() => return Ok(Attempt::Done(Progress::Complete)),
            // A version of this service that deleted the profile first has left these.
            None => addresses.truncate(ADDRESSES_AT_ONCE),
            Some(profile) if !precondition.admits(profile.version) => return Ok(Attempt::Done(Progress::Refused)),
            Some(profile) if is_last => {
                let mut unchanged = Expression::new();
                unchanged.require_equal(attribute::VERSION, number(profile.version));
                unchanged.require_revision(revision);
                transaction.delete_if(Part::Customer, keys::customer(client, id), unchanged)?;
                transaction.delete(Part::OldGuard, keys::phone_guard(client, &profile.phone))?;
                // A password is only written together with a new version of the profile, so none appears after this.
                transaction.delete(Part::Password, keys::password(client, id))?;
            }
            Some(profile) => {
                let next = Self::next_revision(profile, revision, precondition);
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
