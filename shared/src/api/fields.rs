//! Which fields each role may write, and which fields it sees.

use super::Role;
use crate::domain::Invalid;

/// Which fields a body may have.
#[derive(Debug, Clone, Copy)]
pub struct FieldRules {
    /// The fields that this caller may write.
    writable: [&'static [&'static str]; 2],
    /// All fields that exist, writable or not.
    known: [&'static [&'static str]; 4],
    /// Whether the caller's role is the reason that the other fields are not writable.
    pub by_role: bool,
    /// The fields that the caller must ask an operator to change.
    needs_operator: &'static [&'static str],
}

const CUSTOMER_IN_UPDATE: &[&str] = &[
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
];
/// Fields that only a create sets. Later, other operations change them.
const CUSTOMER_IN_CREATE_ONLY: &[&str] = &["tags", "accounts", "accountDepartments", "brands", "clientCapabilities"];
/// Fields that only an update has.
const CUSTOMER_IN_UPDATE_ONLY: &[&str] = &["ownerConfirmed"];
const CUSTOMER_READ_ONLY: &[&str] = &[
    "id",
    "priorityType",
    "priorityReason",
    "assignedPriority",
    "block",
    "phoneVerifiedDate",
    "ownerSince",
    "createdDate",
    "createdBy",
    "updatedDate",
    "updatedBy",
    "version",
    // What a read includes at request, see `reply::card`.
    "addresses",
    "phoneInfo",
];
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
/// `id` selects the address to update; it is not written.
const ADDRESS_BY_PASSENGER: &[&str] = &["id", "address", "addressId", "latitude", "longitude", "label"];

const BLOCK: &[&str] = &["level", "reason", "untilDate"];

const SETTINGS: &[&str] = &["region", "tagRules", "loyaltyRules"];

/// The fields of a customer that passengers see. It lists what is visible and not what is hidden, so that a
/// new field stays hidden until it is added here.
const CUSTOMER_SHOWN: &[&str] = &[
    "id",
    "phone",
    "email",
    "firstName",
    "lastName",
    "defaultAccount",
    "defaultBrand",
    "accounts",
    "accountDepartments",
    "brands",
    "clientCapabilities",
    "priority",
    "priorityType",
    "loyaltyMiles",
    "driverNote",
    "active",
    "phoneVerifiedDate",
    "createdDate",
    "updatedDate",
    "version",
];
/// The fields of an address that passengers see.
const ADDRESS_SHOWN: &[&str] = &[
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
];

impl FieldRules {
    /// The rules for the body of a create.
    #[must_use]
    pub fn customer_create(role: &Role) -> Self {
        Self::customer(role, [CUSTOMER_IN_UPDATE, CUSTOMER_IN_CREATE_ONLY])
    }

    /// The rules for the body of an update.
    #[must_use]
    pub fn customer_update(role: &Role) -> Self {
        Self::customer(role, [CUSTOMER_IN_UPDATE, CUSTOMER_IN_UPDATE_ONLY])
    }

    fn customer(role: &Role, by_staff: [&'static [&'static str]; 2]) -> Self {
        let none: &[&str] = &[];
        let writable = match role {
            Role::Operator | Role::Integration | Role::Admin => by_staff,
            Role::App { .. } => [none, none],
            Role::Passenger { .. } => [CUSTOMER_BY_PASSENGER, none],
        };
        let known = [CUSTOMER_IN_UPDATE, CUSTOMER_IN_CREATE_ONLY, CUSTOMER_IN_UPDATE_ONLY, CUSTOMER_READ_ONLY];
        let needs_operator: &[_] = if matches!(role, Role::Passenger { .. }) { &["phone"] } else { &[] };
        Self { writable, known, by_role: !role.is_staff(), needs_operator }
    }

    /// The rules for the body that saves an address.
    #[must_use]
    pub fn address(role: &Role) -> Self {
        let writable = if role.is_staff() { ADDRESS } else { ADDRESS_BY_PASSENGER };
        Self {
            writable: [writable, &[]],
            known: [ADDRESS, &[], &[], &[]],
            by_role: !role.is_staff(),
            needs_operator: &[],
        }
    }

    /// The rules for the body that blocks a customer.
    #[must_use]
    pub fn block() -> Self {
        Self::of_all(BLOCK)
    }

    /// The rules for the body that replaces a tenant's settings.
    #[must_use]
    pub fn settings() -> Self {
        Self::of_all(SETTINGS)
    }

    /// The rules for a body whose fields every caller of the operation may write.
    fn of_all(fields: &'static [&'static str]) -> Self {
        Self { writable: [fields, &[]], known: [fields, &[], &[], &[]], by_role: false, needs_operator: &[] }
    }

    /// Whether this caller may write the field.
    #[must_use]
    pub fn allows(&self, name: &str) -> bool {
        self.writable().any(|field| field == name)
    }

    /// The error for an existing field that this caller may not write.
    #[must_use]
    pub fn refusal(&self, name: &str) -> Invalid {
        if self.needs_operator.contains(&name) { Invalid::PhoneChangeNeedsOperator } else { Invalid::FieldNotAllowed }
    }

    /// All fields that this caller may write.
    pub fn writable(&self) -> impl Iterator<Item = &'static str> {
        self.writable.into_iter().flatten().copied()
    }

    /// Whether the field exists, writable or not.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.known.into_iter().flatten().any(|field| *field == name)
    }
}

/// The fields of a customer that `role` sees; `None` means all.
#[must_use]
pub fn customer_shown_to(role: &Role) -> Option<&'static [&'static str]> {
    (!role.is_staff()).then_some(CUSTOMER_SHOWN)
}

/// The fields of an address that `role` sees; `None` means all.
#[must_use]
pub fn address_shown_to(role: &Role) -> Option<&'static [&'static str]> {
    (!role.is_staff()).then_some(ADDRESS_SHOWN)
}
