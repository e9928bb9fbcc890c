//! Items: a domain value with its keys, its entity name and its schema number.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::attribute;
use super::keys::{self, ItemKey};
use crate::domain::{Address, ClientId, Customer, CustomerId, PasswordHash, Settings, UnixSeconds};

pub(super) type Item = HashMap<String, AttributeValue>;

/// Increment it when the meaning of a stored attribute changes, so that old items can be recognized.
const SCHEMA_NUMBER: &str = "1";

fn stamped(key: ItemKey, entity: &str, mut item: Item) -> Item {
    item.extend(key.attributes());
    item.insert(attribute::ENTITY.to_owned(), AttributeValue::S(entity.to_owned()));
    item.insert(attribute::SCHEMA.to_owned(), AttributeValue::N(SCHEMA_NUMBER.to_owned()));
    item
}

fn to_item(entity: &'static str, value: &impl Serialize) -> Result<Item, StoreError> {
    serde_dynamo::to_item(value).map_err(StoreError::unreadable(entity))
}

fn from_item<T: DeserializeOwned>(entity: &'static str, item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::unreadable(entity))
}

pub(super) fn from_customer(client: &ClientId, customer: &Customer) -> Result<Item, StoreError> {
    let mut item = to_item("customer", customer)?;
    for set in attribute::SETS {
        if let Some(value) = item.get_mut(set)
            && let AttributeValue::L(members) = value
        {
            let members = members.iter().map(|member| member.as_s().cloned()).collect::<Result<_, _>>();
            *value =
                AttributeValue::Ss(members.map_err(|_| StoreError::Inconsistent("a member of a set is not a string"))?);
        }
    }
    for (attribute, key) in keys::index_keys(client, customer) {
        if let Some(key) = key {
            item.insert(attribute.to_owned(), AttributeValue::S(key));
        }
    }
    Ok(stamped(keys::customer(client, &customer.id), "customer", item))
}

pub(super) fn to_customer(item: Item) -> Result<Customer, StoreError> {
    from_item("customer", item)
}

pub(super) fn guard_of(client: &ClientId, customer: &Customer) -> Item {
    let owner = AttributeValue::S(customer.id.as_str().to_owned());
    stamped(
        keys::phone_guard(client, &customer.phone),
        "phoneGuard",
        HashMap::from([(attribute::GUARD_CUSTOMER.to_owned(), owner)]),
    )
}

/// A stored password. It is not part of the customer item, so that no read, index or stream of customers contains it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StoredPassword<'a> {
    hash: &'a PasswordHash,
    date: UnixSeconds,
}

pub(super) fn from_password(
    client: &ClientId,
    customer: &CustomerId,
    hash: &PasswordHash,
    date: UnixSeconds,
) -> Result<Item, StoreError> {
    let password = to_item("password", &StoredPassword { hash, date })?;
    Ok(stamped(keys::password(client, customer), "password", password))
}

/// The customer that a guard names.
pub(super) fn guarded_customer(guard: &Item) -> Result<CustomerId, StoreError> {
    guard
        .get(attribute::GUARD_CUSTOMER)
        .and_then(|id| id.as_s().ok())
        .and_then(|id| CustomerId::parse(id.as_str()).ok())
        .ok_or(StoreError::Inconsistent("a phone guard names no customer"))
}

pub(super) fn from_address(client: &ClientId, customer: &CustomerId, address: &Address) -> Result<Item, StoreError> {
    Ok(stamped(keys::address(client, customer, &address.id), "address", to_item("address", address)?))
}

pub(super) fn to_address(item: Item) -> Result<Address, StoreError> {
    from_item("address", item)
}

pub(super) fn from_settings(client: &ClientId, settings: &Settings) -> Result<Item, StoreError> {
    Ok(stamped(keys::settings(client), "settings", to_item("settings", settings)?))
}

pub(super) fn to_settings(item: Item) -> Result<Settings, StoreError> {
    from_item("settings", item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BrandId, Tag};

    #[test]
    fn a_customer_is_the_same_after_storing_and_reading() {
        let mut customer = Customer::sample();
        customer.tags.insert(Tag::vip());
        customer.brands.insert(BrandId::parse("city").unwrap());
        let client = ClientId::parse("demo").unwrap();
        let item = from_customer(&client, &customer).unwrap();
        assert_eq!(item["tags"], AttributeValue::Ss(vec!["VIP".into()]));
        assert_eq!(item["gsi1pk"], AttributeValue::S("demo#PHONE#+353871234567".into()));
        assert_eq!(
            (&item["entity"], &item["schema"]),
            (&AttributeValue::S("customer".into()), &AttributeValue::N("1".into()))
        );
        assert_eq!(to_customer(item).unwrap(), customer);
    }

    #[test]
    fn empty_sets_and_cleared_fields_are_absent() {
        let item = from_customer(&ClientId::parse("demo").unwrap(), &Customer::sample()).unwrap();
        for absent in attribute::SETS.iter().chain(&["email", "password", "defaultBrand", "minPriority"]) {
            assert!(!item.contains_key(*absent), "{absent}");
        }
    }
}
