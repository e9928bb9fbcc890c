//! Authorization: whether a caller may carry out an operation on the records in a path.

use super::{Caller, Code, Operation, Problem, Role};
use crate::domain::{Closed, Denied};

/// The problem for a request that the caller's token does not cover.
#[must_use]
pub fn forbidden() -> Problem {
    Problem::new(Code::Forbidden, "The token does not allow this method on this path. Use a token that does.")
}

/// The ids of a path that decide who may use it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    pub client: &'a str,
    pub brand: Option<&'a str>,
    pub customer: Option<&'a str>,
}

impl Caller {
    /// Checks whether this caller may carry out `operation` within `scope`. The check reads no record, so its result
    /// does not depend on what exists.
    ///
    /// # Errors
    /// [`Code::Forbidden`].
    pub fn authorize(&self, operation: Operation, scope: Scope<'_>) -> Result<(), Problem> {
        let within_token = match &self.role {
            Role::App { brand } => scope.brand == Some(brand.as_str()),
            Role::Passenger { customer, .. } => scope.customer == Some(customer.as_str()),
            Role::Operator | Role::Integration | Role::Admin => true,
        };
        if self.client.as_str() == scope.client && within_token && operation.is_open_to(&self.role) {
            Ok(())
        } else {
            Err(forbidden())
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::SessionEnded => Self::new(Code::SessionEnded, "The session has ended. Log in again."),
            // The reason of a block is for the office only.
            Denied::Closed(Closed::Blocked) => {
                Self::new(Code::CustomerBlocked, "The customer is blocked. Contact the office.")
            }
            Denied::Closed(Closed::Inactive) => {
                Self::new(Code::CustomerInactive, "The customer's record is inactive. Contact the office.")
            }
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
        let open = Operation::authenticated().filter(|operation| may(role, *operation, OWN));
        open.map(Operation::name).collect()
    }

    #[test]
    fn staff_may_call_all_operations_except_those_of_other_roles() {
        assert_eq!(open_to(&Role::Admin).len(), Operation::authenticated().count());
        let closed = |role| {
            let open = open_to(&role);
            Operation::authenticated().map(Operation::name).filter(|name| !open.contains(name)).collect::<Vec<_>>()
        };
        assert_eq!(closed(Role::Operator), ["putCustomerSettings"]);
        assert_eq!(closed(Role::Integration), ["deleteCustomer", "putCustomerSettings"]);
    }

    #[test]
    fn an_app_may_call_no_operation() {
        let app = Role::App { brand: BrandId::parse("city").unwrap() };
        assert_eq!(open_to(&app), [""; 0]);
    }

    #[test]
    fn a_passenger_may_only_use_their_own_record_and_addresses() {
        let passenger = Role::Passenger { customer: CustomerId::parse("c1").unwrap(), session: None };
        assert_eq!(
            open_to(&passenger),
            [
                "getCustomer",
                "updateCustomer",
                "getBrandCustomer",
                "updateBrandCustomer",
                "listAddresses",
                "saveAddress",
                "listBrandAddresses",
                "deleteAddress"
            ]
        );
        let other = Scope { customer: Some("c2"), ..OWN };
        assert!(Operation::authenticated().all(|operation| !may(&passenger, operation, other)));
    }

    #[test]
    fn a_caller_of_another_tenant_may_call_no_operation() {
        let other = Scope { client: "other", ..OWN };
        let passenger = Role::Passenger { customer: CustomerId::parse("c1").unwrap(), session: None };
        let app = Role::App { brand: BrandId::parse("city").unwrap() };
        for role in [Role::Operator, Role::Integration, Role::Admin, passenger, app] {
            assert!(Operation::authenticated().all(|operation| !may(&role, operation, other)), "{role:?}");
        }
    }
}
