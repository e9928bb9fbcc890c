//! Brings a stored customer up to date: the keys of its indexes, a phone that its country has renumbered, and the
//! password that an earlier version stored on it. Only commands use this; they read the whole table.

use super::contention::{Attempt, retry};
use super::expression::{Expression, WriteOutcome, number, text};
use super::item::{self, Item};
use super::transaction::{Outcome, Part};
use super::{Store, StoreError, attribute, keys};
use crate::domain::{ClientId, Customer};

/// What bringing a customer up to date did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reindexed {
    /// It was up to date, or it has been erased.
    Unchanged,
    Written,
    /// Its phone was moved to the number's current form.
    Renumbered,
    /// Another customer has the current form of its phone. Everything else is up to date.
    PhoneTaken,
}

impl Store {
    /// Brings the customer in `item` up to date, on the condition that it still has the version that was read. No call if
    /// it is up to date; one to write it; more if others write it meanwhile. Repeating it changes nothing.
    ///
    /// The record keeps its version, which counts what callers see, unless the phone moves. Who last changed it stays as it
    /// is.
    pub async fn reindex(&self, item: &Item) -> Result<Reindexed, StoreError> {
        let pk = item.get(keys::PK).and_then(|pk| pk.as_s().ok());
        let client =
            &pk.and_then(|pk| keys::tenant_of(pk)).ok_or(StoreError::Inconsistent("a customer has no tenant"))?;
        retry(|attempts| async move {
            let read;
            let item = if attempts == 0 {
                item
            } else {
                let id = &item::to_customer(item.clone())?.id;
                let Some(current) = self.item(keys::customer(client, id)).await? else {
                    return Ok(Attempt::Done(Reindexed::Unchanged));
                };
                read = current;
                &read
            };
            let customer = item::to_customer(item.clone())?;
            match customer.phone.renumbered() {
                Some(phone) => {
                    let mut moved = customer.clone();
                    moved.phone = phone;
                    match self.move_phone(client, &customer, &moved).await? {
                        Attempt::Done(Reindexed::PhoneTaken) => {
                            Ok(match self.update_keys(client, &customer, item).await? {
                                Attempt::Done(_) => Attempt::Done(Reindexed::PhoneTaken),
                                other => other,
                            })
                        }
                        other => Ok(other),
                    }
                }
                None => self.update_keys(client, &customer, item).await,
            }
        })
        .await
    }

    async fn update_keys(
        &self,
        client: &ClientId,
        customer: &Customer,
        item: &Item,
    ) -> Result<Attempt<Reindexed>, StoreError> {
        let keys = keys::index_keys(client, customer);
        let is_stored = |(attribute, key): &(&str, Option<String>)| {
            item.get(*attribute).and_then(|stored| stored.as_s().ok()) == key.as_ref()
        };
        if keys.iter().all(is_stored) && !item.contains_key(attribute::FORMER_PASSWORD) {
            return Ok(Attempt::Done(Reindexed::Unchanged));
        }
        let mut expression = Expression::new();
        expression.remove_quietly(attribute::FORMER_PASSWORD);
        expression.assign_keys(keys);
        expression.require_equal(attribute::VERSION, number(customer.version));
        Ok(match self.write(client, &customer.id, expression).await? {
            WriteOutcome::Done(_) => Attempt::Done(Reindexed::Written),
            WriteOutcome::Refused(None) => Attempt::Done(Reindexed::Unchanged),
            WriteOutcome::Refused(Some(_)) | WriteOutcome::Conflict => Attempt::Again,
        })
    }

    /// Moves a customer and the guard of its phone in one transaction. It is the same line, so the proof of the phone and
    /// the password stay.
    async fn move_phone(
        &self,
        client: &ClientId,
        before: &Customer,
        after: &Customer,
    ) -> Result<Attempt<Reindexed>, StoreError> {
        let mut expression = Expression::new();
        expression.remove_quietly(attribute::FORMER_PASSWORD);
        expression.assign(attribute::PHONE, text(after.phone.as_str()));
        expression.assign(attribute::VERSION, number(before.version + 1));
        expression.assign_keys(keys::index_keys(client, after));
        expression.require_equal(attribute::VERSION, number(before.version));
        let mut transaction = self.transaction();
        transaction.update(Part::Customer, keys::customer(client, &before.id), expression)?;
        transaction.delete(Part::OldGuard, keys::phone_guard(client, &before.phone))?;
        transaction.put_if_absent(Part::Guard, item::guard_of(client, after))?;
        Ok(match self.transact(transaction).await? {
            Outcome::Done => Attempt::Done(Reindexed::Renumbered),
            Outcome::Failed(failed) if failed.has(Part::Guard) && !failed.has(Part::Customer) => {
                Attempt::Done(Reindexed::PhoneTaken)
            }
            Outcome::Failed(_) | Outcome::Busy => Attempt::Again,
        })
    }
}
