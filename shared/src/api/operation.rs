//! The operations of the API: one table with the name, method, path and callers of each.
//!
//! Everything else that lists operations is derived from this table: the routers, the authorizer's policies, the API
//! reference and the tests. Tests compare it with `template.yaml` and with the tables in `docs`.

use http::Method;

use super::Role;
use super::caller::RoleName::{self, Admin, App, Integration, Operator, Passenger};

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Everyone, without a token.
    Everyone,
    /// Callers with one of these roles. Apps and passengers are limited to their own records.
    Roles(&'static [RoleName]),
}

const EVERYONE: Admission = Admission::Everyone;
const ADMIN: Admission = Admission::Roles(&[Admin]);
const OFFICE: Admission = Admission::Roles(&[Operator, Admin]);
const STAFF: Admission = Admission::Roles(&[Operator, Integration, Admin]);
const STAFF_AND_APP: Admission = Admission::Roles(&[Operator, Integration, Admin, App]);
const STAFF_AND_PASSENGER: Admission = Admission::Roles(&[Operator, Integration, Admin, Passenger]);

/// The row of an operation in the table.
struct Row {
    name: &'static str,
    method: Method,
    path: &'static str,
    admission: Admission,
}

// A macro, because the enum, the list of its variants and the table would otherwise be three lists of the same
// operations.
macro_rules! operations {
    ($($variant:ident $name:literal $method:ident $path:literal $admission:ident,)*) => {
        /// Every operation of the API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $($variant),* }

        impl Operation {
            /// All operations.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            fn row(self) -> Row {
                match self {
                    $(Self::$variant => Row { name: $name, method: Method::$method, path: $path, admission: $admission }),*
                }
            }
        }
    };
}

operations! {
    CreateCustomer "createCustomer" POST "/client/{clientId}/customer" STAFF,
    CreateBrandCustomer "createBrandCustomer" POST "/client/{clientId}/brand/{brandId}/customer" STAFF_AND_APP,
    FindCustomerByPhone "findCustomerByPhone" GET "/client/{clientId}/customer/phone" STAFF,
    GetCustomer "getCustomer" GET "/client/{clientId}/customer/{customerId}" STAFF_AND_PASSENGER,
    UpdateCustomer "updateCustomer" POST "/client/{clientId}/customer/{customerId}" STAFF_AND_PASSENGER,
    DeleteCustomer "deleteCustomer" DELETE "/client/{clientId}/customer/{customerId}" OFFICE,
    GetBrandCustomer "getBrandCustomer" GET "/client/{clientId}/brand/{brandId}/customer/{customerId}" STAFF_AND_PASSENGER,
    UpdateBrandCustomer "updateBrandCustomer" POST "/client/{clientId}/brand/{brandId}/customer/{customerId}" STAFF_AND_PASSENGER,
    GetAccountCustomer "getAccountCustomer" GET "/client/{clientId}/account/{accountId}/customer/{customerId}" STAFF,
    GetCustomerSettings "getCustomerSettings" GET "/client/{clientId}/customersettings" STAFF,
    PutCustomerSettings "putCustomerSettings" PUT "/client/{clientId}/customersettings" ADMIN,
    LinkAccount "linkAccount" POST "/client/{clientId}/customer/{customerId}/account/{accountId}" STAFF,
    UnlinkAccount "unlinkAccount" DELETE "/client/{clientId}/customer/{customerId}/account/{accountId}" STAFF,
    LinkAccountDepartment "linkAccountDepartment" POST "/client/{clientId}/customer/{customerId}/accountdepartment/{accountDepartmentId}" STAFF,
    UnlinkAccountDepartment "unlinkAccountDepartment" DELETE "/client/{clientId}/customer/{customerId}/accountdepartment/{accountDepartmentId}" STAFF,
    LinkBrand "linkBrand" POST "/client/{clientId}/customer/{customerId}/brand/{brandId}" STAFF,
    UnlinkBrand "unlinkBrand" DELETE "/client/{clientId}/customer/{customerId}/brand/{brandId}" STAFF,
    LinkClientCapability "linkClientCapability" POST "/client/{clientId}/customer/{customerId}/clientcapability/{capabilityId}" STAFF,
    UnlinkClientCapability "unlinkClientCapability" DELETE "/client/{clientId}/customer/{customerId}/clientcapability/{capabilityId}" STAFF,
    ListTags "listTags" GET "/client/{clientId}/customer/{customerId}/tag" STAFF,
    AddTag "addTag" POST "/client/{clientId}/customer/{customerId}/tag/{tagName}" STAFF,
    RemoveTag "removeTag" DELETE "/client/{clientId}/customer/{customerId}/tag/{tagName}" STAFF,
    ListAddresses "listAddresses" GET "/client/{clientId}/customer/{customerId}/addresses" STAFF_AND_PASSENGER,
    SaveAddress "saveAddress" POST "/client/{clientId}/customer/{customerId}/addresses" STAFF_AND_PASSENGER,
    ListBrandAddresses "listBrandAddresses" GET "/client/{clientId}/brand/{brandId}/customer/{customerId}/addresses" STAFF_AND_PASSENGER,
    DeleteAddress "deleteAddress" DELETE "/client/{clientId}/customer/{customerId}/addresses/{savedAddressId}" STAFF_AND_PASSENGER,
    GetDocsPage "getDocsPage" GET "/docs" EVERYONE,
    GetDocsFile "getDocsFile" GET "/docs/{file}" EVERYONE,
    GetOpenapi "getOpenapi" GET "/openapi.json" EVERYONE,
    GetHealth "getHealth" GET "/health" EVERYONE,
    HeadHealth "headHealth" HEAD "/health" EVERYONE,
}

impl Operation {
    /// The operations that need a token. The API reference describes these.
    pub fn authenticated() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|operation| !operation.is_public())
    }

    /// The operation with this `operationId`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }

    /// The `operationId`, which is also the operation's name in the log and the metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    #[must_use]
    pub fn method(self) -> Method {
        self.row().method
    }

    /// The template of the path, such as `/client/{clientId}/customer`.
    #[must_use]
    pub fn path(self) -> &'static str {
        self.row().path
    }

    #[must_use]
    pub fn admission(self) -> Admission {
        self.row().admission
    }

    /// Whether everyone may call the operation, without a token.
    #[must_use]
    pub fn is_public(self) -> bool {
        self.admission() == Admission::Everyone
    }

    /// The roles that may call the operation. For a public operation the list is empty.
    #[must_use]
    pub fn roles(self) -> &'static [RoleName] {
        match self.admission() {
            Admission::Everyone => &[],
            Admission::Roles(roles) => roles,
        }
    }

    /// Whether this role may call the operation. `access` checks whose records the caller may use.
    #[must_use]
    pub fn is_open_to(self, role: &Role) -> bool {
        self.is_public() || self.roles().contains(&role.role_name())
    }

    /// The names of the path parameters, in their order.
    pub fn path_parameters(self) -> impl Iterator<Item = &'static str> {
        self.path().split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// Whether `text` is a fixed segment of a path. An id that equals such a segment could be mistaken for it.
#[must_use]
pub fn is_path_word(text: &str) -> bool {
    Operation::authenticated().any(|operation| operation.path().split('/').any(|segment| segment == text))
}
