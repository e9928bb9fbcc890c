//! Saved addresses of a customer.

mod delete;
mod input;
mod list;
mod save;

use shared::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The group's routes. Each handler's file holds its method, path and schema.
#[must_use]
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(list::list_addresses, save::save_address))
        .routes(routes!(list::list_brand_addresses))
        .routes(routes!(delete::delete_address))
}
