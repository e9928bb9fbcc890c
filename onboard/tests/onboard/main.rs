//! The command as an administrator meets it, against a stand-in for API Gateway's control plane and the embedded
//! DynamoDB. Each test has an account of its own.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

mod account;
mod command;
mod control_plane;
mod keys;
mod self_service;
mod settings;
mod tiers;
