//! Blocks of customers. A block is an attribute of the customer, so a conditional update sets or removes it.

use super::contention::{Attempt, retry};
use super::expression::{Expression, WriteOutcome, number};
use super::{Precondition, Store, StoreError, WriteContext, attribute, item};
use crate::domain::block::BlockLevel;
use crate::domain::{Block, Customer, CustomerId};

/// Why a customer was not blocked or unblocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockRefused {
    NotFound,
    /// The block would change, but the customer's version is not one that the precondition names.
    PreconditionFailed,
}

impl Store {
    /// Blocks a customer, or replaces the block. The date of a block that is in force stays. A block with the level
    /// `refuse` ends every session in the same write. If the customer has this block already, nothing is written. One
    /// call; two if the customer has a block that has expired.
    pub async fn block(
        &self,
        write: &WriteContext,
        id: &CustomerId,
        block: &Block,
        precondition: &Precondition,
    ) -> Result<Result<Customer, BlockRefused>, StoreError> {
        retry(|_| async move {
            let mut replaces_expired = false;
            loop {
                let expression = blocking(write, block, precondition, replaces_expired)?;
                let customer = match self.write(&write.client, id, expression).await? {
                    WriteOutcome::Done(customer) => return Ok(Attempt::Done(Ok(customer))),
                    WriteOutcome::Refused(None) => return Ok(Attempt::Done(Err(BlockRefused::NotFound))),
                    WriteOutcome::Refused(Some(item)) => item::to_customer(item)?,
                    WriteOutcome::Conflict => return Ok(Attempt::Again),
                };
                let in_force = customer.block_in_force(write.now);
                if in_force == Some(block) {
                    return Ok(Attempt::Done(Ok(customer)));
                }
                if !precondition.admits(customer.version) {
                    return Ok(Attempt::Done(Err(BlockRefused::PreconditionFailed)));
                }
                let has_expired = customer.block.is_some() && in_force.is_none();
                if has_expired == replaces_expired {
                    // The condition should have held on this item, so another writer has changed it since.
                    return Ok(Attempt::Again);
                }
                replaces_expired = has_expired;
            }
        })
        .await
    }

    /// Removes the block of a customer. If no block is in force, nothing is written. One call.
    pub async fn unblock(
        &self,
        write: &WriteContext,
        id: &CustomerId,
        precondition: &Precondition,
    ) -> Result<Result<Customer, BlockRefused>, StoreError> {
        retry(|_| async move {
            let mut expression = Expression::of_next_version(write)?;
            expression.remove(attribute::BLOCK);
            expression.remove(attribute::BLOCKED_DATE);
            expression.require_difference();
            expression.require_no_expired_block(write.now);
            expression.require_version(precondition);
            Ok(Attempt::Done(match self.write(&write.client, id, expression).await? {
                WriteOutcome::Done(customer) => Ok(customer),
                WriteOutcome::Refused(None) => Err(BlockRefused::NotFound),
                WriteOutcome::Refused(Some(item)) => {
                    let customer = item::to_customer(item)?;
                    if customer.block_in_force(write.now).is_none() {
                        Ok(customer)
                    } else if precondition.admits(customer.version) {
                        return Ok(Attempt::Again);
                    } else {
                        Err(BlockRefused::PreconditionFailed)
                    }
                }
                WriteOutcome::Conflict => return Ok(Attempt::Again),
            }))
        })
        .await
    }
}

/// The update that sets `block`. It expects either a block that has expired, whose date is replaced, or no such block.
fn blocking(
    write: &WriteContext,
    block: &Block,
    precondition: &Precondition,
    replaces_expired: bool,
) -> Result<Expression, StoreError> {
    let mut expression = Expression::of_next_version(write)?;
    expression.set_stored(attribute::BLOCK, block)?;
    if replaces_expired {
        expression.assign(attribute::BLOCKED_DATE, number(write.now));
        expression.require_expired_block(write.now);
    } else {
        expression.set_if_absent(attribute::BLOCKED_DATE, number(write.now));
        expression.require_no_expired_block(write.now);
    }
    if block.level == BlockLevel::Refuse {
        expression.raise_epoch(None);
    }
    expression.require_difference();
    expression.require_version(precondition);
    Ok(expression)
}
