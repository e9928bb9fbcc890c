//! The tags of a customer.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use shared::api::path::{CustomerPath, Params};
use shared::api::problem_set::OfRecord;
use shared::api::view::{self, TagsView};
use shared::api::{Caller, Problem};
use shared::app::App;

/// List a customer's tags.
///
/// All of them, in alphabetical order.
#[utoipa::path(
    get,
    path = "/client/{clientId}/customer/{customerId}/tag",
    operation_id = "listTags",
    tag = "tags",
    params(CustomerPath),
    responses(
        (status = 200, description = "The tags", body = TagsView),
        OfRecord,
    ),
)]
pub(crate) async fn list_tags(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
) -> Result<Response, Problem> {
    let customer = app.store.customer(&caller.client, &path.customer_id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(view::tags(&customer)).into_response())
}
