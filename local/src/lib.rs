//! The whole API on one machine: an embedded DynamoDB, and a gateway that sends API Gateway's events to the same
//! routers that run on Lambda.

pub mod access;
pub mod demo;
pub mod dynamodb;
pub mod event;
pub mod functions;
pub mod gateway;
pub mod iam;
pub mod issuer;
pub mod openapi;
pub mod passengers;
pub mod private;
mod site;
pub mod table;
pub mod upgrade;

/// Libraries whose warnings are not logged. The embedded DynamoDB warns about every failed condition, but a failed
/// condition is a normal result of a repeated write.
pub const QUIET: &[&str] = &["dynoxide"];
