//! Erases a customer.

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
            "Deletes the record, its saved addresses and its password for good, and frees the phone for \
             another customer. Deleting a customer that does not exist returns `204`, so it is safe to retry. \
             With `If-Match` the customer is deleted only if its current `ETag` is listed; otherwise the \
             request fails with `412`.",
        )
        .empty_response(204, "The customer does not exist any more")
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
