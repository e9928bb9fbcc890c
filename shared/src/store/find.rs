//! Reads customers by id and by phone.

use super::contention::{Attempt, retry};
use super::item::{self, Item};
use super::keys::{self, ItemKey};
use super::{Store, StoreError, With};
use crate::domain::{Address, ClientId, Customer, CustomerId, Phone};
use aws_sdk_dynamodb::types::AttributeValue;

impl Store {
    /// The customer with this id, read strongly consistent. One call.
    pub async fn customer(&self, client: &ClientId, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        self.item(keys::customer(client, id)).await?.map(item::to_customer).transpose()
    }

    /// The customer who has this phone now, and all its addresses if `with` says so. Two calls; up to four if the index
    /// is out of date.
    pub async fn customer_by_phone(
        &self,
        client: &ClientId,
        phone: &Phone,
        with: With,
    ) -> Result<Option<(Customer, Vec<Address>)>, StoreError> {
        let has_phone = |(customer, _): &(Customer, _)| customer.phone == *phone;
        if let Some(id) = self.indexed_id(client, phone).await?
            && let Some(found) = self.customer_with(client, &id, with).await?.filter(has_phone)
        {
            return Ok(Some(found));
        }
        retry(|_| async move {
            let Some(guard) = self.item(keys::phone_guard(client, phone)).await? else {
                return Ok(Attempt::Done(None));
            };
            let owner = self.customer_with(client, &item::guarded_customer(&guard)?, with).await?;
            Ok(match owner.filter(has_phone) {
                Some(found) => Attempt::Done(Some(found)),
                // The number moved to another customer between the two reads. Read again.
                None => Attempt::Again,
            })
        })
        .await
    }

    /// The customer that the index returns for `phone`, if this customer still has the phone. `None` does not mean that
    /// no customer has it, because the index may be out of date. One or two calls.
    pub(super) async fn indexed(&self, client: &ClientId, phone: &Phone) -> Result<Option<Customer>, StoreError> {
        let Some(id) = self.indexed_id(client, phone).await? else { return Ok(None) };
        Ok(self.customer(client, &id).await?.filter(|customer| customer.phone == *phone))
    }

    async fn indexed_id(&self, client: &ClientId, phone: &Phone) -> Result<Option<CustomerId>, StoreError> {
        let hits = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .index_name(keys::PHONE_INDEX)
            .key_condition_expression(format!("{} = :phone", keys::PHONE_INDEX_PK))
            .expression_attribute_values(":phone", AttributeValue::S(keys::phone_index(client, phone)))
            .limit(1)
            .send()
            .await
            .map_err(StoreError::sdk("Query"))?;
        let pk = hits.items().first().and_then(|hit| hit.get(keys::PK)?.as_s().ok());
        Ok(pk.and_then(|pk| keys::customer_of(pk)))
    }

    /// Reads an item that does not exist, to see whether the table can be read. One call.
    pub async fn read_probe(&self) -> Result<(), StoreError> {
        self.item(keys::probe()).await.map(drop)
    }

    /// One item, read strongly consistent.
    pub(super) async fn item(&self, key: ItemKey) -> Result<Option<Item>, StoreError> {
        let output = self
            .dynamodb
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::sdk("GetItem"))?;
        Ok(output.item)
    }
}
