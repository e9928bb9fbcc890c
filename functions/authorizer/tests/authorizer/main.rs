//! Tests that call the authorizer as the gateway does.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

mod config;
mod headers;
mod issuer;
mod issuers;
mod log;
mod policies;
mod providers;
mod published;
mod tokens;
