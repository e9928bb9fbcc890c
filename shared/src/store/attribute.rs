//! The names of the attributes that expressions change or compare. A test compares them with the stored form of a
//! customer.

pub(super) const PHONE: &str = "phone";
pub(super) const EMAIL: &str = "email";
pub(super) const FIRST_NAME: &str = "firstName";
pub(super) const LAST_NAME: &str = "lastName";
pub(super) const DEFAULT_ACCOUNT: &str = "defaultAccount";
pub(super) const DEFAULT_BRAND: &str = "defaultBrand";
pub(super) const ACCOUNTS: &str = "accounts";
pub(super) const ACCOUNT_DEPARTMENTS: &str = "accountDepartments";
pub(super) const BRANDS: &str = "brands";
pub(super) const CLIENT_CAPABILITIES: &str = "clientCapabilities";
pub(super) const TAGS: &str = "tags";
pub(super) const PRIORITY: &str = "priority";
pub(super) const MIN_PRIORITY: &str = "minPriority";
pub(super) const LOYALTY_MILES: &str = "loyaltyMiles";
pub(super) const RATING: &str = "rating";
pub(super) const DRIVER_NOTE: &str = "driverNote";
pub(super) const MANAGEMENT_NOTE: &str = "managementNote";
pub(super) const ACTIVE: &str = "active";
pub(super) const BLOCK: &str = "block";
/// These are inside of the block.
pub(super) const BLOCK_LEVEL: &str = "level";
pub(super) const BLOCK_UNTIL: &str = "untilDate";
pub(super) const BLOCKED_DATE: &str = "blockedDate";
pub(super) const PHONE_VERIFIED_DATE: &str = "phoneVerifiedDate";
pub(super) const UPDATED_DATE: &str = "updatedDate";
pub(super) const UPDATED_BY: &str = "updatedBy";
pub(super) const VERSION: &str = "version";
pub(super) const SESSION_EPOCH: &str = "sessionEpoch";
pub(super) const EPOCH_SESSION: &str = "epochSession";

pub(super) const OWNER_SINCE: &str = "ownerSince";
pub(super) const PASSENGER_FIELDS: &str = "passengerFields";

/// The string sets of a customer. A single update can add or remove a member of a set.
pub(super) const SETS: [&str; 6] = [ACCOUNTS, ACCOUNT_DEPARTMENTS, BRANDS, CLIENT_CAPABILITIES, TAGS, PASSENGER_FIELDS];

/// Counts the writes to a customer's addresses; absent before the first write. It is separate from the customer's
/// version, so that saving an address does not invalidate an operator's `If-Match`.
pub(super) const ADDRESS_REVISION: &str = "addressRevision";
/// An earlier version of this service stored the password hash here. It is never read, and each write of a customer
/// removes it.
pub(super) const FORMER_PASSWORD: &str = "password";

/// The customer that a phone guard belongs to.
pub(super) const GUARD_CUSTOMER: &str = "customerId";
/// The kind of an item, such as `customer`.
pub const ENTITY: &str = "entity";
/// The version of the format of an item.
pub(super) const SCHEMA: &str = "schema";

#[cfg(test)]
mod tests {
    use super::super::item;
    use super::*;
    use crate::domain::{ClientId, Customer};

    #[test]
    fn every_name_is_an_attribute_of_a_stored_customer() {
        let sample = Customer::sample();
        let full = serde_json::json!({
            "id": sample.id, "phone": sample.phone, "email": "a@b.ie", "firstName": "Aoife", "lastName": "Byrne",
            "defaultAccount": "acme", "defaultBrand": "city", "accounts": ["acme"], "accountDepartments": ["d1"],
            "brands": ["city"], "clientCapabilities": ["wav"], "tags": ["VIP"], "priority": 60, "minPriority": 50,
            "loyaltyMiles": 1, "rating": 1, "driverNote": "Rings", "managementNote": "Pays", "active": true,
            "block": { "level": "refuse", "reason": "Damage", "untilDate": 2 }, "blockedDate": 1,
            "phoneVerifiedDate": 1, "ownerSince": 1, "passengerFields": ["email"], "createdDate": 1, "createdBy": { "role": "operator" }, "updatedDate": 1,
            "updatedBy": { "role": "passenger", "subject": "u-1" }, "version": 1, "sessionEpoch": 1, "epochSession": "s1",
        });
        let full: Customer = serde_json::from_value(full).unwrap();
        let item = item::from_customer(&ClientId::parse("demo").unwrap(), &full).unwrap();
        let single = [
            PHONE,
            EMAIL,
            FIRST_NAME,
            LAST_NAME,
            DEFAULT_ACCOUNT,
            DEFAULT_BRAND,
            PRIORITY,
            MIN_PRIORITY,
            LOYALTY_MILES,
            RATING,
            DRIVER_NOTE,
            MANAGEMENT_NOTE,
            ACTIVE,
            BLOCK,
            BLOCKED_DATE,
            PHONE_VERIFIED_DATE,
            OWNER_SINCE,
            UPDATED_DATE,
            UPDATED_BY,
            VERSION,
            SESSION_EPOCH,
            EPOCH_SESSION,
        ];
        for name in single.iter().chain(&SETS) {
            assert!(item.contains_key(*name), "{name}");
        }
        for set in SETS {
            assert!(item[set].is_ss(), "{set}");
        }
        let block = item[BLOCK].as_m().unwrap();
        assert!(block.contains_key(BLOCK_LEVEL) && block.contains_key(BLOCK_UNTIL));
    }
}
