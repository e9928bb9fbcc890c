//! Links and tags: string sets on the customer, changed by one idempotent update.

use aws_sdk_dynamodb::types::AttributeValue;

use super::contention::Backoff;
use super::expression::{Expression, Written};
use super::item::{self, Item};
use super::{Precondition, Store, StoreError};
use crate::domain::{BrandId, ClientId, Customer, CustomerId, Link, MAX_LINKS, MAX_TAGS, Phone, Tag, UnixSeconds};

/// What became of adding or removing a link or a tag.
#[derive(Debug)]
pub enum Joined {
    /// The customer as it is now, changed or not.
    Customer(Customer),
    NotFound,
    /// It would change, and its version is not one of those asked for.
    PreconditionFailed,
    /// It has as many as one can have.
    LimitReached,
}

/// A link or a tag: one member of one of a customer's string sets.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    set: &'static str,
    value: &'a str,
    limit: usize,
    /// The attribute that may name this member as the default.
    default: Option<&'static str>,
}

impl<'a> From<&'a Link> for Member<'a> {
    fn from(link: &'a Link) -> Self {
        let (set, value, default) = match link {
            Link::Account(id) => ("accounts", id.as_str(), Some("defaultAccount")),
            Link::AccountDepartment(id) => ("accountDepartments", id.as_str(), None),
            Link::Brand(id) => ("brands", id.as_str(), Some("defaultBrand")),
            Link::ClientCapability(id) => ("clientCapabilities", id.as_str(), None),
        };
        Self { set, value, limit: MAX_LINKS, default }
    }
}

impl<'a> From<&'a Tag> for Member<'a> {
    fn from(tag: &'a Tag) -> Self {
        Self { set: "tags", value: tag.as_str(), limit: MAX_TAGS, default: None }
    }
}

impl Store {
    /// Links a customer who has `phone` to the brand on whose path it was met, and makes that its default if it has
    /// none. [`Joined::NotFound`] if it does not have that phone. One call.
    pub(super) async fn adopt(
        &self,
        client: &ClientId,
        id: &CustomerId,
        phone: &Phone,
        brand: &BrandId,
        now: UnixSeconds,
    ) -> Result<Joined, StoreError> {
        let link = Link::Brand(brand.clone());
        let member = Member::from(&link);
        let mut backoff = Backoff::new();
        loop {
            let mut expression = Expression::new(now);
            expression.add_member(member.set, member.value);
            expression.set_if_absent("defaultBrand", AttributeValue::S(brand.as_str().to_owned()));
            expression.require_room(member.set, member.limit);
            expression.require("NOT contains(#brands, :brands_member)", &[]);
            expression.value("phone", AttributeValue::S(phone.as_str().to_owned()));
            expression.require("#phone = :phone", &["phone"]);
            match self.write(client, id, expression).await? {
                Written::Done(customer) => return Ok(Joined::Customer(customer)),
                Written::Refused(None) => return Ok(Joined::NotFound),
                Written::Refused(Some(item)) => {
                    let customer = item::to_customer(item)?;
                    return Ok(if customer.phone != *phone {
                        Joined::NotFound
                    } else if customer.brands.contains(brand) {
                        Joined::Customer(customer)
                    } else {
                        Joined::LimitReached
                    });
                }
                Written::Conflict => backoff.wait().await?,
            }
        }
    }

    /// Links or tags a customer. One call.
    pub async fn add_member(
        &self,
        client: &ClientId,
        id: &CustomerId,
        member: impl Into<Member<'_>>,
        precondition: &Precondition,
        now: UnixSeconds,
    ) -> Result<Joined, StoreError> {
        let member = member.into();
        let mut backoff = Backoff::new();
        loop {
            let mut expression = Expression::new(now);
            expression.add_member(member.set, member.value);
            expression.require_room(member.set, member.limit);
            expression.require(format!("NOT contains(#{0}, :{0}_member)", member.set), &[]);
            expression.require_version(precondition);
            match self.write(client, id, expression).await? {
                Written::Done(customer) => return Ok(Joined::Customer(customer)),
                Written::Refused(None) => return Ok(Joined::NotFound),
                Written::Refused(Some(item)) => {
                    let is_member = member.is_in(&item);
                    let customer = item::to_customer(item)?;
                    return Ok(if is_member {
                        Joined::Customer(customer)
                    } else if precondition.admits(customer.version) {
                        Joined::LimitReached
                    } else {
                        Joined::PreconditionFailed
                    });
                }
                Written::Conflict => backoff.wait().await?,
            }
        }
    }

    /// Removes a link, and the default that names it, or a tag. One call; two where it is the default.
    pub async fn remove_member(
        &self,
        client: &ClientId,
        id: &CustomerId,
        member: impl Into<Member<'_>>,
        precondition: &Precondition,
        now: UnixSeconds,
    ) -> Result<Joined, StoreError> {
        let member = member.into();
        let mut backoff = Backoff::new();
        let mut is_default = false;
        loop {
            let mut expression = Expression::new(now);
            expression.delete_member(member.set, member.value);
            expression.require(format!("contains(#{0}, :{0}_member)", member.set), &[]);
            expression.require_version(precondition);
            match member.default {
                Some(default) if is_default => {
                    expression.remove(default);
                    expression.require(format!("#{default} = :{}_member", member.set), &[default]);
                }
                Some(default) => expression.require(
                    format!("(attribute_not_exists(#{default}) OR #{default} <> :{}_member)", member.set),
                    &[default],
                ),
                None => {}
            }
            match self.write(client, id, expression).await? {
                Written::Done(customer) => return Ok(Joined::Customer(customer)),
                Written::Refused(None) => return Ok(Joined::NotFound),
                Written::Refused(Some(item)) => {
                    let (is_member, was_default) = (member.is_in(&item), is_default);
                    is_default = member.is_default_of(&item);
                    let customer = item::to_customer(item)?;
                    if !is_member {
                        return Ok(Joined::Customer(customer));
                    }
                    if !precondition.admits(customer.version) {
                        return Ok(Joined::PreconditionFailed);
                    }
                    if was_default {
                        // The default changed twice under us.
                        backoff.wait().await?;
                    }
                }
                Written::Conflict => backoff.wait().await?,
            }
        }
    }
}

impl Member<'_> {
    fn is_in(&self, item: &Item) -> bool {
        let members = item.get(self.set).and_then(|set| set.as_ss().ok());
        members.is_some_and(|members| members.iter().any(|member| member == self.value))
    }

    fn is_default_of(&self, item: &Item) -> bool {
        self.default.and_then(|default| item.get(default)?.as_s().ok()).is_some_and(|default| default == self.value)
    }
}
