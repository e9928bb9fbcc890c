//! Writing many customers at once, for trying the service at size.

use super::contention::Attempts;
use super::create::Cancelled;
use super::{Store, StoreError};
use crate::domain::{ClientId, Customer};

impl Store {
    /// Most customers that one call of [`Store::load`] writes: each is two of the 100 actions of a transaction.
    pub const LOAD_AT_ONCE: usize = 50;

    /// Creates those of `customers` (at most [`Store::LOAD_AT_ONCE`]) whose phones are unknown, and says how many.
    /// One call where all of them are; else one for each customer more.
    pub async fn load(&self, client: &ClientId, customers: &[Customer]) -> Result<usize, StoreError> {
        if self.insert_patiently(client, customers).await? {
            return Ok(customers.len());
        }
        let mut created = 0;
        for customer in customers {
            created += usize::from(self.insert_patiently(client, std::slice::from_ref(customer)).await?);
        }
        Ok(created)
    }

    /// Whether all of `customers` were new, and are written now; a conflict is waited out.
    async fn insert_patiently(&self, client: &ClientId, customers: &[Customer]) -> Result<bool, StoreError> {
        let mut attempts = Attempts::new();
        loop {
            match self.insert(client, customers).await? {
                Ok(()) => return Ok(true),
                Err(Cancelled::Conditions(_)) => return Ok(false),
                Err(Cancelled::Conflict) => attempts.pause().await?,
            }
        }
    }
}
