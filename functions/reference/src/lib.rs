//! The documentation site: a page with the guides and the API reference, to try the API from; and the OpenAPI document.
//!
//! It is for everybody, holds no secret, and knows neither tenants nor the table: it serves bytes that were there when
//! it was built. The page's links are relative, so that they are right under a stage and a base path.

mod page;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use shared::api::Problem;
use shared::api::edge::no_route;

/// The page's route.
pub const PAGE: &str = "/docs";
/// The route of what the page is made of.
pub const ASSET: &str = "/docs/{file}";
/// The document's route.
pub const DOCUMENT: &str = "/openapi.json";
/// Every route. Each has the method GET and no other.
pub const ROUTES: [&str; 3] = [PAGE, ASSET, DOCUMENT];

/// The document as it is committed; a test compares it with the routes' declarations.
const OPENAPI: &[u8] = include_bytes!("../../../openapi.json");

/// The routes.
pub fn router() -> Router {
    Router::new().route(PAGE, get(page::page)).route(ASSET, get(asset)).route(DOCUMENT, get(document))
}

async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    page::asset(&file, &headers).ok_or_else(no_route)
}

async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json"), (X_CONTENT_TYPE_OPTIONS, "nosniff")], OPENAPI)
}
