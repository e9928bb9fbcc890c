//! A list of all operations that need a token, for tests that apply to each of them.

use api_tests::{Answer, Session};
use http::Method;
use shared::api::Operation;

/// One operation.
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    pub(crate) template: &'static str,
}

/// All operations, sorted by path template and method.
pub(crate) fn all() -> Vec<Declared> {
    let declared = Operation::authenticated().map(|operation| Declared {
        name: operation.name(),
        method: operation.method(),
        template: operation.path(),
    });
    let mut all: Vec<_> = declared.collect();
    all.sort_by_key(|operation| (operation.template, operation.method.to_string()));
    all
}

/// The path with these values of the parameters.
pub(crate) fn path<'a>(template: &'a str, value: impl Fn(&'a str) -> &'a str) -> String {
    let segment = |segment: &'a str| match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
        Some(name) => value(name),
        None => segment,
    };
    template.split('/').map(segment).collect::<Vec<_>>().join("/")
}

impl Declared {
    /// Sends the operation for this tenant, customer and brand.
    pub(crate) async fn call(&self, caller: &Session, tenant: &str, customer: &str, brand: &str) -> Answer {
        let path = path(self.template, |name| match name {
            "clientId" => tenant,
            "customerId" => customer,
            "brandId" => brand,
            "tagName" => "VIP",
            _ => "x1",
        });
        let path = if self.name == "findCustomerByPhone" { format!("{path}?phone=0871234567") } else { path };
        let json = [("content-type", "application/json")];
        caller.send(self.method.as_str(), &path, &json, self.body()).await
    }

    /// A plausible body for the operation.
    pub(crate) fn body(&self) -> Vec<u8> {
        match self.name {
            "createCustomer" | "createBrandCustomer" => br#"{ "phone": "0851234567" }"#.to_vec(),
            "updateCustomer" | "updateBrandCustomer" => br#"{ "firstName": "Other" }"#.to_vec(),
            "saveAddress" => br#"{ "address": "1 Main St", "latitude": 53.35, "longitude": -6.26 }"#.to_vec(),
            "blockCustomer" => br#"{ "level": "warn", "reason": "Late" }"#.to_vec(),
            "putCustomerSettings" => b"{}".to_vec(),
            _ => Vec::new(),
        }
    }
}
