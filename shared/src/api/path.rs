//! Paths: which are refused before routing, and what the parameters of a route mean.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::{Code, Problem};
use crate::domain::{AccountDepartmentId, AccountId, BrandId, CapabilityId, ClientId, CustomerId, SavedAddressId, Tag};

/// Whether a path, as the client sent it, has a segment `.` or `..`, raw or encoded, or a backslash. Somewhere
/// between the client and the router an URL parser resolves these into *another route*, so such a path has no one
/// meaning.
#[must_use]
pub fn is_ambiguous(raw_path: &str) -> bool {
    let lower = raw_path.to_ascii_lowercase();
    lower.contains('\\')
        || lower.contains("%5c")
        || lower.replace("%2f", "/").replace("%2e", ".").split('/').any(|segment| segment == "." || segment == "..")
}

/// The part of `path` that the route `resource`, such as `/client/{clientId}/customer`, stands for: under a custom
/// domain with a base path, API Gateway puts that in front of an event's path, but not of its resource.
#[must_use]
pub fn below_base_path<'a>(path: &'a str, resource: &str) -> Option<&'a str> {
    let mut start = path.len();
    for wanted in resource.rsplit('/') {
        let rest = &path[..start];
        let begin = rest.rfind('/').map_or(0, |slash| slash + 1);
        let is_parameter = wanted.starts_with('{') && wanted.ends_with('}');
        if wanted.is_empty() {
            return Some(&path[start..]);
        }
        if begin == 0 || !(is_parameter || rest[begin..] == *wanted) {
            return None;
        }
        start = begin - 1;
    }
    None
}

/// The parameters of a route, as `T`.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<S, T> FromRequestParts<S> for Params<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(params)) => Ok(Self(params)),
            Err(_) => Err(invalid_path()),
        }
    }
}

/// An id or an encoding in the path that cannot be.
#[must_use]
pub fn invalid_path() -> Problem {
    Problem::new(
        Code::InvalidPath,
        "An id in the path is malformed. Each id is 1 to 64 characters from A-Z, a-z, 0-9, '_' and '-'. The segments \
         '.' and '..' and backslashes are not allowed.",
    )
}

macro_rules! paths {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $what:literal,)+ })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Deserialize, IntoParams)]
            #[serde(rename_all = "camelCase")]
            #[into_params(parameter_in = Path, rename_all = "camelCase")]
            pub struct $name {
                $(#[doc = $what] #[param(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")] pub $field: $type,)+
            }
        )*
    };
}

paths! {
    /// `/client/{clientId}/…`
    TenantPath {
        client_id: ClientId = "The tenant.",
    }
    /// `/client/{clientId}/brand/{brandId}/…`
    BrandPath {
        client_id: ClientId = "The tenant.",
        brand_id: BrandId = "A brand of the tenant.",
    }
    /// `/client/{clientId}/customer/{customerId}/…`
    CustomerPath {
        client_id: ClientId = "The tenant.",
        customer_id: CustomerId = "The customer.",
    }
    /// `/client/{clientId}/brand/{brandId}/customer/{customerId}/…`
    BrandCustomerPath {
        client_id: ClientId = "The tenant.",
        brand_id: BrandId = "A brand that the customer is linked to.",
        customer_id: CustomerId = "The customer.",
    }
    /// `/client/{clientId}/account/{accountId}/customer/{customerId}`
    AccountCustomerPath {
        client_id: ClientId = "The tenant.",
        account_id: AccountId = "A corporate account that the customer is linked to.",
        customer_id: CustomerId = "The customer.",
    }
    /// `…/customer/{customerId}/account/{accountId}`
    AccountLinkPath {
        client_id: ClientId = "The tenant.",
        customer_id: CustomerId = "The customer.",
        account_id: AccountId = "A corporate account.",
    }
    /// `…/customer/{customerId}/accountdepartment/{accountDepartmentId}`
    AccountDepartmentLinkPath {
        client_id: ClientId = "The tenant.",
        customer_id: CustomerId = "The customer.",
        account_department_id: AccountDepartmentId = "A department (cost centre) of a corporate account.",
    }
    /// `…/customer/{customerId}/brand/{brandId}`
    BrandLinkPath {
        client_id: ClientId = "The tenant.",
        customer_id: CustomerId = "The customer.",
        brand_id: BrandId = "A brand of the tenant.",
    }
    /// `…/customer/{customerId}/clientcapability/{capabilityId}`
    CapabilityLinkPath {
        client_id: ClientId = "The tenant.",
        customer_id: CustomerId = "The customer.",
        capability_id: CapabilityId = "A service requirement of the tenant, by its own id.",
    }
    /// `…/customer/{customerId}/addresses/{savedAddressId}`
    AddressPath {
        client_id: ClientId = "The tenant.",
        customer_id: CustomerId = "The customer.",
        saved_address_id: SavedAddressId = "One of the customer's saved addresses.",
    }
}

/// `…/customer/{customerId}/tag/{tagName}`
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path, rename_all = "camelCase")]
pub struct TagPath {
    /// The tenant.
    #[param(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    pub client_id: ClientId,
    /// The customer.
    #[param(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    pub customer_id: CustomerId,
    /// A tag, in any case: `vip` and `VIP` are one.
    #[param(value_type = Tag, inline)]
    pub tag_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_what_stands_before_the_resource() {
        let resource = "/client/{clientId}/customer/{customerId}";
        for (path, below) in [
            ("/client/demo/customer/c1", Some("/client/demo/customer/c1")),
            ("/v1/client/demo/customer/c1", Some("/client/demo/customer/c1")),
            ("/a/b/client/demo/customer/c%201", Some("/client/demo/customer/c%201")),
            ("/client/demo/customer/c1/", None),
            ("/client/demo/tag/c1", None),
            ("demo/customer/c1", None),
            ("", None),
        ] {
            assert_eq!(below_base_path(path, resource), below, "{path}");
        }
    }

    #[test]
    fn dot_segments_and_backslashes_are_ambiguous_however_they_are_written() {
        for path in [
            "/client/demo/../other/customer",
            "/client/demo/./customer",
            "/client/demo/%2e%2E/other",
            "/client/demo/.%2e",
            "/client/demo/%2e",
            "/client/demo/x%2f..%2fy",
            "/client/demo\\customer",
            "/client/demo/%5C..",
        ] {
            assert!(is_ambiguous(path), "{path}");
        }
        for path in ["/client/demo/customer", "/client/de.mo/customer/..a", "/client/demo/...", "/a%20b/"] {
            assert!(!is_ambiguous(path), "{path}");
        }
    }
}
