//! One list per role of the fields it may write, and one of those it is not shown.

use super::Role;
use crate::domain::Invalid;

/// Which fields a body may have.
#[derive(Debug, Clone, Copy)]
pub struct FieldRules {
    /// What this caller may write.
    writable: [&'static [&'static str]; 2],
    /// What there is besides.
    known: [&'static [&'static str]; 3],
    /// Whether it is the caller's role that keeps the other fields from it.
    pub by_role: bool,
    /// Those of them that an operator changes at the caller's request.
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
/// Written with a create, and later by operations of their own.
const CUSTOMER_IN_CREATE_ONLY: &[&str] = &["tags", "accounts", "accountDepartments", "brands", "clientCapabilities"];
const CUSTOMER_READ_ONLY: &[&str] = &[
    "id",
    "priorityType",
    "priorityReason",
    "assignedPriority",
    "phoneVerifiedDate",
    "createdDate",
    "createdBy",
    "updatedDate",
    "updatedBy",
    "version",
    // What a read includes at request, see `reply::card`.
    "addresses",
    "phoneInfo",
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

/// What a passenger or an app is shown of a customer: not `managementNote`, `rating`, `tags`, `assignedPriority`,
/// `minPriority`, `priorityReason`, `createdBy` and `updatedBy`, nor whatever a later field is until it stands here.
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
/// What a passenger is shown of an address: not `managementNote`.
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
    /// The body of a create.
    #[must_use]
    pub fn customer_create(role: &Role) -> Self {
        Self::customer(role, [CUSTOMER_IN_UPDATE, CUSTOMER_IN_CREATE_ONLY])
    }

    /// The body of an update.
    #[must_use]
    pub fn customer_update(role: &Role) -> Self {
        Self::customer(role, [CUSTOMER_IN_UPDATE, &[]])
    }

    fn customer(role: &Role, by_staff: [&'static [&'static str]; 2]) -> Self {
        let writable = match role {
            Role::Operator | Role::Integration | Role::Admin => by_staff,
            Role::App { .. } => [CUSTOMER_BY_APP, &[]],
            Role::Passenger { .. } => [CUSTOMER_BY_PASSENGER, &[]],
        };
        let known = [CUSTOMER_IN_UPDATE, CUSTOMER_IN_CREATE_ONLY, CUSTOMER_READ_ONLY];
        let needs_operator: &[_] = if matches!(role, Role::Passenger { .. }) { &["phone"] } else { &[] };
        Self { writable, known, by_role: !role.is_staff(), needs_operator }
    }

    /// The body of a save of an address.
    #[must_use]
    pub fn address(role: &Role) -> Self {
        let writable = if role.is_staff() { ADDRESS } else { ADDRESS_BY_PASSENGER };
        Self { writable: [writable, &[]], known: [ADDRESS, &[], &[]], by_role: !role.is_staff(), needs_operator: &[] }
    }

    /// The body of a replacement of a tenant's settings.
    #[must_use]
    pub fn settings() -> Self {
        Self { writable: [SETTINGS, &[]], known: [SETTINGS, &[], &[]], by_role: false, needs_operator: &[] }
    }

    /// Whether this caller may write the field.
    #[must_use]
    pub fn allows(&self, name: &str) -> bool {
        self.writable().any(|field| field == name)
    }

    /// Why a field that exists is not this caller's to write.
    #[must_use]
    pub fn refusal(&self, name: &str) -> Invalid {
        if self.needs_operator.contains(&name) { Invalid::PhoneChangeNeedsOperator } else { Invalid::FieldNotAllowed }
    }

    /// Every field that this caller may write.
    pub fn writable(&self) -> impl Iterator<Item = &'static str> {
        self.writable.into_iter().flatten().copied()
    }

    /// Whether there is such a field at all.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.known.into_iter().flatten().any(|field| *field == name)
    }
}

/// The fields of a customer that a role is shown; `None` is all.
#[must_use]
pub fn customer_shown_to(role: &Role) -> Option<&'static [&'static str]> {
    (!role.is_staff()).then_some(CUSTOMER_SHOWN)
}

/// The fields of an address that a role is shown; `None` is all.
#[must_use]
pub fn address_shown_to(role: &Role) -> Option<&'static [&'static str]> {
    (!role.is_staff()).then_some(ADDRESS_SHOWN)
}
