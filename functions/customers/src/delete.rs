//! Erasing a customer.

use axum::extract::State;
use http::StatusCode;
use shared::api::path::{CustomerPath, Params};
use shared::api::problem::ProblemBody;
use shared::api::{Caller, Problem};
use shared::app::App;

/// Erases a customer: the record, its addresses and the claim on its phone. Repeating it succeeds.
#[utoipa::path(
    delete,
    path = "/client/{clientId}/customer/{customerId}",
    operation_id = "deleteCustomer",
    tag = "customers",
    params(CustomerPath),
    responses(
        (status = 204, description = "The customer is not there any more"),
        (status = "default", description = "A problem", body = ProblemBody<'static>, content_type = "application/problem+json"),
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
