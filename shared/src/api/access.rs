//! The role table: which role may call which operation, and on whose records.

use http::Method;

use super::{Caller, Code, Problem, Role};

macro_rules! operations {
    ($($variant:ident $name:literal $method:ident $path:literal,)*) => {
        /// Every operation of the API, under the name that its route declares.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $($variant),* }

        impl Operation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its `operationId`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The method and the path of its route. The functions' own routes are compared with it in a test.
            #[must_use]
            pub fn route(self) -> (Method, &'static str) {
                match self { $(Self::$variant => (Method::$method, $path)),* }
            }
        }
    };
}

operations! {
    CreateCustomer "createCustomer" POST "/client/{clientId}/customer",
    CreateBrandCustomer "createBrandCustomer" POST "/client/{clientId}/brand/{brandId}/customer",
    GetCustomer "getCustomer" GET "/client/{clientId}/customer/{customerId}",
    GetBrandCustomer "getBrandCustomer" GET "/client/{clientId}/brand/{brandId}/customer/{customerId}",
    GetAccountCustomer "getAccountCustomer" GET "/client/{clientId}/account/{accountId}/customer/{customerId}",
    FindCustomerByPhone "findCustomerByPhone" GET "/client/{clientId}/customer/phone",
    UpdateCustomer "updateCustomer" POST "/client/{clientId}/customer/{customerId}",
    UpdateBrandCustomer "updateBrandCustomer" POST "/client/{clientId}/brand/{brandId}/customer/{customerId}",
    DeleteCustomer "deleteCustomer" DELETE "/client/{clientId}/customer/{customerId}",
    GetCustomerSettings "getCustomerSettings" GET "/client/{clientId}/customersettings",
    PutCustomerSettings "putCustomerSettings" PUT "/client/{clientId}/customersettings",
    LinkAccount "linkAccount" POST "/client/{clientId}/customer/{customerId}/account/{accountId}",
    UnlinkAccount "unlinkAccount" DELETE "/client/{clientId}/customer/{customerId}/account/{accountId}",
    LinkAccountDepartment "linkAccountDepartment" POST "/client/{clientId}/customer/{customerId}/accountdepartment/{accountDepartmentId}",
    UnlinkAccountDepartment "unlinkAccountDepartment" DELETE "/client/{clientId}/customer/{customerId}/accountdepartment/{accountDepartmentId}",
    LinkBrand "linkBrand" POST "/client/{clientId}/customer/{customerId}/brand/{brandId}",
    UnlinkBrand "unlinkBrand" DELETE "/client/{clientId}/customer/{customerId}/brand/{brandId}",
    LinkClientCapability "linkClientCapability" POST "/client/{clientId}/customer/{customerId}/clientcapability/{capabilityId}",
    UnlinkClientCapability "unlinkClientCapability" DELETE "/client/{clientId}/customer/{customerId}/clientcapability/{capabilityId}",
    ListTags "listTags" GET "/client/{clientId}/customer/{customerId}/tag",
    AddTag "addTag" POST "/client/{clientId}/customer/{customerId}/tag/{tagName}",
    RemoveTag "removeTag" DELETE "/client/{clientId}/customer/{customerId}/tag/{tagName}",
    ListAddresses "listAddresses" GET "/client/{clientId}/customer/{customerId}/addresses",
    ListBrandAddresses "listBrandAddresses" GET "/client/{clientId}/brand/{brandId}/customer/{customerId}/addresses",
    SaveAddress "saveAddress" POST "/client/{clientId}/customer/{customerId}/addresses",
    DeleteAddress "deleteAddress" DELETE "/client/{clientId}/customer/{customerId}/addresses/{savedAddressId}",
}

impl Operation {
    /// The operation with this `operationId`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }

    /// Whether callers of this role may call it, on the records that are theirs.
    #[must_use]
    pub fn is_open_to(self, role: &Role) -> bool {
        match role {
            Role::Admin => true,
            Role::Operator => self != Self::PutCustomerSettings,
            Role::Integration => !matches!(self, Self::PutCustomerSettings | Self::DeleteCustomer),
            Role::App { .. } => self == Self::CreateBrandCustomer,
            Role::Passenger { .. } => matches!(
                self,
                Self::GetCustomer
                    | Self::GetBrandCustomer
                    | Self::UpdateCustomer
                    | Self::UpdateBrandCustomer
                    | Self::ListAddresses
                    | Self::ListBrandAddresses
                    | Self::SaveAddress
                    | Self::DeleteAddress
            ),
        }
    }
}

/// The answer to whoever asks for what the token does not cover.
#[must_use]
pub fn forbidden() -> Problem {
    Problem::new(Code::Forbidden, "The token does not allow this method on this path. Use a token that does.")
}

/// Whether `text` is a fixed segment of some route. An id of that name could be mistaken for it.
#[must_use]
pub fn is_path_word(text: &str) -> bool {
    Operation::ALL.iter().any(|operation| operation.route().1.split('/').any(|segment| segment == text))
}

/// The ids of a path that decide who may use it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    pub client: &'a str,
    pub brand: Option<&'a str>,
    pub customer: Option<&'a str>,
}

impl Caller {
    /// Whether this caller may carry out `operation` within `scope`. Nothing is read to decide it, so the answer is
    /// the same whatever exists.
    ///
    /// # Errors
    /// [`Code::Forbidden`].
    pub fn authorize(&self, operation: Operation, scope: Scope<'_>) -> Result<(), Problem> {
        let within_token = match &self.role {
            Role::App { brand } => scope.brand == Some(brand.as_str()),
            Role::Passenger { customer } => scope.customer == Some(customer.as_str()),
            Role::Operator | Role::Integration | Role::Admin => true,
        };
        if self.client.as_str() == scope.client && within_token && operation.is_open_to(&self.role) {
            Ok(())
        } else {
            Err(forbidden())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BrandId, ClientId, CustomerId};

    fn may(role: &Role, operation: Operation, scope: Scope<'_>) -> bool {
        let caller = Caller { client: ClientId::parse("demo").unwrap(), role: role.clone(), subject: None };
        caller.authorize(operation, scope).is_ok()
    }

    const OWN: Scope<'static> = Scope { client: "demo", brand: Some("city"), customer: Some("c1") };

    fn open_to(role: &Role) -> Vec<&'static str> {
        let open = Operation::ALL.iter().filter(|operation| may(role, **operation, OWN));
        open.map(|operation| operation.name()).collect()
    }

    #[test]
    fn staff_may_do_everything_but_what_is_kept_for_others() {
        assert_eq!(open_to(&Role::Admin).len(), Operation::ALL.len());
        let closed = |role| {
            let open = open_to(&role);
            Operation::ALL.iter().map(|o| o.name()).filter(|name| !open.contains(name)).collect::<Vec<_>>()
        };
        assert_eq!(closed(Role::Operator), ["putCustomerSettings"]);
        assert_eq!(closed(Role::Integration), ["deleteCustomer", "putCustomerSettings"]);
    }

    #[test]
    fn an_app_may_only_register_on_its_own_brand() {
        let app = Role::App { brand: BrandId::parse("city").unwrap() };
        assert_eq!(open_to(&app), ["createBrandCustomer"]);
        let other = Scope { brand: Some("night"), ..OWN };
        assert!(!may(&app, Operation::CreateBrandCustomer, other));
        assert!(!may(&app, Operation::CreateBrandCustomer, Scope { brand: None, ..OWN }));
    }

    #[test]
    fn a_passenger_may_only_touch_its_own_record_and_addresses() {
        let passenger = Role::Passenger { customer: CustomerId::parse("c1").unwrap() };
        assert_eq!(
            open_to(&passenger),
            [
                "getCustomer",
                "getBrandCustomer",
                "updateCustomer",
                "updateBrandCustomer",
                "listAddresses",
                "listBrandAddresses",
                "saveAddress",
                "deleteAddress"
            ]
        );
        let other = Scope { customer: Some("c2"), ..OWN };
        assert!(Operation::ALL.iter().all(|operation| !may(&passenger, *operation, other)));
    }

    #[test]
    fn another_tenants_caller_may_do_nothing() {
        let other = Scope { client: "other", ..OWN };
        let passenger = Role::Passenger { customer: CustomerId::parse("c1").unwrap() };
        let app = Role::App { brand: BrandId::parse("city").unwrap() };
        for role in [Role::Operator, Role::Integration, Role::Admin, passenger, app] {
            assert!(Operation::ALL.iter().all(|operation| !may(&role, *operation, other)), "{role:?}");
        }
    }
}
