//! The function `reference`: the documentation site with the guides and the API reference, and the OpenAPI document.
//!
//! It is public, contains no secret and uses neither the table nor any tenant's data: all files are built in. The links
//! of the page are relative, so that they also work under a stage and a base path.

mod page;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use shared::api::pipeline::no_route;
use shared::api::{Operation, Problem, Routes};

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

async fn get_openapi(headers: HeaderMap) -> Response {
    page::openapi(&headers)
}
