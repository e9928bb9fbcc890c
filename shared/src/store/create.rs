//! Match or create: what a booking does with a phone number.

use super::contention::{Attempt, retry};
use super::transaction::{Outcome, Part};
use super::{MemberOutcome, Store, StoreError, WriteContext, item, keys};
use crate::domain::{BrandId, Customer, CustomerId, PasswordHash, Phone};

/// What to do with a customer who has the phone already.
#[derive(Debug, Clone, Copy)]
pub enum OnMatch<'a> {
    /// Answer that the phone is known; read and write nothing more.
    Stop,
    /// Bring the record.
    Return,
    /// Bring the record, linked to this brand.
    LinkBrand(&'a BrandId),
}

/// What became of a registration.
#[derive(Debug)]
pub enum Registered {
    Created(Customer),
    Matched(Customer),
    /// The phone is known, and [`OnMatch::Stop`] was asked for.
    PhoneExists,
    /// The customer has as many brands as one can have.
    TooManyBrands,
}

impl Store {
    /// The customer who has the phone of `customer`, or else `customer`, created.
    ///
    /// A match costs two calls and a creation two; the loser of a race three, since the winner's id comes out of
    /// the transaction's cancellation. `password` runs only if the index knows nobody.
    pub async fn match_or_create<E: From<StoreError>>(
        &self,
        write: &WriteContext,
        mut customer: Customer,
        password: Option<impl Future<Output = Result<PasswordHash, E>>>,
        on_match: OnMatch<'_>,
    ) -> Result<Registered, E> {
        if let Some(found) = self.indexed(&write.client, &customer.phone).await? {
            let matched = match on_match {
                OnMatch::Stop => Some(Registered::PhoneExists),
                OnMatch::LinkBrand(brand) if !found.brands.contains(brand) => {
                    self.return_match(write, &found.id, &customer.phone, on_match).await?
                }
                OnMatch::Return | OnMatch::LinkBrand(_) => Some(Registered::Matched(found)),
            };
            if let Some(matched) = matched {
                return Ok(matched);
            }
        }
        let hash = match password {
            Some(hashing) => Some(hashing.await?),
            None => None,
        };
        customer.created_by = Some(write.actor.clone());
        customer.updated_by = Some(write.actor.clone());
        Ok(self.create(write, &customer, hash.as_ref(), on_match).await?)
    }

    /// Creates `customer`, or returns the customer who has its phone.
    async fn create(
        &self,
        write: &WriteContext,
        customer: &Customer,
        hash: Option<&PasswordHash>,
        on_match: OnMatch<'_>,
    ) -> Result<Registered, StoreError> {
        retry(|attempts| async move {
            // Most likely another request is creating this very customer. A read does not conflict, so the many losers of
            // one race read before they write again.
            if attempts > 0
                && let Some(guard) = self.item(keys::phone_guard(&write.client, &customer.phone)).await?
                && let Some(matched) =
                    self.return_match(write, &item::guarded_customer(&guard)?, &customer.phone, on_match).await?
            {
                return Ok(Attempt::Done(matched));
            }
            let mut transaction = self.transaction();
            transaction.create(&write.client, customer)?;
            if let Some(hash) = hash {
                let password = item::from_password(&write.client, &customer.id, hash, write.now)?;
                transaction.put(Part::Password, password)?;
            }
            match self.transact(transaction).await? {
                Outcome::Done => return Ok(Attempt::Done(Registered::Created(customer.clone()))),
                Outcome::Busy => {}
                Outcome::Failed(failed) => {
                    let guard = failed.item(Part::Guard);
                    let guard = guard.ok_or(StoreError::Inconsistent("a new customer's id is taken"))?;
                    let owner = item::guarded_customer(guard)?;
                    if let Some(matched) = self.return_match(write, &owner, &customer.phone, on_match).await? {
                        return Ok(Attempt::Done(matched));
                    }
                }
            }
            Ok(Attempt::Again)
        })
        .await
    }

    /// Returns the customer `id` as a match, linked to the brand if one is asked for; `None` if it no longer has `phone`.
    /// At most one call.
    async fn return_match(
        &self,
        write: &WriteContext,
        id: &CustomerId,
        phone: &Phone,
        on_match: OnMatch<'_>,
    ) -> Result<Option<Registered>, StoreError> {
        Ok(match on_match {
            OnMatch::Stop => Some(Registered::PhoneExists),
            OnMatch::Return => {
                let found = self.customer(&write.client, id).await?;
                found.filter(|customer| customer.phone == *phone).map(Registered::Matched)
            }
            OnMatch::LinkBrand(brand) => match self.link_brand_if_phone(write, id, phone, brand).await? {
                MemberOutcome::Customer(customer) => Some(Registered::Matched(customer)),
                MemberOutcome::LimitReached => Some(Registered::TooManyBrands),
                MemberOutcome::NotFound => None,
                MemberOutcome::PreconditionFailed => {
                    return Err(StoreError::Inconsistent("a match failed a precondition that it does not have"));
                }
            },
        })
    }
}
