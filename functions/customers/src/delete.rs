//! Erasing a customer.

use axum::extract::State;
use http::StatusCode;
use shared::api::etag::IfMatch;
use shared::api::path::{CustomerPath, Params};
use shared::api::{Caller, Docs, Problem, reply};
use shared::app::App;
use shared::store::PreconditionFailed;

pub(crate) fn delete_customer_docs() -> Docs {
    Docs::new("customers", "Erase a customer")
        .text(
            "The record, its saved addresses and its claim on the phone are gone for good: this is how a number is \
             handed on, and how personal data are erased. Deleting a customer that does not exist returns `204`, so \
             repeating it is safe. With `If-Match` the customer is deleted only if it still is what was read; else \
             `412`.",
        )
        .empty_response(204, "The customer is not there any more")
}

pub(crate) async fn delete_customer(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<StatusCode, Problem> {
    match app.store.delete(&app.write_by(&caller), &path.customer_id, &precondition).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(PreconditionFailed) => Err(reply::precondition_failed()),
    }
}
