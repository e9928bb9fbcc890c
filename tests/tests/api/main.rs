//! Every operation, through the gateway, on a table of its own. A module is named for the operation it tests.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

mod add_tag;
mod bodies;
mod budget;
mod contention;
mod create_brand_customer;
mod create_customer;
mod delete_customer;
mod events;
mod fields;
mod find_customer_by_phone;
mod gateway;
mod get_account_customer;
mod get_brand_customer;
mod get_customer;
mod link_account;
mod link_account_department;
mod link_brand;
mod link_client_capability;
mod links;
mod list_tags;
mod logs;
mod model;
mod operations;
mod paths;
mod phones;
mod record;
mod refused;
mod remove_tag;
mod roles;
mod stale_index;
mod stored;
mod unlink_account;
mod unlink_account_department;
mod unlink_brand;
mod unlink_client_capability;
mod update_brand_customer;
mod update_customer;
mod update_customer_if_match;
mod update_customer_phone;
