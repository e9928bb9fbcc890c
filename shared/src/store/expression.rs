//! One conditional update of one customer: building its expressions, and carrying it out.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use serde::Serialize;

use super::item::{self, Item};
use super::{Precondition, Store, StoreError, keys};
use crate::domain::{Change, ClientId, Customer, CustomerId, UnixSeconds};

/// An update of a customer that bumps its version, or does nothing where its conditions do not hold.
///
/// An attribute `x` is `#x` and its value `:x` in every clause.
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

impl Expression {
    /// An update of a customer that exists.
    pub(super) fn new(now: UnixSeconds) -> Self {
        let mut expression = Self {
            set: vec!["#version = #version + :one".to_owned(), "#updatedDate = :updatedDate".to_owned()],
            remove: Vec::new(),
            add: Vec::new(),
            delete: Vec::new(),
            conditions: vec![format!("attribute_exists({})", keys::PK)],
            differences: Vec::new(),
            names: HashMap::new(),
            values: HashMap::new(),
        };
        expression.name("version");
        expression.name("updatedDate");
        expression.value("one", AttributeValue::N("1".to_owned()));
        expression.value("updatedDate", AttributeValue::N(now.to_string()));
        expression
    }

    fn name(&mut self, attribute: &str) {
        self.names.insert(format!("#{attribute}"), attribute.to_owned());
    }

    pub(super) fn value(&mut self, placeholder: &str, value: AttributeValue) {
        self.values.insert(format!(":{placeholder}"), value);
    }

    /// A condition; the attributes that it names as `#x` must be told with `names`.
    pub(super) fn require(&mut self, condition: impl Into<String>, names: &[&str]) {
        for name in names {
            self.name(name);
        }
        self.conditions.push(condition.into());
    }

    /// Sets `attribute`.
    pub(super) fn set(&mut self, attribute: &str, value: AttributeValue) {
        self.name(attribute);
        self.value(attribute, value);
        self.set.push(format!("#{attribute} = :{attribute}"));
        self.differences.push(format!("attribute_not_exists(#{attribute})"));
        self.differences.push(format!("#{attribute} <> :{attribute}"));
    }

    /// Sets `attribute` unless it is there.
    pub(super) fn set_if_absent(&mut self, attribute: &str, value: AttributeValue) {
        self.name(attribute);
        self.value(attribute, value);
        self.set.push(format!("#{attribute} = if_not_exists(#{attribute}, :{attribute})"));
    }

    pub(super) fn remove(&mut self, attribute: &str) {
        self.name(attribute);
        self.remove.push(format!("#{attribute}"));
        self.differences.push(format!("attribute_exists(#{attribute})"));
    }

    /// Carries out a [`Change`] of `attribute`.
    pub(super) fn change(&mut self, attribute: &str, change: &Change<impl Serialize>) -> Result<(), StoreError> {
        match change {
            Change::Keep => {}
            Change::Clear => self.remove(attribute),
            Change::Set(value) => {
                let value = serde_dynamo::to_attribute_value(value).map_err(StoreError::unreadable("customer"))?;
                self.set(attribute, value);
            }
        }
        Ok(())
    }

    /// Puts `member` into the string set `attribute`.
    pub(super) fn add_member(&mut self, attribute: &str, member: &str) {
        self.member(attribute, member);
        self.add.push(format!("#{attribute} :{attribute}_set"));
    }

    /// Takes `member` out of the string set `attribute`.
    pub(super) fn delete_member(&mut self, attribute: &str, member: &str) {
        self.member(attribute, member);
        self.delete.push(format!("#{attribute} :{attribute}_set"));
    }

    /// Declares `:{attribute}_member` and its one-member set.
    fn member(&mut self, attribute: &str, member: &str) {
        self.name(attribute);
        self.value(&format!("{attribute}_member"), AttributeValue::S(member.to_owned()));
        self.value(&format!("{attribute}_set"), AttributeValue::Ss(vec![member.to_owned()]));
    }

    /// Requires that the set has room for the member that [`Expression::add_member`] puts into it, or has it.
    pub(super) fn require_room(&mut self, attribute: &str, limit: usize) {
        self.value(&format!("{attribute}_limit"), AttributeValue::N(limit.to_string()));
        self.conditions.push(format!(
            "(attribute_not_exists(#{attribute}) OR size(#{attribute}) < :{attribute}_limit \
             OR contains(#{attribute}, :{attribute}_member))"
        ));
    }

    /// Requires one of the versions that `precondition` names.
    pub(super) fn require_version(&mut self, precondition: &Precondition) {
        let Precondition::OneOf(versions) = precondition else { return };
        if versions.is_empty() {
            // An empty `IN` is no expression. No customer is without a version, so this admits none.
            self.conditions.push("attribute_not_exists(#version)".to_owned());
            return;
        }
        for (n, version) in versions.iter().enumerate() {
            self.value(&format!("version{n}"), AttributeValue::N(version.to_string()));
        }
        let operands: Vec<_> = (0..versions.len()).map(|n| format!(":version{n}")).collect();
        self.conditions.push(format!("#version IN ({})", operands.join(", ")));
    }

    /// Whether any attribute is set or removed.
    pub(super) fn has_changes(&self) -> bool {
        !self.differences.is_empty()
    }

    /// Requires that at least one of the attributes set or removed so far would change, so that a write that
    /// changes nothing is none.
    pub(super) fn require_difference(&mut self) {
        let any = self.differences.join(" OR ");
        self.conditions.push(format!("({any})"));
    }

    /// The update, the condition, the names and the values.
    pub(super) fn build(self) -> (String, String, HashMap<String, String>, HashMap<String, AttributeValue>) {
        let clauses = [("SET", self.set), ("REMOVE", self.remove), ("ADD", self.add), ("DELETE", self.delete)];
        let update = clauses
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(verb, parts)| format!("{verb} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ");
        (update, self.conditions.join(" AND "), self.names, self.values)
    }
}

/// How one conditional update of a customer ended.
pub(super) enum Written {
    /// The customer after it.
    Done(Customer),
    /// Its condition did not hold; the item as it was, if there was one.
    Refused(Option<Item>),
    /// A transaction was writing the customer.
    Conflict,
}

impl Store {
    /// Carries out one conditional update of a customer.
    pub(super) async fn write(
        &self,
        client: &ClientId,
        id: &CustomerId,
        expression: Expression,
    ) -> Result<Written, StoreError> {
        let (update, condition, names, values) = expression.build();
        let result = self
            .dynamodb
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::customer(client, id).attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match result {
            Ok(output) => {
                let item = output.attributes.ok_or(StoreError::Inconsistent("an update brought no item"))?;
                Ok(Written::Done(item::to_customer(item)?))
            }
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(failed) => Ok(Written::Refused(failed.item)),
                    _ => Ok(Written::Refused(None)),
                }
            }
            Err(error) if error.as_service_error().is_some_and(UpdateItemError::is_transaction_conflict_exception) => {
                Ok(Written::Conflict)
            }
            Err(error) => Err(StoreError::sdk("UpdateItem")(error)),
        }
    }
}
