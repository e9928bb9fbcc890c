//! Deleting a saved address.

use axum::extract::State;
use http::StatusCode;
use shared::api::path::{AddressPath, Params};
use shared::api::problem_set::OfRecord;
use shared::api::{Caller, Problem};
use shared::app::App;

/// Delete a saved address.
///
/// Deleting one that is not there succeeds, so repeating it is safe. The customer has to be there.
#[utoipa::path(
    delete,
    path = "/client/{clientId}/customer/{customerId}/addresses/{savedAddressId}",
    operation_id = "deleteAddress",
    tag = "addresses",
    params(AddressPath),
    responses(
        (status = 204, description = "The address is not there any more"),
        OfRecord,
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
