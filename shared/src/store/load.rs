//! Writing many customers at once, for trying the service at size.

use std::borrow::Cow;

use super::contention::{Attempt, retry};
use super::transaction::{FailedConditions, Outcome};
use super::{Store, StoreError};
use crate::domain::{ClientId, Customer};

/// The customer and the guard of its phone.
const ACTIONS_OF_ONE: usize = 2;

impl Store {
    /// Most customers that one call of [`Store::load`] writes: each is two of the 100 actions of a transaction.
    pub const LOAD_AT_ONCE: usize = 50;

    /// Creates those of `customers` (at most [`Store::LOAD_AT_ONCE`]) whose phones are unknown, and says how many.
    /// One call where all or none of them are; else one more, or a few while others create the same ones.
    pub async fn load(&self, client: &ClientId, customers: &[Customer]) -> Result<usize, StoreError> {
        retry(|_| async move {
            let mut unknown = Cow::Borrowed(customers);
            while !unknown.is_empty() {
                let mut transaction = self.transaction();
                for customer in unknown.iter() {
                    transaction.create(client, customer)?;
                }
                match self.transact(transaction).await? {
                    Outcome::Done => break,
                    Outcome::Failed(failed) => unknown = without_failed(&unknown, &failed).into(),
                    Outcome::Busy => return Ok(Attempt::Again),
                }
            }
            Ok(Attempt::Done(unknown.len()))
        })
        .await
    }
}

/// Those of `customers` none of whose actions failed its condition.
fn without_failed(customers: &[Customer], failed: &FailedConditions) -> Vec<Customer> {
    let known: Vec<_> = failed.actions().map(|action| action / ACTIONS_OF_ONE).collect();
    let unknown = customers.iter().enumerate().filter(|(index, _)| !known.contains(index));
    unknown.map(|(_, customer)| customer.clone()).collect()
}
