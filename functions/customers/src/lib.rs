//! The function `customers`: match or create, read, update, block, delete and find customers, the tenant's settings, and
//! the health check.

mod block;
mod create;
mod delete;
mod find;
mod health;
mod include;
mod input;
mod read;
mod settings;
mod update;

use shared::api::{Docs, Operation, Routes};
use shared::app::App;
use shared::domain::Phone;

/// The handler of each operation.
#[must_use]
pub fn routes() -> Routes<App> {
    Routes::new()
        .loading(|app: &App| Phone::load(app.settings.default_region()))
        .on(Operation::CreateCustomer, create::create_customer)
        .on(Operation::CreateBrandCustomer, create::create_brand_customer)
        .on(Operation::FindCustomerByPhone, find::find_customer_by_phone)
        .on(Operation::GetCustomer, read::get_customer)
        .on(Operation::UpdateCustomer, update::update_customer)
        .on(Operation::DeleteCustomer, delete::delete_customer)
        .on(Operation::BlockCustomer, block::block_customer)
        .on(Operation::UnblockCustomer, block::unblock_customer)
        .on(Operation::GetBrandCustomer, read::get_brand_customer)
        .on(Operation::UpdateBrandCustomer, update::update_brand_customer)
        .on(Operation::GetAccountCustomer, read::get_account_customer)
        .on(Operation::GetCustomerSettings, settings::get_customer_settings)
        .on(Operation::PutCustomerSettings, settings::put_customer_settings)
        .on(Operation::GetHealth, health::get_health)
        .on(Operation::HeadHealth, health::head_health)
}

/// The docs of each operation, for the API reference.
#[must_use]
pub fn docs() -> Vec<(Operation, Docs)> {
    vec![
        (Operation::CreateCustomer, create::create_customer_docs()),
        (Operation::CreateBrandCustomer, create::create_brand_customer_docs()),
        (Operation::FindCustomerByPhone, find::find_customer_by_phone_docs()),
        (Operation::GetCustomer, read::get_customer_docs()),
        (Operation::UpdateCustomer, update::update_customer_docs()),
        (Operation::DeleteCustomer, delete::delete_customer_docs()),
        (Operation::BlockCustomer, block::block_customer_docs()),
        (Operation::UnblockCustomer, block::unblock_customer_docs()),
        (Operation::GetBrandCustomer, read::get_brand_customer_docs()),
        (Operation::UpdateBrandCustomer, update::update_brand_customer_docs()),
        (Operation::GetAccountCustomer, read::get_account_customer_docs()),
        (Operation::GetCustomerSettings, settings::get_customer_settings_docs()),
        (Operation::PutCustomerSettings, settings::put_customer_settings_docs()),
    ]
}
