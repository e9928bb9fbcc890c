//! The authorizer, asked as the gateway asks it.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

mod config;
mod headers;
mod issuer;
mod issuers;
mod policies;
mod providers;
mod published;
mod tokens;
