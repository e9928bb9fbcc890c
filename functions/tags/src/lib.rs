//! Tags of a customer.

mod add;
mod list;
mod remove;

use shared::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The group's routes. Each handler's file holds its method, path and schema.
#[must_use]
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(list::list_tags)).routes(routes!(add::add_tag, remove::remove_tag))
}
