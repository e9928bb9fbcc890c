//! Links and tags: string sets on the customer. One idempotent update adds or removes a member.

use super::contention::{Attempt, retry};
use super::expression::{Expression, WriteOutcome, text};
use super::item::{self, Item};
use super::{Precondition, Store, StoreError, WriteContext, attribute};
use crate::domain::{BrandId, Customer, CustomerId, Link, MAX_LINKS, MAX_TAGS, Phone, Tag};

/// The result of adding or removing a link or a tag.
#[derive(Debug)]
pub enum MemberOutcome {
    /// The current customer, whether the request changed it or not.
    Customer(Customer),
    NotFound,
    /// The customer would change, but its version is not one that the precondition names.
    PreconditionFailed,
    /// The set already has the maximum number of members.
    LimitReached,
}

/// A link or a tag: a member of one of the customer's string sets.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    set: &'static str,
    value: &'a str,
    limit: usize,
    /// The attribute that can name this member as the default.
    default: Option<&'static str>,
}

impl<'a> From<&'a Link> for Member<'a> {
    fn from(link: &'a Link) -> Self {
        let (set, value, default) = match link {
            Link::Account(id) => (attribute::ACCOUNTS, id.as_str(), Some(attribute::DEFAULT_ACCOUNT)),
            Link::AccountDepartment(id) => (attribute::ACCOUNT_DEPARTMENTS, id.as_str(), None),
            Link::Brand(id) => (attribute::BRANDS, id.as_str(), Some(attribute::DEFAULT_BRAND)),
            Link::ClientCapability(id) => (attribute::CLIENT_CAPABILITIES, id.as_str(), None),
        };
        Self { set, value, limit: MAX_LINKS, default }
    }
}

impl<'a> From<&'a Tag> for Member<'a> {
    fn from(tag: &'a Tag) -> Self {
        Self { set: attribute::TAGS, value: tag.as_str(), limit: MAX_TAGS, default: None }
    }
}

impl Store {
    /// Links the customer to `brand` and makes it the default brand if the customer has no default brand. Returns
    /// [`MemberOutcome::NotFound`] if the customer does not have `phone`. One call.
    pub(super) async fn link_brand_if_phone(
        &self,
        write: &WriteContext,
        id: &CustomerId,
        phone: &Phone,
        brand: &BrandId,
    ) -> Result<MemberOutcome, StoreError> {
        let link = Link::Brand(brand.clone());
        let member = Member::from(&link);
        retry(|_| async move {
            let mut expression = Expression::of_next_version(write)?;
            expression.add_member(member.set, member.value, member.limit);
            expression.require_no_member(member.set, member.value);
            expression.set_if_absent(attribute::DEFAULT_BRAND, text(brand.as_str()));
            expression.require_equal(attribute::PHONE, text(phone.as_str()));
            Ok(Attempt::Done(match self.write(&write.client, id, expression).await? {
                WriteOutcome::Done(customer) => MemberOutcome::Customer(customer),
                WriteOutcome::Refused(None) => MemberOutcome::NotFound,
                WriteOutcome::Refused(Some(item)) => {
                    let customer = item::to_customer(item)?;
                    if customer.phone != *phone {
                        MemberOutcome::NotFound
                    } else if customer.brands.contains(brand) {
                        MemberOutcome::Customer(customer)
                    } else {
                        MemberOutcome::LimitReached
                    }
                }
                WriteOutcome::Conflict => return Ok(Attempt::Again),
            }))
        })
        .await
    }

    /// Adds a link or a tag. One call.
    pub async fn add_member(
        &self,
        write: &WriteContext,
        id: &CustomerId,
        member: impl Into<Member<'_>>,
        precondition: &Precondition,
    ) -> Result<MemberOutcome, StoreError> {
        let member = member.into();
        retry(|_| async move {
            let mut expression = Expression::of_next_version(write)?;
            expression.add_member(member.set, member.value, member.limit);
            expression.require_no_member(member.set, member.value);
            expression.require_version(precondition);
            Ok(Attempt::Done(match self.write(&write.client, id, expression).await? {
                WriteOutcome::Done(customer) => MemberOutcome::Customer(customer),
                WriteOutcome::Refused(None) => MemberOutcome::NotFound,
                WriteOutcome::Refused(Some(item)) => {
                    let is_member = member.is_in(&item)?;
                    let customer = item::to_customer(item)?;
                    if is_member {
                        MemberOutcome::Customer(customer)
                    } else if precondition.admits(customer.version) {
                        MemberOutcome::LimitReached
                    } else {
                        MemberOutcome::PreconditionFailed
                    }
                }
                WriteOutcome::Conflict => return Ok(Attempt::Again),
            }))
        })
        .await
    }

    /// Removes a link or a tag. If a link is the default, the default is cleared too. One call; two if it is the
    /// default.
    pub async fn remove_member(
        &self,
        write: &WriteContext,
        id: &CustomerId,
        member: impl Into<Member<'_>>,
        precondition: &Precondition,
    ) -> Result<MemberOutcome, StoreError> {
        let member = member.into();
        retry(|_| async move {
            let mut is_default = false;
            loop {
                match self.write(&write.client, id, member.removal(write, is_default, precondition)?).await? {
                    WriteOutcome::Done(customer) => return Ok(Attempt::Done(MemberOutcome::Customer(customer))),
                    WriteOutcome::Refused(None) => return Ok(Attempt::Done(MemberOutcome::NotFound)),
                    WriteOutcome::Refused(Some(item)) => {
                        let (is_member, was_default) = (member.is_in(&item)?, is_default);
                        is_default = member.is_default_of(&item);
                        let customer = item::to_customer(item)?;
                        if !is_member {
                            return Ok(Attempt::Done(MemberOutcome::Customer(customer)));
                        }
                        if !precondition.admits(customer.version) {
                            return Ok(Attempt::Done(MemberOutcome::PreconditionFailed));
                        }
                        if was_default {
                            // Other writers changed the default twice in the meantime.
                            return Ok(Attempt::Again);
                        }
                    }
                    WriteOutcome::Conflict => return Ok(Attempt::Again),
                }
            }
        })
        .await
    }
}

impl Member<'_> {
    /// The update that removes this member. If `is_default`, it also clears the default.
    fn removal(
        &self,
        write: &WriteContext,
        is_default: bool,
        precondition: &Precondition,
    ) -> Result<Expression, StoreError> {
        let mut expression = Expression::of_next_version(write)?;
        expression.delete_member(self.set, self.value);
        expression.require_member(self.set, self.value);
        expression.require_version(precondition);
        match self.default {
            Some(default) if is_default => {
                expression.remove(default);
                expression.require_equal(default, text(self.value));
            }
            Some(default) => expression.require_not_equal(default, text(self.value)),
            None => {}
        }
        Ok(expression)
    }

    fn is_in(&self, item: &Item) -> Result<bool, StoreError> {
        let Some(members) = item.get(self.set) else { return Ok(false) };
        let members =
            members.as_ss().map_err(|_| StoreError::Inconsistent("a set of a customer is not a string set"))?;
        Ok(members.iter().any(|member| member == self.value))
    }

    fn is_default_of(&self, item: &Item) -> bool {
        self.default.and_then(|default| item.get(default)?.as_s().ok()).is_some_and(|default| default == self.value)
    }
}
