//! The functions that the gateway routes to.

use shared::app::App;
use utoipa_axum::router::OpenApiRouter;

/// A function's name and its routes.
pub type Function = (&'static str, fn() -> OpenApiRouter<App>);

/// Every function of the API.
pub const FUNCTIONS: &[Function] = &[
    ("customers", customers::routes),
    ("links", links::routes),
    ("tags", tags::routes),
    ("addresses", addresses::routes),
];
