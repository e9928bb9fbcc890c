//! One list per role of the fields it may write, and one of those it is not shown.

use super::Role;

/// Which fields a body may have.
#[derive(Debug, Clone, Copy)]
pub struct FieldRules {
    /// What this caller may write.
    pub writable: &'static [&'static str],
    /// What any caller may write somewhere.
    written: &'static [&'static str],
    /// What nobody may write.
    read_only: &'static [&'static str],
    /// Whether it is the caller's role that keeps the other fields from it.
    pub by_role: bool,
}

const CUSTOMER: &[&str] = &[
    "phone",
    "email",
    "firstName",
    "lastName",
    "defaultAccount",
    "defaultBrand",
    "password",
    "priority",
    "minPriority",
    "loyaltyMiles",
    "rating",
    "driverNote",
    "managementNote",
    "active",
    // From here on: in a create only, since operations of their own change them.
    "tags",
    "accounts",
    "accountDepartments",
    "brands",
    "clientCapabilities",
];
const CUSTOMER_IN_UPDATE: usize = 14;
const CUSTOMER_READ_ONLY: &[&str] = &[
    "id",
    "priorityType",
    "priorityReason",
    "assignedPriority",
    "phoneVerifiedDate",
    "createdDate",
    "updatedDate",
    "version",
];
const CUSTOMER_BY_APP: &[&str] = &["phone", "email", "firstName", "lastName", "password"];
const CUSTOMER_BY_PASSENGER: &[&str] = &["email", "firstName", "lastName"];

const ADDRESS: &[&str] = &[
    "id",
    "address",
    "addressId",
    "latitude",
    "longitude",
    "label",
    "brand",
    "lastUsedDate",
    "usedPickupCount",
    "usedDestinationCount",
    "driverNote",
    "managementNote",
];
/// `id` says which address is meant; it is not written.
const ADDRESS_BY_PASSENGER: &[&str] = &["id", "address", "addressId", "latitude", "longitude", "label"];

const SETTINGS: &[&str] = &["region", "tagRules", "loyaltyRules"];

/// What a passenger or an app is not shown of a customer or an address.
const HIDDEN: &[&str] = &["managementNote", "rating", "tags", "assignedPriority", "minPriority", "priorityReason"];

impl FieldRules {
    /// The body of a create.
    #[must_use]
    pub fn customer_create(role: &Role) -> Self {
        Self::customer(role, CUSTOMER)
    }

    /// The body of an update.
    #[must_use]
    pub fn customer_update(role: &Role) -> Self {
        Self::customer(role, &CUSTOMER[..CUSTOMER_IN_UPDATE])
    }

    fn customer(role: &Role, by_staff: &'static [&'static str]) -> Self {
        let writable = match role {
            Role::Operator | Role::Integration | Role::Admin => by_staff,
            Role::App { .. } => CUSTOMER_BY_APP,
            Role::Passenger { .. } => CUSTOMER_BY_PASSENGER,
        };
        Self { writable, written: CUSTOMER, read_only: CUSTOMER_READ_ONLY, by_role: !role.is_staff() }
    }

    /// The body of a save of an address.
    #[must_use]
    pub fn address(role: &Role) -> Self {
        let writable = if role.is_staff() { ADDRESS } else { ADDRESS_BY_PASSENGER };
        Self { writable, written: ADDRESS, read_only: &[], by_role: !role.is_staff() }
    }

    /// The body of a replacement of a tenant's settings.
    #[must_use]
    pub fn settings() -> Self {
        Self { writable: SETTINGS, written: SETTINGS, read_only: &[], by_role: false }
    }

    /// Whether there is such a field at all.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.written.contains(&name) || self.read_only.contains(&name)
    }
}

/// The fields of a record that a role is not shown.
#[must_use]
pub fn hidden_from(role: &Role) -> &'static [&'static str] {
    if role.is_staff() { &[] } else { HIDDEN }
}
