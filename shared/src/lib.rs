//! The crate that all functions of the Customers API share: rules (`domain`), table (`store`) and HTTP (`api`).

pub mod api;
pub mod app;
pub mod clock;
pub mod config;
pub mod domain;
pub mod hashing;
pub mod http1;
pub mod store;
pub mod telemetry;
pub mod tenant_settings;
