//! The whole API on one machine: an embedded DynamoDB, and a gateway that speaks API Gateway's events to the very
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

/// Whose warnings are no news: the embedded DynamoDB warns of every condition that does not hold, which is how a
/// repeated write is found to be one.
pub const QUIET: &[&str] = &["dynoxide"];
