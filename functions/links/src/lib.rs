//! Links of a customer: accounts, account departments, brands, client capabilities.

mod account;
mod account_department;
mod brand;
mod client_capability;

use shared::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The group's routes. Each handler's file holds its method, path and schema.
#[must_use]
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(account::link_account, account::unlink_account))
        .routes(routes!(account_department::link_account_department, account_department::unlink_account_department))
        .routes(routes!(brand::link_brand, brand::unlink_brand))
        .routes(routes!(client_capability::link_client_capability, client_capability::unlink_client_capability))
}
