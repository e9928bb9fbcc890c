//! Identifiers. They need no escaping in a path, a key or an ARN, because they cannot contain `#`, `/`, `.`, `*` or
//! `%`.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Invalid;

/// The maximum number of characters of an id.
pub const MAX_ID: usize = 64;

/// Whether `raw` has 1 to 64 characters from `A-Z a-z 0-9 _ -`.
#[must_use]
pub fn is_id(raw: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=MAX_ID).contains(&raw.len()) && raw.bytes().all(allowed)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// [`Invalid::NotAnId`], unless `raw` has 1 to 64 characters from `A-Z a-z 0-9 _ -`.
            pub fn parse(raw: impl Into<String>) -> Result<Self, Invalid> {
                let raw = raw.into();
                if is_id(&raw) { Ok(Self(raw)) } else { Err(Invalid::NotAnId) }
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(raw: String) -> Result<Self, Invalid> {
                Self::parse(raw)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A tenant of the platform: a taxi or private-hire company.
    ClientId
);
id!(
    /// A customer of a tenant. This service issues the id: a time-ordered UUID. Clients must not rely on its form.
    CustomerId
);
id!(
    /// A brand: a name under which a tenant offers its service to consumers.
    BrandId
);
id!(
    /// A corporate account that pays for passengers.
    AccountId
);
id!(
    /// A department (cost centre) of a corporate account.
    AccountDepartmentId
);
id!(
    /// A tenant's service requirement, such as a wheelchair-accessible vehicle.
    CapabilityId
);
id!(
    /// One of a customer's saved addresses. This service issues the id.
    SavedAddressId
);
id!(
    /// A session of a passenger. This service issues the id.
    SessionId
);

impl CustomerId {
    /// Whether `raw` has the form of the ids that [`CustomerId::issue`] makes: a UUID in lower case.
    #[must_use]
    pub fn has_issued_form(raw: &str) -> bool {
        Uuid::try_parse(raw).is_ok_and(|uuid| uuid.to_string() == raw)
    }

    /// A new id: a UUID version 7 (RFC 9562), so that ids sort by age.
    #[must_use]
    pub fn issue() -> Self {
        Self(Uuid::now_v7().to_string())
    }
}

impl SavedAddressId {
    /// A new id: a UUID version 7 (RFC 9562), so that ids sort by age.
    #[must_use]
    pub fn issue() -> Self {
        Self(Uuid::now_v7().to_string())
    }
}

impl SessionId {
    /// A new id: a UUID version 7 (RFC 9562), so that ids sort by age.
    #[must_use]
    pub fn issue() -> Self {
        Self(Uuid::now_v7().to_string())
    }
}

/// A link of a customer. Each kind has its own operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    Account(AccountId),
    AccountDepartment(AccountDepartmentId),
    Brand(BrandId),
    ClientCapability(CapabilityId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_only_allowed_characters() {
        assert!(ClientId::parse("demo_1-A").is_ok());
        for raw in ["", "a b", "a#b", "a/b", ".", "..", "é", "*", "a%41", &"x".repeat(65)] {
            assert_eq!(ClientId::parse(raw), Err(Invalid::NotAnId), "{raw}");
        }
        assert!(ClientId::parse("x".repeat(64)).is_ok());
    }

    #[test]
    fn issued_ids_are_valid() {
        let issued = CustomerId::issue();
        assert!(CustomerId::parse(issued.as_str()).is_ok());
        assert!(CustomerId::has_issued_form(issued.as_str()));
        for raw in ["search", "", "01920000000070008000000000000001", "01920000-0000-7000-8000-00000000000A"] {
            assert!(!CustomerId::has_issued_form(raw), "{raw}");
        }
        assert_ne!(SavedAddressId::issue(), SavedAddressId::issue());
    }
}
