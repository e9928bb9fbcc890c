//! Partial updates of a customer, a change of phone included.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};

use super::contention::Backoff;
use super::expression::{Expression, Written};
use super::item;
use super::transaction::Cancelled;
use super::{Precondition, Store, StoreError, keys};
use crate::domain::{BrandId, Change, ClientId, Customer, CustomerId, CustomerPatch, MAX_LINKS, UnixSeconds};

/// What must hold of the customer for an update to happen.
#[derive(Debug, Clone, Copy)]
pub struct UpdateScope<'a> {
    /// It must be linked to this brand.
    pub brand: Option<&'a BrandId>,
    pub precondition: &'a Precondition,
}

impl UpdateScope<'_> {
    /// Whether the customer is linked to the brand.
    fn holds(&self, customer: &Customer) -> bool {
        self.brand.is_none_or(|brand| customer.brands.contains(brand))
    }
}

/// Why an update did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateRefused {
    /// There is no such customer within the scope.
    NotFound,
    /// It would change, and its version is not one of those asked for.
    PreconditionFailed,
    /// Another customer has the new phone.
    PhoneTaken,
    /// The new default would be one link too many.
    TooManyLinks,
}

impl Store {
    /// Merges `patch` into a customer; what changes nothing writes nothing. One call; two where the phone changes.
    pub async fn update(
        &self,
        client: &ClientId,
        id: &CustomerId,
        patch: &CustomerPatch,
        scope: UpdateScope<'_>,
        now: UnixSeconds,
    ) -> Result<Result<Customer, UpdateRefused>, StoreError> {
        let mut backoff = Backoff::new();
        loop {
            let before = match update_of(patch, scope, now)? {
                Some(expression) => match self.write(client, id, expression).await? {
                    Written::Done(customer) => return Ok(Ok(customer)),
                    Written::Refused(item) => item.map(item::to_customer).transpose()?,
                    Written::Conflict => {
                        backoff.wait().await?;
                        continue;
                    }
                },
                // No field but the phone can change, so one conditional update cannot do it.
                None => self.customer(client, id).await?,
            };
            let Some(before) = before.filter(|before| scope.holds(before)) else {
                return Ok(Err(UpdateRefused::NotFound));
            };
            let mut after = before.clone();
            patch.apply(&mut after);
            if after == before {
                return Ok(Ok(before));
            }
            if !scope.precondition.admits(before.version) {
                return Ok(Err(UpdateRefused::PreconditionFailed));
            }
            if after.accounts.len() > MAX_LINKS || after.brands.len() > MAX_LINKS {
                return Ok(Err(UpdateRefused::TooManyLinks));
            }
            if after.phone == before.phone {
                // The condition failed for a reason that is gone from the item it brought: look again.
                backoff.wait().await?;
                continue;
            }
            after.version += 1;
            after.updated_date = now;
            match self.move_phone(client, &before, &after, patch, now).await? {
                Ok(()) => return Ok(Ok(after)),
                Err(Cancelled::Conditions(mut failed)) => {
                    // The guard is the last of the three; it may be our own, if this very change came first.
                    let guard = failed.pop().flatten().and_then(|reason| reason.item);
                    if guard.map(|guard| item::guarded_customer(&guard)).transpose()?.is_some_and(|owner| owner != *id)
                    {
                        return Ok(Err(UpdateRefused::PhoneTaken));
                    }
                }
                Err(Cancelled::Busy) => {}
            }
            backoff.wait().await?;
        }
    }

    /// Why [`Self::update`] would refuse `patch` now; `None` if it would write. For a patch that is costly to complete:
    /// its password may still be missing. One call; two where the phone changes.
    pub async fn update_refusal(
        &self,
        client: &ClientId,
        id: &CustomerId,
        patch: &CustomerPatch,
        scope: UpdateScope<'_>,
    ) -> Result<Option<UpdateRefused>, StoreError> {
        let before = self.customer(client, id).await?.filter(|before| scope.holds(before));
        let Some(before) = before else { return Ok(Some(UpdateRefused::NotFound)) };
        if !scope.precondition.admits(before.version) {
            return Ok(Some(UpdateRefused::PreconditionFailed));
        }
        let mut after = before.clone();
        patch.apply(&mut after);
        if after.accounts.len() > MAX_LINKS || after.brands.len() > MAX_LINKS {
            return Ok(Some(UpdateRefused::TooManyLinks));
        }
        if after.phone == before.phone {
            return Ok(None);
        }
        let guard = self.item(keys::phone_guard(client, &after.phone)).await?;
        let owner = guard.map(|guard| item::guarded_customer(&guard)).transpose()?;
        Ok(owner.is_some_and(|owner| owner != *id).then_some(UpdateRefused::PhoneTaken))
    }

    /// Everything that the phone keys moves at once, or nothing does: the customer, the old guard, the new guard.
    async fn move_phone(
        &self,
        client: &ClientId,
        before: &Customer,
        after: &Customer,
        patch: &CustomerPatch,
        now: UnixSeconds,
    ) -> Result<Result<(), Cancelled>, StoreError> {
        let mut expression = Expression::new(now);
        changes_of(patch, &mut expression)?;
        expression.set("phone", AttributeValue::S(after.phone.as_str().to_owned()));
        expression.set(keys::PHONE_INDEX_PK, AttributeValue::S(keys::phone_index(client, &after.phone)));
        expression.remove("phoneVerifiedDate");
        if patch.password == Change::Keep {
            expression.remove("password");
        }
        expression.value("before", AttributeValue::N(before.version.to_string()));
        expression.require("#version = :before", &[]);
        let (update, condition, names, values) = expression.build();
        let customer = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::customer(client, &before.id).attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .build()?;
        self.transact(vec![
            TransactWriteItem::builder().update(customer).build(),
            // No condition of its own: at this version the phone, and so its guard, is this customer's.
            self.delete_item(keys::phone_guard(client, &before.phone))?,
            self.put_if_absent(item::guard_of(client, after))?,
        ])
        .await
    }
}

/// The one conditional update that carries out `patch` if the phone stays; `None` if `patch` changes nothing but the phone.
fn update_of(
    patch: &CustomerPatch,
    scope: UpdateScope<'_>,
    now: UnixSeconds,
) -> Result<Option<Expression>, StoreError> {
    let mut expression = Expression::new(now);
    if !changes_of(patch, &mut expression)? {
        return Ok(None);
    }
    expression.require_difference();
    if let Some(phone) = &patch.phone {
        expression.value("phone", AttributeValue::S(phone.as_str().to_owned()));
        expression.require("#phone = :phone", &["phone"]);
    }
    if let Some(brand) = scope.brand {
        expression.value("scope", AttributeValue::S(brand.as_str().to_owned()));
        expression.require("contains(#brands, :scope)", &["brands"]);
    }
    expression.require_version(scope.precondition);
    Ok(Some(expression))
}

/// Adds every change of `patch` but that of the phone, and says whether there is any.
fn changes_of(patch: &CustomerPatch, expression: &mut Expression) -> Result<bool, StoreError> {
    // Named one by one, so that a field that is added to the patch and not here does not compile.
    let CustomerPatch {
        phone: _,
        email,
        first_name,
        last_name,
        default_account,
        default_brand,
        password,
        priority,
        min_priority,
        loyalty_miles,
        rating,
        driver_note,
        management_note,
        active,
    } = patch;
    expression.change("email", email)?;
    expression.change("firstName", first_name)?;
    expression.change("lastName", last_name)?;
    expression.change("defaultAccount", default_account)?;
    expression.change("defaultBrand", default_brand)?;
    expression.change("password", password)?;
    expression.change("priority", priority)?;
    expression.change("minPriority", min_priority)?;
    expression.change("loyaltyMiles", loyalty_miles)?;
    expression.change("rating", rating)?;
    expression.change("driverNote", driver_note)?;
    expression.change("managementNote", management_note)?;
    expression.change("active", active)?;
    if let Some(account) = default_account.set() {
        expression.add_member("accounts", account.as_str());
        expression.require_room("accounts", MAX_LINKS);
    }
    if let Some(brand) = default_brand.set() {
        expression.add_member("brands", brand.as_str());
        expression.require_room("brands", MAX_LINKS);
    }
    Ok(expression.has_changes())
}
