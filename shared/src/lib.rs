//! What every function of the Customers API uses: the rules (`domain`), the table (`store`), HTTP (`api`).

pub mod api;
pub mod app;
pub mod clock;
pub mod config;
pub mod domain;
pub mod hashing;
pub mod store;
pub mod telemetry;
pub mod tenant_settings;
