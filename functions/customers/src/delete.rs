//! Erasing a customer.

use axum::extract::State;
use http::StatusCode;
use shared::api::etag::{IfMatch, IfMatchHeader};
use shared::api::path::{CustomerPath, Params};
use shared::api::problem_set::OfDelete;
use shared::api::{Caller, Problem, reply};
use shared::app::App;
use shared::store::PreconditionFailed;

/// Erase a customer.
///
/// The record, its saved addresses and its claim on the phone are gone for good: this is how a number is handed on, and
/// how personal data are erased. Deleting a customer that does not exist returns `204`, so repeating it is safe. With
/// `If-Match` the customer is deleted only if it still is what was read; else `412`.
#[utoipa::path(
    delete,
    path = "/client/{clientId}/customer/{customerId}",
    operation_id = "deleteCustomer",
    tag = "customers",
    params(CustomerPath, IfMatchHeader),
    responses(
        (status = 204, description = "The customer is not there any more"),
        OfDelete,
    ),
)]
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
