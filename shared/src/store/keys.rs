//! Every key, key attribute and index name of the table.
//!
//! Every partition key starts with the tenant, so a query can never cross tenants. Ids cannot contain the separator
//! `#`. No partition receives a tenant's whole traffic.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::{ClientId, CustomerId, Phone, SavedAddressId};

/// The table's partition key.
pub const PK: &str = "pk";
/// The table's sort key.
pub const SK: &str = "sk";
/// The index on the phone. It is `KEYS_ONLY`: it holds no second copy of personal data, and changing other attributes
/// does not write to it.
pub const PHONE_INDEX: &str = "phone";
/// The partition key of [`PHONE_INDEX`].
pub const PHONE_INDEX_PK: &str = "gsi1pk";

/// The sort key of a customer. It sorts after the customer's addresses, so that a query in descending order returns it
/// first.
pub const PROFILE: &str = "PROFILE";
const GUARD: &str = "GUARD";
const SETTINGS: &str = "SETTINGS";
const PASSWORD: &str = "PASSWORD";
const ADDRESS: &str = "ADDRESS#";

/// The primary key of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemKey {
    pub pk: String,
    pub sk: String,
}

impl ItemKey {
    /// The key in the form that DynamoDB expects.
    #[must_use]
    pub fn attributes(self) -> HashMap<String, AttributeValue> {
        [(PK, self.pk), (SK, self.sk)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value)))
            .into_iter()
            .collect()
    }
}

/// How every partition key of a tenant begins, the indexes' too. No other tenant's does.
#[must_use]
pub fn tenant_prefix(client: &ClientId) -> String {
    format!("{client}#")
}

/// The tenant that a partition key belongs to.
#[must_use]
pub fn tenant_of(pk: &str) -> Option<ClientId> {
    let (client, _) = pk.split_once('#')?;
    ClientId::parse(client).ok()
}

/// The partition that holds a customer and its addresses.
#[must_use]
pub fn customer_partition(client: &ClientId, customer: &CustomerId) -> String {
    format!("{client}#CUSTOMER#{customer}")
}

#[must_use]
pub fn customer(client: &ClientId, customer: &CustomerId) -> ItemKey {
    ItemKey { pk: customer_partition(client, customer), sk: PROFILE.to_owned() }
}

/// The item that makes a phone unique within its tenant.
#[must_use]
pub fn phone_guard(client: &ClientId, phone: &Phone) -> ItemKey {
    ItemKey { pk: phone_index(client, phone), sk: GUARD.to_owned() }
}

#[must_use]
pub fn address(client: &ClientId, customer: &CustomerId, address: &SavedAddressId) -> ItemKey {
    ItemKey { pk: customer_partition(client, customer), sk: format!("{ADDRESS}{address}") }
}

/// A customer's password. It has its own partition, which no read of a customer touches.
#[must_use]
pub fn password(client: &ClientId, customer: &CustomerId) -> ItemKey {
    ItemKey { pk: format!("{client}#CREDENTIAL#{customer}"), sk: PASSWORD.to_owned() }
}

#[must_use]
pub fn settings(client: &ClientId) -> ItemKey {
    ItemKey { pk: format!("{client}#{SETTINGS}"), sk: SETTINGS.to_owned() }
}

/// The item that the health check and the start of a function read. It does not exist. It belongs to no tenant, because
/// the id of a tenant is not empty.
#[must_use]
pub fn probe() -> ItemKey {
    ItemKey { pk: "#HEALTH".to_owned(), sk: "HEALTH".to_owned() }
}

/// The value of [`PHONE_INDEX_PK`] on a customer.
#[must_use]
pub fn phone_index(client: &ClientId, phone: &Phone) -> String {
    format!("{client}#PHONE#{}", phone.as_str())
}

/// The customer in a partition key, if it is the key of a customer.
#[must_use]
pub fn customer_of(pk: &str) -> Option<CustomerId> {
    let (_, id) = pk.split_once("#CUSTOMER#")?;
    CustomerId::parse(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Region;

    fn client(raw: &str) -> ClientId {
        ClientId::parse(raw).unwrap()
    }

    #[test]
    fn every_partition_key_begins_with_its_tenant() {
        let phone = Phone::parse("0871234567", Region::parse("IE").unwrap()).unwrap();
        let id = CustomerId::parse("c1").unwrap();
        let address_id = SavedAddressId::parse("a1").unwrap();
        let demo = client("demo");
        assert_eq!(customer(&demo, &id), ItemKey { pk: "demo#CUSTOMER#c1".into(), sk: "PROFILE".into() });
        assert_eq!(phone_guard(&demo, &phone), ItemKey { pk: "demo#PHONE#+353871234567".into(), sk: "GUARD".into() });
        assert_eq!(
            address(&demo, &id, &address_id),
            ItemKey { pk: "demo#CUSTOMER#c1".into(), sk: "ADDRESS#a1".into() }
        );
        assert_eq!(password(&demo, &id), ItemKey { pk: "demo#CREDENTIAL#c1".into(), sk: "PASSWORD".into() });
        assert_eq!(settings(&demo), ItemKey { pk: "demo#SETTINGS".into(), sk: "SETTINGS".into() });
        assert_eq!(phone_index(&demo, &phone), "demo#PHONE#+353871234567");
    }

    proptest::proptest! {
        #[test]
        fn different_things_have_different_keys_and_each_begins_with_its_tenant(
            a in "[A-Z_-]{1,9}", b in "[A-Z_-]{1,9}", c in "[A-Z_-]{1,9}", d in "[A-Z_-]{1,9}",
        ) {
            let all = |tenant: &str, id: &str| {
                let (tenant, id) = (client(tenant), CustomerId::parse(id).unwrap());
                let address_id = SavedAddressId::parse(id.as_str()).unwrap();
                [customer(&tenant, &id), address(&tenant, &id, &address_id), password(&tenant, &id), settings(&tenant)]
            };
            for key in all(&a, &b) {
                assert_eq!(tenant_of(&key.pk), Some(client(&a)));
                assert_eq!(key.pk.starts_with(&tenant_prefix(&client(&c))), a == c);
                if (&a, &b) != (&c, &d) {
                    let shared_settings = a == c && key == settings(&client(&a));
                    assert!(shared_settings || !all(&c, &d).contains(&key), "{key:?}");
                }
            }
        }
    }

    #[test]
    fn a_customers_id_can_be_read_from_its_key() {
        let id = CustomerId::issue();
        assert_eq!(customer_of(&customer(&client("CUSTOMER"), &id).pk), Some(id));
        assert_eq!(customer_of("demo#SETTINGS"), None);
    }

    #[test]
    fn a_profile_sorts_after_its_addresses() {
        assert!(*PROFILE > *ADDRESS);
    }
}
