//! Partial updates of a customer, including a new phone or password.

use super::contention::{Attempt, retry};
use super::expression::{Expression, WriteOutcome, number, text};
use super::transaction::{Outcome, Part};
use super::{Precondition, Store, StoreError, WriteContext, attribute, item, keys};
use crate::domain::{BrandId, Change, Customer, CustomerId, CustomerPatch, Denied, MAX_LINKS, PasswordHash};

/// The conditions under which an update happens.
#[derive(Debug, Clone, Copy)]
pub struct UpdateScope<'a> {
    /// The customer must be linked to this brand.
    pub brand: Option<&'a BrandId>,
    pub precondition: &'a Precondition,
}

impl UpdateScope<'_> {
    /// The customer before and after the update. They are equal if no field changes.
    fn plan<'a>(
        &self,
        write: &WriteContext,
        before: Option<&'a Customer>,
        patch: &CustomerPatch,
        changes_password: bool,
    ) -> Result<(&'a Customer, Customer), UpdateRefused> {
        write.access.check(before, write.now).map_err(UpdateRefused::Denied)?;
        let is_in_scope = |customer: &&Customer| self.brand.is_none_or(|brand| customer.brands.contains(brand));
        let before = before.filter(is_in_scope).ok_or(UpdateRefused::NotFound)?;
        let mut after = before.clone();
        if hides_in_part(write, before) {
            patch.apply_by_owner(&mut after);
        } else {
            patch.apply(&mut after);
        }
        if after == *before && !changes_password {
            return Ok((before, after));
        }
        if !self.precondition.admits(before.version) {
            return Err(UpdateRefused::PreconditionFailed);
        }
        if after.accounts.len() > MAX_LINKS || after.brands.len() > MAX_LINKS {
            return Err(UpdateRefused::TooManyLinks);
        }
        Ok((before, after))
    }
}

/// Why an update did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateRefused {
    Denied(Denied),
    /// The customer does not exist or is not within the scope.
    NotFound,
    /// The customer would change, but its version is not one that the precondition names.
    PreconditionFailed,
    /// Another customer has the new phone.
    PhoneTaken,
    /// The new default would exceed the maximum number of links.
    TooManyLinks,
}

impl Store {
    /// Applies `patch` to a customer. An update that changes nothing writes nothing. A new phone removes the password,
    /// unless the update also sets one. A new phone, a changed password and `active: false` end every session in the same
    /// write. One call; two with a new phone, one new name or a password. `password` runs only if the
    /// customer that was read allows the update, because a hash costs far more than a read.
    pub async fn update<E: From<StoreError>>(
        &self,
        write: &WriteContext,
        id: &CustomerId,
        patch: &CustomerPatch,
        password: Change<impl Future<Output = Result<PasswordHash, E>>>,
        scope: UpdateScope<'_>,
    ) -> Result<Result<Customer, UpdateRefused>, E> {
        let mut read = None;
        let password = match password {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(hashing) => {
                let before = self.customer(&write.client, id).await?;
                if let Err(refused) = scope.plan(write, before.as_ref(), patch, true) {
                    return Ok(Err(refused));
                }
                read = Some(before);
                Change::Set(hashing.await?)
            }
        };
        let (read, password) = (&read, &password);
        let updated = retry(|attempts| async move {
            let before = if let (0, Some(before)) = (attempts, read) {
                before.clone()
            } else if let (Change::Keep, Some(expression)) = (password, update_of(id, patch, scope, write, None)?) {
                match self.write(&write.client, id, expression).await? {
                    WriteOutcome::Done(customer) => return Ok(Attempt::Done(Ok(customer))),
                    WriteOutcome::Refused(item) => item.map(item::to_customer).transpose()?,
                    WriteOutcome::Conflict => return Ok(Attempt::Again),
                }
            } else {
                // Either nothing changes, or a phone or password changes, which needs a transaction, or one name changes,
                // which needs the other one.
                self.customer(&write.client, id).await?
            };
            self.update_as_read(write, before.as_ref(), patch, password, scope).await
        });
        Ok(updated.await?)
    }

    /// Carries out the update of the customer `before`, as it was read. One call; none if nothing changes. A name is written
    /// on the condition that the other one is what was read, because the keys of the indexes contain both.
    async fn update_as_read(
        &self,
        write: &WriteContext,
        before: Option<&Customer>,
        patch: &CustomerPatch,
        password: &Change<PasswordHash>,
        scope: UpdateScope<'_>,
    ) -> Result<Attempt<Result<Customer, UpdateRefused>>, StoreError> {
        let (before, mut after) = match scope.plan(write, before, patch, *password != Change::Keep) {
            Ok(planned) => planned,
            Err(UpdateRefused::PreconditionFailed)
                if let Some(before) = before
                    && *password == Change::Clear
                    && patch.changes_nothing_of(before)
                    && self.item(keys::password(&write.client, &before.id)).await?.is_none() =>
            {
                return Ok(Attempt::Done(Ok(before.clone())));
            }
            Err(refused) => return Ok(Attempt::Done(Err(refused))),
        };
        let changes_fields = after != *before;
        let moves_phone = after.phone != before.phone;
        if changes_fields && hides_in_part(write, before) {
            return self.update_by_owner(write, before, &after).await;
        }
        if *password == Change::Keep && !moves_phone {
            if !changes_fields {
                return Ok(Attempt::Done(Ok(after)));
            }
            if changes_one_name(patch)
                && let Some(expression) = update_of(&before.id, patch, scope, write, Some(before))?
                && let WriteOutcome::Done(customer) = self.write(&write.client, &before.id, expression).await?
            {
                return Ok(Attempt::Done(Ok(customer)));
            }
            // The conditional update should have succeeded on the item that was read, so the item has changed since. Read
            // again.
            return Ok(Attempt::Again);
        }
        after.version += 1;
        after.updated_date = write.now;
        after.updated_by = Some(write.actor.clone());

        let mut expression = Expression::of_next_version(write)?;
        changes_of(patch, &mut expression)?;
        expression.assign_keys(keys::index_keys(&write.client, &after));
        expression.require_equal(attribute::VERSION, number(before.version));
        if moves_phone || *password != Change::Keep || closes(patch) {
            after.raise_epoch(None);
            expression.raise_epoch(None);
        }
        if moves_phone {
            expression.set(attribute::PHONE, text(after.phone.as_str()));
            expression.remove(attribute::PHONE_VERIFIED_DATE);
        }
        let mut transaction = self.transaction();
        transaction.update(Part::Customer, keys::customer(&write.client, &before.id), expression)?;
        if moves_phone {
            // The guard needs no condition: at this version, the phone and its guard belong to this customer.
            transaction.delete(Part::OldGuard, keys::phone_guard(&write.client, &before.phone))?;
            transaction.put_if_absent(Part::Guard, item::guard_of(&write.client, &after))?;
        }
        let password_key = keys::password(&write.client, &before.id);
        match password {
            Change::Set(hash) => {
                transaction.put(Part::Password, item::from_password(&write.client, &before.id, hash, write.now)?)?;
            }
            Change::Clear if !changes_fields => {
                // Clearing the password is the only change. It must fail if there is no password, so that the version
                // stays.
                transaction.delete_if(Part::Password, password_key, Expression::new())?;
            }
            Change::Clear | Change::Keep => transaction.delete(Part::Password, password_key)?,
        }
        match self.transact(transaction).await? {
            Outcome::Done => Ok(Attempt::Done(Ok(after))),
            Outcome::Busy => Ok(Attempt::Again),
            Outcome::Failed(failed) => {
                // The guard may belong to this customer, if an equal update came first.
                let owner = failed.item(Part::Guard).map(item::guarded_customer).transpose()?;
                Ok(if owner.is_some_and(|owner| owner != before.id) {
                    Attempt::Done(Err(UpdateRefused::PhoneTaken))
                } else if failed.has(Part::Password) && !failed.has(Part::Customer) {
                    Attempt::Done(Ok(before.clone()))
                } else {
                    Attempt::Again
                })
            }
        }
    }
}

/// Whether `patch` changes one of the two names. The keys of the indexes on names contain both.
fn changes_one_name(patch: &CustomerPatch) -> bool {
    (patch.first_name == Change::Keep) != (patch.last_name == Change::Keep)
}

impl Store {
    /// Carries out a passenger's update of a record that is hidden in part: what the update changes depends on what is
    /// hidden, so the record must be as it was read. One call.
    async fn update_by_owner(
        &self,
        write: &WriteContext,
        before: &Customer,
        after: &Customer,
    ) -> Result<Attempt<Result<Customer, UpdateRefused>>, StoreError> {
        let mut expression = Expression::of_next_version(write)?;
        expression.replace(attribute::EMAIL, after.email.as_ref())?;
        expression.replace(attribute::FIRST_NAME, after.first_name.as_ref())?;
        expression.replace(attribute::LAST_NAME, after.last_name.as_ref())?;
        expression.assign_keys(keys::index_keys(&write.client, after));
        expression.replace_set(attribute::PASSENGER_FIELDS, &after.passenger_fields);
        expression.require_equal(attribute::VERSION, number(before.version));
        let since =
            before.owner_since.ok_or(StoreError::Inconsistent("a record without an owner is hidden in part"))?;
        expression.require_equal(attribute::OWNER_SINCE, number(since));
        Ok(match self.write(&write.client, &before.id, expression).await? {
            WriteOutcome::Done(customer) => Attempt::Done(Ok(customer)),
            WriteOutcome::Refused(_) | WriteOutcome::Conflict => Attempt::Again,
        })
    }
}

/// Whether the request is a passenger's, and the record hides a part from them.
fn hides_in_part(write: &WriteContext, customer: &Customer) -> bool {
    write.access.is_of_passenger() && customer.owner_since.is_some()
}

/// The conditional update that carries out `patch` if the phone stays the same. `None` if `patch` changes only the
/// phone, or if it changes one name and no customer has been read.
fn update_of(
    id: &CustomerId,
    patch: &CustomerPatch,
    scope: UpdateScope<'_>,
    write: &WriteContext,
    read: Option<&Customer>,
) -> Result<Option<Expression>, StoreError> {
    let mut expression = Expression::of_next_version(write)?;
    changes_of(patch, &mut expression)?;
    if !expression.has_changes() {
        return Ok(None);
    }
    expression.require_difference();
    if closes(patch) {
        expression.raise_epoch(None);
    }
    let (mut first, mut last) = (None, None);
    if changes_one_name(patch) {
        let Some(read) = read else { return Ok(None) };
        (first, last) = (read.first_name.clone(), read.last_name.clone());
        match patch.first_name {
            Change::Keep => expression.require_same(attribute::FIRST_NAME, first.as_ref())?,
            _ => expression.require_same(attribute::LAST_NAME, last.as_ref())?,
        }
    }
    patch.first_name.apply(&mut first);
    patch.last_name.apply(&mut last);
    if patch.first_name != Change::Keep || patch.last_name != Change::Keep {
        expression.assign_keys(keys::name_keys(&write.client, first.as_ref(), last.as_ref(), id));
    }
    if patch.email != Change::Keep {
        expression.assign_keys([keys::email_key(&write.client, patch.email.set())]);
    }
    if write.access.is_of_passenger() {
        // What an update of a record that is hidden in part changes depends on what is hidden.
        expression.require_absent(attribute::OWNER_SINCE);
    }
    if let Some(phone) = &patch.phone {
        expression.require_equal(attribute::PHONE, text(phone.as_str()));
    }
    if let Some(brand) = scope.brand {
        expression.require_member(attribute::BRANDS, brand.as_str());
    }
    expression.require_version(scope.precondition);
    Ok(Some(expression))
}

/// Whether `patch` makes the record inactive, which ends every session.
fn closes(patch: &CustomerPatch) -> bool {
    patch.active.set() == Some(&false)
}

/// Adds all changes of `patch` except the phone.
fn changes_of(patch: &CustomerPatch, expression: &mut Expression) -> Result<(), StoreError> {
    // Every field is named, so that a field that is missing here does not compile.
    let CustomerPatch {
        phone: _,
        email,
        first_name,
        last_name,
        default_account,
        default_brand,
        priority,
        min_priority,
        loyalty_miles,
        rating,
        driver_note,
        management_note,
        active,
        owner_confirmed,
    } = patch;
    expression.change(attribute::EMAIL, email)?;
    expression.change(attribute::FIRST_NAME, first_name)?;
    expression.change(attribute::LAST_NAME, last_name)?;
    expression.change(attribute::DEFAULT_ACCOUNT, default_account)?;
    expression.change(attribute::DEFAULT_BRAND, default_brand)?;
    expression.change(attribute::PRIORITY, priority)?;
    expression.change(attribute::MIN_PRIORITY, min_priority)?;
    expression.change(attribute::LOYALTY_MILES, loyalty_miles)?;
    expression.change(attribute::RATING, rating)?;
    expression.change(attribute::DRIVER_NOTE, driver_note)?;
    expression.change(attribute::MANAGEMENT_NOTE, management_note)?;
    expression.change(attribute::ACTIVE, active)?;
    if *owner_confirmed {
        expression.remove(attribute::OWNER_SINCE);
        expression.remove_quietly(attribute::PASSENGER_FIELDS);
    } else {
        // A field that the office writes is hidden from an owner.
        expression.delete_members(attribute::PASSENGER_FIELDS, &patch.passenger_fields());
    }
    if let Some(account) = default_account.set() {
        expression.add_member(attribute::ACCOUNTS, account.as_str(), MAX_LINKS);
    }
    if let Some(brand) = default_brand.set() {
        expression.add_member(attribute::BRANDS, brand.as_str(), MAX_LINKS);
    }
    Ok(())
}
