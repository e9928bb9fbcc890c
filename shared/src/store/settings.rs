//! Reads and writes a tenant's settings.

use super::item;
use super::keys;
use super::{Store, StoreError};
use crate::domain::{ClientId, Settings};

impl Store {
    /// The settings of a tenant; `None` if the tenant has never set any. One strongly consistent call.
    pub async fn settings(&self, client: &ClientId) -> Result<Option<Settings>, StoreError> {
        self.item(keys::settings(client)).await?.map(item::to_settings).transpose()
    }

    /// Replaces the settings of a tenant. One call.
    pub async fn put_settings(&self, client: &ClientId, settings: &Settings) -> Result<(), StoreError> {
        self.dynamodb
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::from_settings(client, settings)?))
            .send()
            .await
            .map_err(StoreError::sdk("PutItem"))?;
        Ok(())
    }
}
