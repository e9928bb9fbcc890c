//! The table. One file per aggregate; the keys are in [`keys`] and nowhere else.
//!
//! The index on the phone finds a customer, the phone's guard decides: an index cannot enforce uniqueness and is
//! read late. `docs/architecture.md` draws the table, and `docs/costs.md` counts the calls.

mod addresses;
mod attribute;
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
mod settings;
mod transaction;
mod update;

pub use addresses::{AddressNotDeleted, AddressNotSaved, With};
pub use context::WriteContext;
pub use create::{OnMatch, Registered};
pub use error::StoreError;
pub use members::{Joined, Member};
pub use precondition::{MAX_VERSIONS, Precondition, PreconditionFailed};
pub use update::{UpdateRefused, UpdateScope};

use aws_sdk_dynamodb::Client;

/// The customers table.
#[derive(Clone, Debug)]
pub struct Store {
    dynamodb: Client,
    table: String,
}

impl Store {
    /// The table of this name, by this client. Its calls count for the request that makes them; see [`crate::telemetry::calls`].
    #[must_use]
    pub fn new(dynamodb: &Client, table: impl Into<String>) -> Self {
        Self { dynamodb: calls::counted(dynamodb), table: table.into() }
    }
}
