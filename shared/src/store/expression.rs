//! Builds update and condition expressions, and carries out a conditional update of a customer.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use serde::Serialize;

use super::attribute;
use super::item::{self, Item};
use super::{Precondition, Store, StoreError, WriteContext, keys};
use crate::domain::block::BlockLevel;
use crate::domain::{
    Access, Change, ClientId, Customer, CustomerId, PassengerField, SessionClaim, SessionId, UnixSeconds,
};

/// The changes of one item and their conditions. Placeholders are generated here and do not leave this type.
pub(super) struct Expression {
    set: Vec<String>,
    remove: Vec<String>,
    add: Vec<String>,
    delete: Vec<String>,
    conditions: Vec<String>,
    differences: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

/// An [`Expression`] in the form that DynamoDB expects.
pub(super) struct Built {
    pub(super) update: String,
    pub(super) condition: String,
    /// `None` if the expression has no names: DynamoDB refuses an empty map.
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<HashMap<String, AttributeValue>>,
}

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn stored(value: &impl Serialize) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(value).map_err(StoreError::unreadable("customer"))
}

fn names_of(fields: &BTreeSet<PassengerField>) -> AttributeValue {
    AttributeValue::Ss(fields.iter().map(|field| field.as_str().to_owned()).collect())
}

pub(super) fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

impl Expression {
    /// An expression that requires an existing item.
    pub(super) fn new() -> Self {
        Self {
            set: Vec::new(),
            remove: Vec::new(),
            add: Vec::new(),
            delete: Vec::new(),
            conditions: vec![format!("attribute_exists({})", keys::PK)],
            differences: Vec::new(),
            names: HashMap::new(),
            values: HashMap::new(),
        }
    }

    /// An expression for an existing customer that allows this write. It keeps the version, and removes the password hash
    /// that an earlier version of this service stored on the customer, because that hash belongs to an unproven phone.
    pub(super) fn of_profile(write: &WriteContext) -> Self {
        let mut expression = Self::new();
        expression.require_access(&write.access, write.now);
        expression.remove_quietly(attribute::FORMER_PASSWORD);
        expression
    }

    /// An expression for an existing customer that increments its version.
    ///
    /// # Errors
    /// Never: every actor can be stored.
    pub(super) fn of_next_version(write: &WriteContext) -> Result<Self, StoreError> {
        let mut expression = Self::of_profile(write);
        let (version, one) = (expression.name(attribute::VERSION), expression.value(number(1)));
        expression.set.push(format!("{version} = {version} + {one}"));
        expression.assign(attribute::UPDATED_DATE, number(write.now));
        expression.assign(attribute::UPDATED_BY, stored(&write.actor)?);
        Ok(expression)
    }

    fn name(&mut self, attribute: &str) -> String {
        let placeholder = format!("#{attribute}");
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    /// The path to `attribute` in the map `outer`.
    fn path(&mut self, outer: &str, attribute: &str) -> String {
        format!("{}.{}", self.name(outer), self.name(attribute))
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// Sets `attribute`, but does not count as a change for [`Expression::require_difference`].
    pub(super) fn assign(&mut self, attribute: &str, value: AttributeValue) {
        let (name, value) = (self.name(attribute), self.value(value));
        self.set.push(format!("{name} = {value}"));
    }

    /// Sets `attribute`. This counts as a change for [`Expression::require_difference`].
    pub(super) fn set(&mut self, attribute: &str, value: AttributeValue) {
        let (name, value) = (self.name(attribute), self.value(value));
        self.set.push(format!("{name} = {value}"));
        self.differences.push(format!("attribute_not_exists({name})"));
        self.differences.push(format!("{name} <> {value}"));
    }

    /// Sets `attribute` to the stored form of `value`. This counts as a change for [`Expression::require_difference`].
    pub(super) fn set_stored(&mut self, attribute: &str, value: &impl Serialize) -> Result<(), StoreError> {
        self.set(attribute, stored(value)?);
        Ok(())
    }

    /// Sets the keys of indexes, or removes those without a value. They follow from other attributes, so they do not count
    /// as changes.
    pub(super) fn assign_keys(&mut self, keys: impl IntoIterator<Item = (&'static str, Option<String>)>) {
        for (attribute, key) in keys {
            if let Some(key) = key {
                self.assign(attribute, AttributeValue::S(key));
            } else {
                self.remove_quietly(attribute);
            }
        }
    }

    /// Sets `attribute` if it is absent.
    pub(super) fn set_if_absent(&mut self, attribute: &str, value: AttributeValue) {
        let (name, value) = (self.name(attribute), self.value(value));
        self.set.push(format!("{name} = if_not_exists({name}, {value})"));
    }

    /// Removes `attribute`. This counts as a change for [`Expression::require_difference`].
    pub(super) fn remove(&mut self, attribute: &str) {
        let name = self.name(attribute);
        self.differences.push(format!("attribute_exists({name})"));
        self.remove.push(name);
    }

    /// Removes `attribute`, but does not count as a change for [`Expression::require_difference`].
    pub(super) fn remove_quietly(&mut self, attribute: &str) {
        let name = self.name(attribute);
        self.remove.push(name);
    }

    /// Adds `increment` to the number `attribute`, which counts as 0 if it is absent. This does not count as a change for
    /// [`Expression::require_difference`].
    fn add(&mut self, attribute: &str, increment: i64) {
        let (name, increment) = (self.name(attribute), self.value(number(increment)));
        self.add.push(format!("{name} {increment}"));
    }

    /// Ends every session of the customer, except for `kept`. Every write that ends sessions calls this.
    pub(super) fn raise_epoch(&mut self, kept: Option<&SessionId>) {
        self.add(attribute::SESSION_EPOCH, 1);
        match kept {
            Some(session) => self.assign(attribute::EPOCH_SESSION, text(session.as_str())),
            None => self.remove_quietly(attribute::EPOCH_SESSION),
        }
    }

    /// Applies a [`Change`] to `attribute`.
    pub(super) fn change(&mut self, attribute: &str, change: &Change<impl Serialize>) -> Result<(), StoreError> {
        match change {
            Change::Keep => {}
            Change::Clear => self.remove(attribute),
            Change::Set(value) => self.set_stored(attribute, value)?,
        }
        Ok(())
    }

    /// Adds `member` to the string set `attribute`, and requires that the set has fewer than `limit` members or already
    /// contains it.
    pub(super) fn add_member(&mut self, attribute: &str, member: &str, limit: usize) {
        let (name, set) = (self.name(attribute), self.value(AttributeValue::Ss(vec![member.to_owned()])));
        self.add.push(format!("{name} {set}"));
        let (limit, member) = (self.value(AttributeValue::N(limit.to_string())), self.value(text(member)));
        self.conditions
            .push(format!("(attribute_not_exists({name}) OR size({name}) < {limit} OR contains({name}, {member}))"));
    }

    /// Removes `member` from the string set `attribute`.
    pub(super) fn delete_member(&mut self, attribute: &str, member: &str) {
        let (name, set) = (self.name(attribute), self.value(AttributeValue::Ss(vec![member.to_owned()])));
        self.delete.push(format!("{name} {set}"));
    }

    /// Removes `fields` from the string set `attribute`, but does not count as a change for
    /// [`Expression::require_difference`].
    pub(super) fn delete_members(&mut self, attribute: &str, fields: &BTreeSet<PassengerField>) {
        if !fields.is_empty() {
            let (name, set) = (self.name(attribute), self.value(names_of(fields)));
            self.delete.push(format!("{name} {set}"));
        }
    }

    /// Sets the string set `attribute` to `fields`. An empty set is absent.
    pub(super) fn replace_set(&mut self, attribute: &str, fields: &BTreeSet<PassengerField>) {
        if fields.is_empty() {
            self.remove_quietly(attribute);
        } else {
            self.assign(attribute, names_of(fields));
        }
    }

    /// Sets `attribute` to `value`, or removes it if `value` is `None`.
    pub(super) fn replace(&mut self, attribute: &str, value: Option<&impl Serialize>) -> Result<(), StoreError> {
        match value {
            Some(value) => self.assign(attribute, stored(value)?),
            None => self.remove_quietly(attribute),
        }
        Ok(())
    }

    /// Requires that the string set `attribute` contains `member`.
    pub(super) fn require_member(&mut self, attribute: &str, member: &str) {
        let (name, member) = (self.name(attribute), self.value(text(member)));
        self.conditions.push(format!("contains({name}, {member})"));
    }

    /// Requires that the string set `attribute` does not contain `member`.
    pub(super) fn require_no_member(&mut self, attribute: &str, member: &str) {
        let (name, member) = (self.name(attribute), self.value(text(member)));
        self.conditions.push(format!("NOT contains({name}, {member})"));
    }

    /// Requires that `attribute` has this value.
    pub(super) fn require_equal(&mut self, attribute: &str, value: AttributeValue) {
        let (name, value) = (self.name(attribute), self.value(value));
        self.conditions.push(format!("{name} = {value}"));
    }

    /// Requires that `attribute` has this value, or is absent if it is `None`.
    pub(super) fn require_same(&mut self, attribute: &str, value: Option<&impl Serialize>) -> Result<(), StoreError> {
        if let Some(value) = value {
            self.require_equal(attribute, stored(value)?);
        } else {
            self.require_absent(attribute);
        }
        Ok(())
    }

    /// Requires that `attribute` is absent.
    pub(super) fn require_absent(&mut self, attribute: &str) {
        let name = self.name(attribute);
        self.conditions.push(format!("attribute_not_exists({name})"));
    }

    /// Requires that `attribute` is absent or has another value.
    pub(super) fn require_not_equal(&mut self, attribute: &str, value: AttributeValue) {
        let (name, value) = (self.name(attribute), self.value(value));
        self.conditions.push(format!("(attribute_not_exists({name}) OR {name} <> {value})"));
    }

    /// Requires that the profile's addresses have been written `revision` times.
    pub(super) fn require_revision(&mut self, revision: i64) {
        let (name, value) = (self.name(attribute::ADDRESS_REVISION), self.value(number(revision)));
        self.conditions.push(if revision == 0 {
            format!("(attribute_not_exists({name}) OR {name} = {value})")
        } else {
            format!("{name} = {value}")
        });
    }

    /// Requires a block that has expired.
    pub(super) fn require_expired_block(&mut self, now: UnixSeconds) {
        let expired = self.expired_block(now);
        self.conditions.push(expired);
    }

    /// Requires that the customer has no block, or one that is in force.
    pub(super) fn require_no_expired_block(&mut self, now: UnixSeconds) {
        let expired = self.expired_block(now);
        self.conditions.push(format!("NOT {expired}"));
    }

    /// The condition that the block has expired. It does not hold if there is no block or no `untilDate`.
    fn expired_block(&mut self, now: UnixSeconds) -> String {
        let until = self.path(attribute::BLOCK, attribute::BLOCK_UNTIL);
        let now = self.value(number(now));
        format!("({until} <= {now})")
    }

    /// Requires that the customer's record allows a request with this access, as [`Access::check`] does.
    fn require_access(&mut self, access: &Access, now: UnixSeconds) {
        match access {
            Access::Any => {}
            Access::Open => {
                self.require_equal(attribute::ACTIVE, AttributeValue::Bool(true));
                let (level, refuse) = (
                    self.path(attribute::BLOCK, attribute::BLOCK_LEVEL),
                    self.value(text(BlockLevel::Refuse.as_str())),
                );
                let expired = self.expired_block(now);
                self.conditions.push(format!("(attribute_not_exists({level}) OR {level} <> {refuse} OR {expired})"));
            }
            Access::Session(SessionClaim { id, epoch }) => {
                let (current, kept) = (self.name(attribute::SESSION_EPOCH), self.name(attribute::EPOCH_SESSION));
                let absent = if *epoch == 0 { format!("attribute_not_exists({current}) OR ") } else { String::new() };
                let (epoch, id) = (self.value(AttributeValue::N(epoch.to_string())), self.value(text(id.as_str())));
                self.conditions.push(format!("({absent}{current} = {epoch} OR {kept} = {id})"));
            }
        }
    }

    /// Requires one of the versions that `precondition` names.
    pub(super) fn require_version(&mut self, precondition: &Precondition) {
        let Precondition::OneOf(versions) = precondition else { return };
        let name = self.name(attribute::VERSION);
        if versions.is_empty() {
            // DynamoDB refuses an empty `IN`. Every customer has a version, so this condition matches none.
            self.conditions.push(format!("attribute_not_exists({name})"));
            return;
        }
        let operands: Vec<_> = versions.iter().map(|version| self.value(number(*version))).collect();
        self.conditions.push(format!("{name} IN ({})", operands.join(", ")));
    }

    /// Whether any attribute is set or removed.
    pub(super) fn has_changes(&self) -> bool {
        !self.differences.is_empty()
    }

    /// Requires that at least one of the attributes set or removed so far would change. Otherwise nothing is written
    /// and the version stays the same.
    pub(super) fn require_difference(&mut self) {
        let any = self.differences.join(" OR ");
        self.conditions.push(format!("({any})"));
    }

    pub(super) fn build(self) -> Built {
        let clauses = [("SET", self.set), ("REMOVE", self.remove), ("ADD", self.add), ("DELETE", self.delete)];
        let update = clauses
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(verb, parts)| format!("{verb} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ");
        Built {
            update,
            condition: self.conditions.join(" AND "),
            names: Some(self.names).filter(|names| !names.is_empty()),
            values: Some(self.values).filter(|values| !values.is_empty()),
        }
    }
}

/// The result of a conditional update of a customer.
pub(super) enum WriteOutcome {
    /// The customer after the update.
    Done(Customer),
    /// The condition failed. Contains the current item, if it exists.
    Refused(Option<Item>),
    /// A transaction was writing the customer at the same time.
    Conflict,
}

impl Store {
    /// Carries out a conditional update of a customer.
    pub(super) async fn write(
        &self,
        client: &ClientId,
        id: &CustomerId,
        expression: Expression,
    ) -> Result<WriteOutcome, StoreError> {
        let Built { update, condition, names, values } = expression.build();
        let result = self
            .dynamodb
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::customer(client, id).attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match result {
            Ok(output) => {
                let item = output.attributes.ok_or(StoreError::Inconsistent("an update returned no item"))?;
                Ok(WriteOutcome::Done(item::to_customer(item)?))
            }
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(failed) => Ok(WriteOutcome::Refused(failed.item)),
                    _ => Ok(WriteOutcome::Refused(None)),
                }
            }
            Err(error) if error.as_service_error().is_some_and(UpdateItemError::is_transaction_conflict_exception) => {
                Ok(WriteOutcome::Conflict)
            }
            Err(error) => Err(StoreError::sdk("UpdateItem")(error)),
        }
    }
}
