//! Tests of the command, against a stand-in for API Gateway's control plane and the embedded DynamoDB. Each test has
//! its own account.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

mod account;
mod command;
mod control_plane;
mod keys;
mod list;
mod reindex;
mod remove;
mod self_service;
mod settings;
mod tiers;
mod usage;
