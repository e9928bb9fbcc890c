//! Customers: match or create, read, update, delete, find by phone; and the tenant's settings.

mod create;
mod delete;
mod find;
mod input;
mod read;
mod settings;
mod update;

use shared::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The group's routes. Each handler's file holds its method, path and schema.
#[must_use]
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(create::create_customer))
        .routes(routes!(create::create_brand_customer))
        .routes(routes!(find::find_customer_by_phone))
        .routes(routes!(read::get_customer, update::update_customer, delete::delete_customer))
        .routes(routes!(read::get_brand_customer, update::update_brand_customer))
        .routes(routes!(read::get_account_customer))
        .routes(routes!(settings::get_customer_settings, settings::put_customer_settings))
}
