//! Match or create: finds the customer who has a phone number, or creates one.

use super::contention::{Attempt, retry};
use super::transaction::{Outcome, Part};
use super::{MemberOutcome, Store, StoreError, WriteContext, item, keys};
use crate::domain::{BrandId, Customer, CustomerId, PasswordHash, Phone};

/// What to do if a customer already has the phone.
#[derive(Debug, Clone, Copy)]
pub enum OnMatch<'a> {
    /// Report that the phone is known, without any further call.
    Stop,
    /// Return the customer.
    Return,
    /// Link the customer to this brand and return it.
    LinkBrand(&'a BrandId),
}

/// The result of match or create.
#[derive(Debug)]
pub enum Registered {
    Created(Customer),
    Matched(Customer),
    /// A customer has the phone, and [`OnMatch::Stop`] was requested.
    PhoneExists,
    /// The customer already has the maximum number of brands.
    TooManyBrands,
}

impl Store {
    /// Returns the customer who has the phone of `customer`. If no customer has it, creates `customer`. A match takes
    /// two calls and a creation two. The loser of a race needs three: the cancelled transaction contains the winner's
    /// id, and one more call reads the winner. `password` runs only if the index finds no customer.
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

    /// Creates `customer`, or returns the customer who already has its phone.
    async fn create(
        &self,
        write: &WriteContext,
        customer: &Customer,
        hash: Option<&PasswordHash>,
        on_match: OnMatch<'_>,
    ) -> Result<Registered, StoreError> {
        retry(|attempts| async move {
            // Another request is probably creating the same customer. Reads do not conflict, so the losers of a race
            // read the guard before they write again.
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

    /// Returns the customer `id` as a match, as `on_match` requires. Returns `None` if the customer no longer has
    /// `phone`. At most one call.
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
