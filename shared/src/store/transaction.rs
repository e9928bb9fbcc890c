//! Transactions: either all writes happen, or none, with the reasons.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput};
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::expression::{Built, Expression};
use super::item::{self, Item};
use super::keys::{self, ItemKey};
use super::{Store, StoreError};
use crate::domain::{ClientId, Customer};

/// A label for an action of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Customer,
    /// The guard of the phone that the customer has after the transaction.
    Guard,
    /// The guard of the phone that the customer had before.
    OldGuard,
    Password,
    Address,
}

/// The labelled actions of a transaction.
pub(super) struct Transaction<'a> {
    table: &'a str,
    actions: Vec<(Part, TransactWriteItem)>,
}

/// The result of a transaction.
pub(super) enum Outcome {
    Done,
    /// Conditions failed. Nothing was written.
    Failed(FailedConditions),
    /// Another transaction was writing one of the items, or the partition was throttled. Nothing was written. A retry
    /// may succeed, but the SDK does not make it.
    Busy,
}

/// The actions whose conditions failed, in the transaction's order, with the items that failed them.
pub(super) struct FailedConditions(Vec<FailedCondition>);

struct FailedCondition {
    action: usize,
    part: Part,
    item: Option<Item>,
}

impl FailedConditions {
    /// Whether a condition on this part failed.
    pub(super) fn has(&self, part: Part) -> bool {
        self.0.iter().any(|failed| failed.part == part)
    }

    /// The item that failed the condition on this part.
    pub(super) fn item(&self, part: Part) -> Option<&Item> {
        self.0.iter().find(|failed| failed.part == part)?.item.as_ref()
    }

    /// The positions of the failed actions, for a transaction with several of one part.
    pub(super) fn actions(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|failed| failed.action)
    }
}

impl Transaction<'_> {
    /// Writes an item and replaces an existing one.
    pub(super) fn put(&mut self, part: Part, item: Item) -> Result<(), StoreError> {
        let put = Put::builder().table_name(self.table).set_item(Some(item)).build()?;
        self.actions.push((part, TransactWriteItem::builder().put(put).build()));
        Ok(())
    }

    /// Writes an item that must not exist yet. If the condition fails, the existing item is returned.
    pub(super) fn put_if_absent(&mut self, part: Part, item: Item) -> Result<(), StoreError> {
        let put = Put::builder()
            .table_name(self.table)
            .set_item(Some(item))
            .condition_expression(format!("attribute_not_exists({})", keys::PK))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        self.actions.push((part, TransactWriteItem::builder().put(put).build()));
        Ok(())
    }

    /// Writes a new customer and the guard of its phone, in this order.
    pub(super) fn create(&mut self, client: &ClientId, customer: &Customer) -> Result<(), StoreError> {
        self.put_if_absent(Part::Customer, item::from_customer(client, customer)?)?;
        self.put_if_absent(Part::Guard, item::guard_of(client, customer))
    }

    /// Updates an item by `expression`.
    pub(super) fn update(&mut self, part: Part, key: ItemKey, expression: Expression) -> Result<(), StoreError> {
        let Built { update, condition, names, values } = expression.build();
        let update = Update::builder()
            .table_name(self.table)
            .set_key(Some(key.attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build()?;
        self.actions.push((part, TransactWriteItem::builder().update(update).build()));
        Ok(())
    }

    /// Deletes an item, if it exists.
    pub(super) fn delete(&mut self, part: Part, key: ItemKey) -> Result<(), StoreError> {
        let delete = Delete::builder().table_name(self.table).set_key(Some(key.attributes())).build()?;
        self.actions.push((part, TransactWriteItem::builder().delete(delete).build()));
        Ok(())
    }

    /// Deletes an item if `conditions` hold. Changes in the expression are ignored.
    pub(super) fn delete_if(&mut self, part: Part, key: ItemKey, conditions: Expression) -> Result<(), StoreError> {
        let Built { condition, names, values, .. } = conditions.build();
        let delete = Delete::builder()
            .table_name(self.table)
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build()?;
        self.actions.push((part, TransactWriteItem::builder().delete(delete).build()));
        Ok(())
    }
}

impl Store {
    /// A transaction without actions.
    pub(super) fn transaction(&self) -> Transaction<'_> {
        Transaction { table: &self.table, actions: Vec::new() }
    }

    /// Carries out a transaction.
    pub(super) async fn transact(&self, transaction: Transaction<'_>) -> Result<Outcome, StoreError> {
        let (parts, writes): (Vec<_>, Vec<_>) = transaction.actions.into_iter().unzip();
        classify(&parts, self.dynamodb.transact_write_items().set_transact_items(Some(writes)).send().await)
    }
}

fn classify(
    parts: &[Part],
    result: Result<TransactWriteItemsOutput, SdkError<TransactWriteItemsError>>,
) -> Result<Outcome, StoreError> {
    let Err(error) = result else { return Ok(Outcome::Done) };
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return Err(StoreError::sdk("TransactWriteItems")(error));
    };
    let reasons = cancelled.cancellation_reasons();
    let has = |codes: &[&str]| reasons.iter().any(|reason| reason.code().is_some_and(|code| codes.contains(&code)));
    if has(&["ConditionalCheckFailed"]) {
        if reasons.len() != parts.len() {
            return Err(StoreError::Inconsistent("a cancellation does not have one reason for each action"));
        }
        let failed = reasons.iter().zip(parts).enumerate();
        let failed = failed.filter(|(_, (reason, _))| reason.code() == Some("ConditionalCheckFailed"));
        let failed =
            failed.map(|(action, (reason, part))| FailedCondition { action, part: *part, item: reason.item.clone() });
        return Ok(Outcome::Failed(FailedConditions(failed.collect())));
    }
    let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).filter(|code| *code != "None").collect();
    // A cancellation without a reason is not caused by the request, so a retry may succeed.
    if codes.is_empty() || has(&["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]) {
        Ok(Outcome::Busy)
    } else {
        let cause = format!("cancelled ({})", codes.join(", "));
        Err(StoreError::Refused { operation: "TransactWriteItems", cause })
    }
}
