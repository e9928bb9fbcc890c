//! Brings a table of an earlier version up to date.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::AttributeValue;
use shared::store::{Reindexed, Store, StoreError, keys};

/// A table that could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum UpgradeError {
    #[error("the customers could not be read: {0}")]
    NotRead(String),
    #[error("a customer could not be brought up to date: {0}")]
    NotWritten(#[from] StoreError),
}

/// Brings every customer up to date, and returns how many were written. It can be repeated.
///
/// # Errors
/// [`UpgradeError`].
pub async fn reindex(dynamodb: &Client, table: &str) -> Result<u64, UpgradeError> {
    let store = Store::new(dynamodb, table);
    let scan = dynamodb.scan().table_name(table).consistent_read(true);
    let mut pages = scan
        .filter_expression("#sk = :profile")
        .expression_attribute_names("#sk", keys::SK)
        .expression_attribute_values(":profile", AttributeValue::S(keys::PROFILE.to_owned()))
        .into_paginator()
        .send();
    let mut written = 0;
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| UpgradeError::NotRead(DisplayErrorContext(error).to_string()))?;
        for item in page.items() {
            written += u64::from(store.reindex(item).await? != Reindexed::Unchanged);
        }
    }
    Ok(written)
}
