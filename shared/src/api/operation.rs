//! The operations of the API: one table with the name, method, path, callers and conditional header of
//! each.
//!
//! Everything else that lists operations is derived from this table: the routers, the authorizer's policies, the API
//! reference and the tests. Tests compare it with `template.yaml` and with the tables in `docs`.

use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::{HeaderName, Method};

use super::Role;
use super::caller::RoleName::{self, Admin, Integration, Operator, Passenger};

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
const STAFF_AND_PASSENGER: Admission = Admission::Roles(&[Operator, Integration, Admin, Passenger]);

// The conditional header that an operation evaluates, as a column of the table.
const NONE: Option<HeaderName> = None;
const MATCH: Option<HeaderName> = Some(IF_MATCH);
const NONE_MATCH: Option<HeaderName> = Some(IF_NONE_MATCH);

/// The row of an operation in the table.
struct Row {
    name: &'static str,
    method: Method,
    path: &'static str,
    admission: Admission,
    condition: Option<HeaderName>,
}

// A macro, because the enum, the list of its variants and the table would otherwise be three lists of the same
// operations.
macro_rules! operations {
    ($($variant:ident $name:literal $method:ident $path:literal $admission:ident $condition:ident,)*) => {
        /// Every operation of the API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $($variant),* }

        impl Operation {
            /// All operations.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            fn row(self) -> Row {
                match self {
                    $(Self::$variant => Row { name: $name, method: Method::$method, path: $path, admission: $admission, condition: $condition }),*
                }
            }
        }
    };
}

operations! {
    CreateCustomer "createCustomer" POST "/client/{clientId}/customer" STAFF NONE_MATCH,
    SearchCustomers "searchCustomers" GET "/client/{clientId}/customer" STAFF NONE,
    CreateBrandCustomer "createBrandCustomer" POST "/client/{clientId}/brand/{brandId}/customer" STAFF NONE_MATCH,
    FindCustomerByPhone "findCustomerByPhone" GET "/client/{clientId}/customer/phone" STAFF NONE,
    GetCustomer "getCustomer" GET "/client/{clientId}/customer/{customerId}" STAFF_AND_PASSENGER NONE,
    UpdateCustomer "updateCustomer" POST "/client/{clientId}/customer/{customerId}" STAFF_AND_PASSENGER MATCH,
    DeleteCustomer "deleteCustomer" DELETE "/client/{clientId}/customer/{customerId}" OFFICE MATCH,
    BlockCustomer "blockCustomer" PUT "/client/{clientId}/customer/{customerId}/block" STAFF MATCH,
    UnblockCustomer "unblockCustomer" DELETE "/client/{clientId}/customer/{customerId}/block" STAFF MATCH,
    GetBrandCustomer "getBrandCustomer" GET "/client/{clientId}/brand/{brandId}/customer/{customerId}" STAFF_AND_PASSENGER NONE,
    UpdateBrandCustomer "updateBrandCustomer" POST "/client/{clientId}/brand/{brandId}/customer/{customerId}" STAFF_AND_PASSENGER MATCH,
    GetAccountCustomer "getAccountCustomer" GET "/client/{clientId}/account/{accountId}/customer/{customerId}" STAFF NONE,
    GetCustomerSettings "getCustomerSettings" GET "/client/{clientId}/customersettings" STAFF NONE,
    PutCustomerSettings "putCustomerSettings" PUT "/client/{clientId}/customersettings" ADMIN NONE,
    LinkAccount "linkAccount" POST "/client/{clientId}/customer/{customerId}/account/{accountId}" STAFF MATCH,
    UnlinkAccount "unlinkAccount" DELETE "/client/{clientId}/customer/{customerId}/account/{accountId}" STAFF MATCH,
    LinkAccountDepartment "linkAccountDepartment" POST "/client/{clientId}/customer/{customerId}/accountdepartment/{accountDepartmentId}" STAFF MATCH,
    UnlinkAccountDepartment "unlinkAccountDepartment" DELETE "/client/{clientId}/customer/{customerId}/accountdepartment/{accountDepartmentId}" STAFF MATCH,
    LinkBrand "linkBrand" POST "/client/{clientId}/customer/{customerId}/brand/{brandId}" STAFF MATCH,
    UnlinkBrand "unlinkBrand" DELETE "/client/{clientId}/customer/{customerId}/brand/{brandId}" STAFF MATCH,
    LinkClientCapability "linkClientCapability" POST "/client/{clientId}/customer/{customerId}/clientcapability/{capabilityId}" STAFF MATCH,
    UnlinkClientCapability "unlinkClientCapability" DELETE "/client/{clientId}/customer/{customerId}/clientcapability/{capabilityId}" STAFF MATCH,
    ListTags "listTags" GET "/client/{clientId}/customer/{customerId}/tag" STAFF NONE,
    AddTag "addTag" POST "/client/{clientId}/customer/{customerId}/tag/{tagName}" STAFF MATCH,
    RemoveTag "removeTag" DELETE "/client/{clientId}/customer/{customerId}/tag/{tagName}" STAFF MATCH,
    ListAddresses "listAddresses" GET "/client/{clientId}/customer/{customerId}/addresses" STAFF_AND_PASSENGER NONE,
    SaveAddress "saveAddress" POST "/client/{clientId}/customer/{customerId}/addresses" STAFF_AND_PASSENGER MATCH,
    ListBrandAddresses "listBrandAddresses" GET "/client/{clientId}/brand/{brandId}/customer/{customerId}/addresses" STAFF_AND_PASSENGER NONE,
    DeleteAddress "deleteAddress" DELETE "/client/{clientId}/customer/{customerId}/addresses/{savedAddressId}" STAFF_AND_PASSENGER MATCH,
    GetDocsPage "getDocsPage" GET "/docs" EVERYONE NONE,
    GetDocsFile "getDocsFile" GET "/docs/{file}" EVERYONE NONE,
    GetOpenapi "getOpenapi" GET "/openapi.json" EVERYONE NONE,
    GetHealth "getHealth" GET "/health" EVERYONE NONE,
    HeadHealth "headHealth" HEAD "/health" EVERYONE NONE,
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

    /// The conditional header that it evaluates, if any. It refuses all others.
    #[must_use]
    pub fn condition(self) -> Option<HeaderName> {
        self.row().condition
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
