//! Types and rules of a passenger record: nothing here knows of HTTP, AWS, storage or the environment.
//!
//! A value of one of these types has passed its rules, or comes out of the table, which holds only such. Types that hold
//! personal data print `…` instead of it, so that no log line or `Debug` output can carry it.

pub mod actor;
pub mod address;
pub mod change;
pub mod customer;
pub mod email;
pub mod id;
pub mod invalid;
pub mod password;
pub mod phone;
pub mod priority;
pub mod settings;
pub mod tag;
pub mod text;

pub use actor::{Actor, ActorRole, Subject};
pub use address::{Address, AddressOrder, AddressPatch, Microdegrees};
pub use change::Change;
pub use customer::{Customer, CustomerPatch};
pub use email::Email;
pub use id::{AccountDepartmentId, AccountId, BrandId, CapabilityId, ClientId, CustomerId, Link, SavedAddressId};
pub use invalid::Invalid;
pub use password::{Password, PasswordHash};
pub use phone::{Phone, PhoneInfo, Region};
pub use priority::{Priority, PriorityReason, PriorityType};
pub use settings::{LoyaltyRule, Settings, TagRule};
pub use tag::Tag;
pub use text::Text;

/// Most tags a customer can have.
pub const MAX_TAGS: usize = 50;
/// Most links of one kind (accounts, account departments, brands, client capabilities) a customer can have.
pub const MAX_LINKS: usize = 100;
/// Most addresses a customer can have.
pub const MAX_ADDRESSES: usize = 200;
/// Most addresses that are shown inside a customer, and how many are by default.
pub const MAX_INCLUDED_ADDRESSES: u8 = 20;
pub const DEFAULT_INCLUDED_ADDRESSES: u8 = 5;

/// A moment as the platform writes it: whole seconds since 1970-01-01T00:00:00Z.
pub type UnixSeconds = i64;
