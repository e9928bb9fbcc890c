//! The function `links`: a customer's links to accounts, account departments, brands and client capabilities.

mod account;
mod account_department;
mod brand;
mod client_capability;

use shared::api::{Docs, Operation, Routes};
use shared::app::App;

/// The handler of each operation.
#[must_use]
pub fn routes() -> Routes<App> {
    Routes::new()
        .on(Operation::LinkAccount, account::link_account)
        .on(Operation::UnlinkAccount, account::unlink_account)
        .on(Operation::LinkAccountDepartment, account_department::link_account_department)
        .on(Operation::UnlinkAccountDepartment, account_department::unlink_account_department)
        .on(Operation::LinkBrand, brand::link_brand)
        .on(Operation::UnlinkBrand, brand::unlink_brand)
        .on(Operation::LinkClientCapability, client_capability::link_client_capability)
        .on(Operation::UnlinkClientCapability, client_capability::unlink_client_capability)
}

/// The docs of each operation, for the API reference.
#[must_use]
pub fn docs() -> Vec<(Operation, Docs)> {
    vec![
        (Operation::LinkAccount, account::link_account_docs()),
        (Operation::UnlinkAccount, account::unlink_account_docs()),
        (Operation::LinkAccountDepartment, account_department::link_account_department_docs()),
        (Operation::UnlinkAccountDepartment, account_department::unlink_account_department_docs()),
        (Operation::LinkBrand, brand::link_brand_docs()),
        (Operation::UnlinkBrand, brand::unlink_brand_docs()),
        (Operation::LinkClientCapability, client_capability::link_client_capability_docs()),
        (Operation::UnlinkClientCapability, client_capability::unlink_client_capability_docs()),
    ]
}
