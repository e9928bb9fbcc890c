//! Match or create: what a booking does with a phone number.

use super::contention::Backoff;
use super::item::{self, Item};
use super::transaction::Cancelled;
use super::{Joined, Store, StoreError, keys};
use crate::domain::{BrandId, ClientId, Customer, CustomerId, Phone, UnixSeconds};

/// What to do with a customer who has the phone already.
#[derive(Debug, Clone, Copy)]
pub enum OnMatch<'a> {
    /// Answer that the phone is known; read and write nothing more.
    Stop,
    /// Bring the record.
    Return,
    /// Bring the record, linked to this brand.
    LinkBrand(&'a BrandId, UnixSeconds),
}

/// What became of a registration.
#[derive(Debug)]
pub enum Registered {
    Created(Customer),
    Matched(Customer),
    /// The phone is known, and [`OnMatch::Stop`] was asked for.
    Known,
    /// The customer has as many brands as one can have.
    TooManyBrands,
}

impl Store {
    /// The customer who has `phone`, or else the one that `make` makes.
    ///
    /// A match costs two calls and a creation two; the loser of a race three, since the winner's id comes out of
    /// the transaction's cancellation. `make` runs only if the index knows nobody.
    pub async fn match_or_create<E, F>(
        &self,
        client: &ClientId,
        phone: &Phone,
        on_match: OnMatch<'_>,
        make: impl FnOnce() -> F,
    ) -> Result<Registered, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<Customer, E>>,
    {
        if let Some(customer) = self.indexed(client, phone).await? {
            return Ok(match on_match {
                OnMatch::Stop => Registered::Known,
                OnMatch::LinkBrand(brand, _) if !customer.brands.contains(brand) => {
                    match self.welcome(client, &customer.id, phone, on_match).await? {
                        Some(registered) => registered,
                        // It moved to another number since the line above: so nobody had it for a moment.
                        None => self.create(client, &make().await?, on_match).await?,
                    }
                }
                OnMatch::Return | OnMatch::LinkBrand(..) => Registered::Matched(customer),
            });
        }
        Ok(self.create(client, &make().await?, on_match).await?)
    }

    /// Creates `customer`, or welcomes the one who has its phone.
    async fn create(
        &self,
        client: &ClientId,
        customer: &Customer,
        on_match: OnMatch<'_>,
    ) -> Result<Registered, StoreError> {
        let mut backoff = Backoff::new();
        loop {
            match self.insert(client, std::slice::from_ref(customer)).await? {
                Ok(()) => return Ok(Registered::Created(customer.clone())),
                // Most likely somebody is creating this very customer. A read does not conflict, so it is what the many
                // losers of one race are spared by.
                Err(Cancelled::Busy) => {
                    backoff.wait().await?;
                    let guard = self.item(keys::phone_guard(client, &customer.phone)).await?;
                    if let Some(guard) = guard
                        && let Some(registered) = self.meet(client, &guard, &customer.phone, on_match).await?
                    {
                        return Ok(registered);
                    }
                }
                Err(Cancelled::Conditions(failed)) => {
                    let Some(guard) = failed.into_iter().nth(1).flatten().and_then(|reason| reason.item) else {
                        return Err(StoreError::Inconsistent("a new customer's id is taken"));
                    };
                    if let Some(registered) = self.meet(client, &guard, &customer.phone, on_match).await? {
                        return Ok(registered);
                    }
                    backoff.wait().await?;
                }
            }
        }
    }

    /// Welcomes the customer that `guard` names, or stops at knowing that there is one.
    async fn meet(
        &self,
        client: &ClientId,
        guard: &Item,
        phone: &Phone,
        on_match: OnMatch<'_>,
    ) -> Result<Option<Registered>, StoreError> {
        if matches!(on_match, OnMatch::Stop) {
            return Ok(Some(Registered::Known));
        }
        self.welcome(client, &item::guarded_customer(guard)?, phone, on_match).await
    }

    /// Brings the customer, linked to the brand if one is asked for; `None` if it no longer has `phone`. One call.
    async fn welcome(
        &self,
        client: &ClientId,
        id: &CustomerId,
        phone: &Phone,
        on_match: OnMatch<'_>,
    ) -> Result<Option<Registered>, StoreError> {
        let found = match on_match {
            OnMatch::LinkBrand(brand, now) => match self.adopt(client, id, phone, brand, now).await? {
                Joined::Customer(customer) => Some(customer),
                Joined::LimitReached => return Ok(Some(Registered::TooManyBrands)),
                Joined::NotFound => None,
                Joined::PreconditionFailed => {
                    return Err(StoreError::Inconsistent("a match failed a precondition that it does not have"));
                }
            },
            OnMatch::Return | OnMatch::Stop => self.customer(client, id).await?,
        };
        Ok(found.filter(|customer| customer.phone == *phone).map(Registered::Matched))
    }

    /// Writes customers and the guards of their phones, all of them or none; two items each, so at most 50.
    pub(super) async fn insert(
        &self,
        client: &ClientId,
        customers: &[Customer],
    ) -> Result<Result<(), Cancelled>, StoreError> {
        let mut writes = Vec::with_capacity(customers.len() * 2);
        for customer in customers {
            writes.push(self.put_if_absent(item::from_customer(client, customer)?)?);
            writes.push(self.put_if_absent(item::guard_of(client, customer))?);
        }
        self.transact(writes).await
    }
}
