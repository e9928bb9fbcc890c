//! The function `addresses`: a customer's saved addresses.

mod delete;
mod input;
mod list;
mod save;

use shared::api::{Docs, Operation, Routes};
use shared::app::App;

/// The handler of each operation.
#[must_use]
pub fn routes() -> Routes<App> {
    Routes::new()
        .on(Operation::ListAddresses, list::list_addresses)
        .on(Operation::SaveAddress, save::save_address)
        .on(Operation::ListBrandAddresses, list::list_brand_addresses)
        .on(Operation::DeleteAddress, delete::delete_address)
}

/// The docs of each operation, for the API reference.
#[must_use]
pub fn docs() -> Vec<(Operation, Docs)> {
    vec![
        (Operation::ListAddresses, list::list_addresses_docs()),
        (Operation::SaveAddress, save::save_address_docs()),
        (Operation::ListBrandAddresses, list::list_brand_addresses_docs()),
        (Operation::DeleteAddress, delete::delete_address_docs()),
    ]
}
