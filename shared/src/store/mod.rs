//! The table. Each file holds one kind of access; all keys are in [`keys`].
//!
//! The index on the phone finds a customer, but only the phone guard decides who has a phone: an index cannot enforce
//! uniqueness and may be out of date. `docs/architecture.md` describes the table, and `docs/costs.md` lists the calls
//! of each operation.

mod addresses;
mod attribute;
mod blocks;
mod calls;
mod contention;
mod context;
mod create;
mod delete;
mod error;
mod expression;
mod find;
mod item;
pub mod keys;
mod load;
mod members;
mod precondition;
mod reindex;
mod search;
mod settings;
mod transaction;
mod update;

pub use addresses::{AddressNotDeleted, AddressNotSaved, With};
pub use attribute::ENTITY;
pub use blocks::BlockRefused;
pub use context::WriteContext;
pub use create::{OnMatch, Registered};
pub use error::StoreError;
pub use members::{Member, MemberOutcome};
pub use precondition::{MAX_VERSIONS, Precondition, PreconditionFailed};
pub use reindex::Reindexed;
pub use search::{Page, Position};
pub use update::{UpdateRefused, UpdateScope};

use aws_sdk_dynamodb::Client;

/// The customers table.
#[derive(Clone, Debug)]
pub struct Store {
    dynamodb: Client,
    table: String,
}

impl Store {
    /// Opens `table` with this client. Calls are counted for the current request; see [`crate::telemetry::calls`].
    #[must_use]
    pub fn new(dynamodb: &Client, table: impl Into<String>) -> Self {
        Self { dynamodb: calls::prepared(dynamodb), table: table.into() }
    }
}
