//! The function `customers`: match or create, read, update, block, delete, find and search customers, the tenant's settings,
//! and the health check.

mod block;
mod create;
mod cursor;
mod delete;
mod find;
mod health;
mod include;
mod input;
mod read;
mod search;
mod settings;
mod update;

use std::time::Duration;

use axum::extract::FromRef;
use shared::api::pipeline::FunctionState;
use shared::api::{Docs, Operation, Routes};
use shared::app::App;
use shared::clock::Clock;
use shared::domain::Phone;

pub use cursor::Cursors;

/// The state of the handlers. Most of them use only the part that all functions have.
#[derive(Debug, Clone)]
pub struct Customers {
    pub app: App,
    pub cursors: Cursors,
}

impl FromRef<Customers> for App {
    fn from_ref(state: &Customers) -> Self {
        state.app.clone()
    }
}

impl FromRef<Customers> for Cursors {
    fn from_ref(state: &Customers) -> Self {
        state.cursors.clone()
    }
}

impl FunctionState for Customers {
    async fn start(load: fn(&Self)) -> Result<Self, lambda_http::Error> {
        let cursors = Cursors::from_env()?;
        let of = |app: &App| Self { app: app.clone(), cursors: cursors.clone() };
        let app = App::start_loading(|app| load(&of(app))).await?;
        Ok(of(&app))
    }

    fn clock(&self) -> Clock {
        self.app.clock()
    }

    fn deadline(&self) -> Duration {
        self.app.deadline()
    }
}

/// The handler of each operation.
#[must_use]
pub fn routes() -> Routes<Customers> {
    Routes::new()
        .loading(|state: &Customers| Phone::load(state.app.settings.default_region()))
        .on(Operation::CreateCustomer, create::create_customer)
        .on(Operation::SearchCustomers, search::search_customers)
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
        (Operation::SearchCustomers, search::search_customers_docs()),
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
