//! Deleting a saved address.

use axum::extract::State;
use http::StatusCode;
use shared::api::path::{AddressPath, Params};
use shared::api::problem::ProblemBody;
use shared::api::{Caller, Problem};
use shared::app::App;

/// Deletes a saved address. Repeating it succeeds.
#[utoipa::path(
    delete,
    path = "/client/{clientId}/customer/{customerId}/addresses/{savedAddressId}",
    operation_id = "deleteAddress",
    tag = "addresses",
    params(AddressPath),
    responses(
        (status = 204, description = "The address is not there any more"),
        (status = "default", description = "A problem", body = ProblemBody<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete_address(
    State(app): State<App>,
    Params(path): Params<AddressPath>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let exists = app.store.delete_address(&caller.client, &path.customer_id, &path.saved_address_id).await?;
    if exists { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}
