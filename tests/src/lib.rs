//! The code that integration tests share. Each test has the whole API behind the gateway, on a fresh in-memory
//! DynamoDB.

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
