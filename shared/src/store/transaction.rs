//! Transactions: all of their writes happen, or none, and then the reason is told.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput};
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};

use super::item::Item;
use super::keys::{self, Key};
use super::{Store, StoreError};

/// Why a transaction did not happen.
pub(super) enum Cancelled {
    /// Which of its conditions failed, with the items that failed them.
    Conditions(Vec<Option<CancellationReason>>),
    /// Another transaction was writing one of the items, or the partition had too much to do: worth another try,
    /// which the SDK does not make.
    Busy,
}

impl Store {
    /// Carries out a transaction, or says why it was cancelled.
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Result<(), Cancelled>, StoreError> {
        classify(self.dynamodb.transact_write_items().set_transact_items(Some(writes)).send().await)
    }

    /// Writes an item that must not be there, and brings the one that is.
    pub(super) fn put_if_absent(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(format!("attribute_not_exists({})", keys::PK))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Deletes an item, whether or not it is there.
    pub(super) fn delete_item(&self, key: Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key.attributes())).build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

fn classify(
    result: Result<TransactWriteItemsOutput, SdkError<TransactWriteItemsError>>,
) -> Result<Result<(), Cancelled>, StoreError> {
    let Err(error) = result else { return Ok(Ok(())) };
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return Err(StoreError::sdk("TransactWriteItems")(error));
    };
    let reasons = cancelled.cancellation_reasons();
    let has = |codes: &[&str]| reasons.iter().any(|reason| reason.code().is_some_and(|code| codes.contains(&code)));
    if has(&["ConditionalCheckFailed"]) {
        let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
        return Ok(Err(Cancelled::Conditions(
            reasons.iter().map(|reason| failed(reason).then(|| reason.clone())).collect(),
        )));
    }
    let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).filter(|code| *code != "None").collect();
    // A cancellation that gives no reason is not about the request, so it is worth another try.
    if codes.is_empty() || has(&["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]) {
        Ok(Err(Cancelled::Busy))
    } else {
        let cause = format!("cancelled ({})", codes.join(", "));
        Err(StoreError::Refused { operation: "TransactWriteItems", cause })
    }
}
