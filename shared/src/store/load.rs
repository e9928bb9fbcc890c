//! Writing many customers at once, for trying the service at size.

use std::borrow::Cow;

use aws_sdk_dynamodb::types::CancellationReason;

use super::contention::Backoff;
use super::transaction::Cancelled;
use super::{Store, StoreError};
use crate::domain::{ClientId, Customer};

impl Store {
    /// Most customers that one call of [`Store::load`] writes: each is two of the 100 actions of a transaction.
    pub const LOAD_AT_ONCE: usize = 50;

    /// Creates those of `customers` (at most [`Store::LOAD_AT_ONCE`]) whose phones are unknown, and says how many.
    /// One call where all or none of them are; else one more, or a few while others create the same ones.
    pub async fn load(&self, client: &ClientId, customers: &[Customer]) -> Result<usize, StoreError> {
        let mut unknown = Cow::Borrowed(customers);
        let mut backoff = Backoff::new();
        while !unknown.is_empty() {
            match self.insert(client, &unknown).await? {
                Ok(()) => break,
                Err(Cancelled::Conditions(failed)) => unknown = without_failed(&unknown, &failed).into(),
                Err(Cancelled::Busy) => backoff.wait().await?,
            }
        }
        Ok(unknown.len())
    }
}

/// Those of `customers` none of whose two writes failed its condition.
fn without_failed(customers: &[Customer], failed: &[Option<CancellationReason>]) -> Vec<Customer> {
    let writes = failed.chunks(2);
    let unknown = customers.iter().zip(writes).filter(|(_, writes)| writes.iter().all(Option::is_none));
    unknown.map(|(customer, _)| customer.clone()).collect()
}
