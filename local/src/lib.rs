//! The whole API on one machine: an embedded DynamoDB, and a gateway that speaks API Gateway's events to the very
//! routers that run on Lambda.

pub mod dynamodb;
pub mod event;
pub mod functions;
pub mod gateway;
pub mod table;
