//! Deletes a saved address.

use axum::extract::State;
use http::StatusCode;
use shared::api::etag::IfMatch;
use shared::api::path::{AddressPath, Params};
use shared::api::{Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::store::AddressNotDeleted;

pub(crate) fn delete_address_docs() -> Docs {
    Docs::new("addresses", "Delete a saved address")
        .text(
            "Deleting an address that does not exist succeeds, so it is safe to retry. The customer must \
             exist. `If-Match` takes the customer's `ETag`.",
        )
        .empty_response(204, "The address does not exist any more")
        .problems(&[Code::NotFound])
}

pub(crate) async fn delete_address(
    State(app): State<App>,
    Params(path): Params<AddressPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<StatusCode, Problem> {
    let address = &path.saved_address_id;
    match app.store.delete_address(&app.write_by(&caller), &path.customer_id, address, &precondition).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(AddressNotDeleted::Denied(denied)) => Err(denied.into()),
        Err(AddressNotDeleted::CustomerNotFound) => Err(Problem::not_found()),
        Err(AddressNotDeleted::PreconditionFailed) => Err(reply::precondition_failed()),
    }
}
