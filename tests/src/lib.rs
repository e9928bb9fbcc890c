//! What the integration tests share: the whole API on a fresh in-memory DynamoDB each, behind the gateway.

#![expect(clippy::missing_panics_doc, reason = "a harness panics: that is how a test fails")]

mod answer;
mod app;
mod caller;
mod contract;
pub mod events;
pub mod formats;
mod wire;

pub use answer::Answer;
pub use app::{NOW, TENANT, TestApp};
pub use caller::Session;
pub use wire::{Call, Fault, Wire};
