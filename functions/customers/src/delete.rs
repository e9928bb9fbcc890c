//! Erasing a customer.

use axum::extract::State;
use http::StatusCode;
use shared::api::path::{CustomerPath, Params};
use shared::api::problem_set::AnyProblem;
use shared::api::{Caller, Problem};
use shared::app::App;

/// Erase a customer.
///
/// The record, its saved addresses and its claim on the phone are gone for good: this is how a number is handed on, and
/// how personal data are erased. Erasing nobody succeeds, so repeating it is safe.
#[utoipa::path(
    delete,
    path = "/client/{clientId}/customer/{customerId}",
    operation_id = "deleteCustomer",
    tag = "customers",
    params(CustomerPath),
    responses(
        (status = 204, description = "The customer is not there any more"),
        AnyProblem,
    ),
)]
pub(crate) async fn delete_customer(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    app.store.delete(&caller.client, &path.customer_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
