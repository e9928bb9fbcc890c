//! The types and rules of a passenger record. Nothing here depends on HTTP, AWS, storage or the environment.
//!
//! A value of these types is valid: it was checked when it was read from a request, and only valid values are stored.
//! The `Debug` output of a type with personal data is `…`, so that no log line can contain the data.

pub mod actor;
pub mod address;
pub mod block;
pub mod change;
pub mod customer;
pub mod email;
pub mod id;
pub mod invalid;
pub mod owner;
pub mod password;
pub mod phone;
pub mod priority;
pub mod search;
pub mod session;
pub mod settings;
pub mod tag;
pub mod text;

pub use actor::{Actor, ActorRole, Subject};
pub use address::{Address, AddressOrder, AddressPatch, Microdegrees};
pub use block::{Block, Closed};
pub use change::Change;
pub use customer::{Customer, CustomerPatch};
pub use email::Email;
pub use id::{
    AccountDepartmentId, AccountId, BrandId, CapabilityId, ClientId, CustomerId, Link, SavedAddressId, SessionId,
};
pub use invalid::Invalid;
pub use owner::PassengerField;
pub use password::{Password, PasswordHash};
pub use phone::{Phone, PhoneEnding, PhoneInfo, Region};
pub use priority::{Priority, PriorityReason, PriorityType};
pub use search::Question;
pub use session::{Access, Denied, SessionClaim};
pub use settings::{LoyaltyRule, Settings, TagRule};
pub use tag::Tag;
pub use text::Text;

/// The maximum number of tags of a customer.
pub const MAX_TAGS: usize = 50;
/// The maximum number of links of one kind (accounts, account departments, brands, client capabilities) of a customer.
pub const MAX_LINKS: usize = 100;
/// The maximum number of saved addresses of a customer.
pub const MAX_ADDRESSES: usize = 200;
/// Most addresses that are shown inside a customer, and how many are by default.
pub const MAX_INCLUDED_ADDRESSES: u8 = 20;
pub const DEFAULT_INCLUDED_ADDRESSES: u8 = 5;

/// The maximum number of customers on a page of a search, and how many there are by default.
pub const MAX_PAGE: u8 = 100;
pub const DEFAULT_PAGE: u8 = 20;

/// A time in whole seconds since 1970-01-01T00:00:00Z, as in the rest of the platform.
pub type UnixSeconds = i64;
