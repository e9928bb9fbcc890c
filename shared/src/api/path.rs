//! Paths: which are refused before routing, and what the path parameters mean.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Code, Problem};
use crate::domain::{AccountDepartmentId, AccountId, BrandId, CapabilityId, CustomerId, SavedAddressId};

/// Whether a path contains a segment `.` or `..`, raw or encoded, or a backslash. A URL parser between the client and
/// the router may resolve such a path to *another route*, so its meaning is ambiguous.
#[must_use]
pub fn is_ambiguous(raw_path: &str) -> bool {
    let lower = raw_path.to_ascii_lowercase();
    lower.contains('\\')
        || lower.contains("%5c")
        || lower.replace("%2f", "/").replace("%2e", ".").split('/').any(|segment| segment == "." || segment == "..")
}

/// The part of `path` that matches `resource`, such as `/client/{clientId}/customer`. With a custom domain, API Gateway
/// puts the base path in front of an event's path, but not in front of its resource.
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

/// The path parameters of a request, as `T`.
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

/// The problem for a path with a malformed id or encoding.
#[must_use]
pub fn invalid_path() -> Problem {
    Problem::new(
        Code::InvalidPath,
        "An id in the path is malformed. Each id is 1 to 64 characters from A-Z, a-z, 0-9, '_' and '-'. The segments \
         '.' and '..' and backslashes are not allowed.",
    )
}

/// A path parameter. It has the same meaning in every path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathParameter {
    Client,
    Customer,
    Brand,
    Account,
    AccountDepartment,
    Capability,
    SavedAddress,
    Tag,
    File,
}

impl PathParameter {
    /// The parameter with this name.
    ///
    /// # Panics
    /// If the name is missing here although a path in the table of operations has it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "clientId" => Self::Client,
            "customerId" => Self::Customer,
            "brandId" => Self::Brand,
            "accountId" => Self::Account,
            "accountDepartmentId" => Self::AccountDepartment,
            "capabilityId" => Self::Capability,
            "savedAddressId" => Self::SavedAddress,
            "tagName" => Self::Tag,
            "file" => Self::File,
            _ => panic!("{name} is not a parameter of a path"),
        }
    }

    /// Whether the value is an id. The pipeline refuses a malformed id.
    #[must_use]
    pub fn is_id(self) -> bool {
        !matches!(self, Self::Tag | Self::File)
    }

    /// The description in the API reference.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Client => "The tenant.",
            Self::Customer => "The customer.",
            Self::Brand => "A brand of the tenant.",
            Self::Account => "A corporate account.",
            Self::AccountDepartment => "A department (cost centre) of a corporate account.",
            Self::Capability => "A service requirement of the tenant, by its own id.",
            Self::SavedAddress => "One of the customer's saved addresses.",
            Self::Tag => "A tag, in any case: `vip` and `VIP` are one.",
            Self::File => "A file of the page.",
        }
    }
}

/// `/client/{clientId}/brand/{brandId}/…`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrandPath {
    pub brand_id: BrandId,
}

/// `/client/{clientId}/customer/{customerId}/…`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerPath {
    pub customer_id: CustomerId,
}

/// `/client/{clientId}/brand/{brandId}/customer/{customerId}/…`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrandCustomerPath {
    pub brand_id: BrandId,
    pub customer_id: CustomerId,
}

/// `/client/{clientId}/account/{accountId}/customer/{customerId}`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountCustomerPath {
    pub account_id: AccountId,
    pub customer_id: CustomerId,
}

/// `…/customer/{customerId}/account/{accountId}`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountLinkPath {
    pub customer_id: CustomerId,
    pub account_id: AccountId,
}

/// `…/customer/{customerId}/accountdepartment/{accountDepartmentId}`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountDepartmentLinkPath {
    pub customer_id: CustomerId,
    pub account_department_id: AccountDepartmentId,
}

/// `…/customer/{customerId}/brand/{brandId}`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrandLinkPath {
    pub customer_id: CustomerId,
    pub brand_id: BrandId,
}

/// `…/customer/{customerId}/clientcapability/{capabilityId}`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CapabilityLinkPath {
    pub customer_id: CustomerId,
    pub capability_id: CapabilityId,
}

/// `…/customer/{customerId}/addresses/{savedAddressId}`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddressPath {
    pub customer_id: CustomerId,
    pub saved_address_id: SavedAddressId,
}

/// `…/customer/{customerId}/tag/{tagName}`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagPath {
    pub customer_id: CustomerId,
    pub tag_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_before_the_resource_is_removed() {
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
