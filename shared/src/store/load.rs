//! Writes many customers at once, to fill a table with test data.

use std::borrow::Cow;

use super::contention::{Attempt, retry};
use super::transaction::{FailedConditions, Outcome};
use super::{Store, StoreError};
use crate::domain::{ClientId, Customer};

/// The actions for one customer: the customer and its phone guard.
const ACTIONS_OF_ONE: usize = 2;

impl Store {
    /// The maximum number of customers in one call of [`Store::load`]. Each takes two of the 100 actions of a
    /// transaction.
    pub const LOAD_AT_ONCE: usize = 50;

    /// Creates those of `customers` whose phones are unknown, and returns their number. At most [`Store::LOAD_AT_ONCE`]
    /// customers. One call if all phones or none are unknown, otherwise two; more if others create the same customers
    /// meanwhile.
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

/// The customers whose conditions did not fail.
fn without_failed(customers: &[Customer], failed: &FailedConditions) -> Vec<Customer> {
    let known: Vec<_> = failed.actions().map(|action| action / ACTIONS_OF_ONE).collect();
    let unknown = customers.iter().enumerate().filter(|(index, _)| !known.contains(index));
    unknown.map(|(_, customer)| customer.clone()).collect()
}
