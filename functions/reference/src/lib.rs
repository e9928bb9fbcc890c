//! The documentation site: a page with the guides and the API reference, to try the API from; and the OpenAPI document.
//!
//! It is for everybody, holds no secret, and knows neither tenants nor the table: it serves bytes that were there when
//! it was built. The page's links are relative, so that they are right under a stage and a base path.

mod page;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use shared::api::pipeline::no_route;
use shared::api::{Operation, Problem, Routes};

/// The document as it is committed; a test compares it with the operations and their docs.
const OPENAPI: &[u8] = include_bytes!("../../../openapi.json");

/// The handler of each operation.
#[must_use]
pub fn routes() -> Routes<()> {
    Routes::new()
        .on(Operation::GetDocsPage, get_docs_page)
        .on(Operation::GetDocsFile, get_docs_file)
        .on(Operation::GetOpenapi, get_openapi)
}

async fn get_docs_page() -> impl IntoResponse {
    page::page()
}

async fn get_docs_file(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    page::asset(&file, &headers).ok_or_else(no_route)
}

async fn get_openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json"), (X_CONTENT_TYPE_OPTIONS, "nosniff")], OPENAPI)
}
