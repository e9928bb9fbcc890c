//! The tags of a customer.

use axum::Json;
use axum::extract::State;
use shared::api::path::{CustomerPath, Params};
use shared::api::problem::ProblemBody;
use shared::api::view::Items;
use shared::api::{Caller, Problem};
use shared::app::App;

/// The tags of a customer, all of them.
#[utoipa::path(
    get,
    path = "/client/{clientId}/customer/{customerId}/tag",
    operation_id = "listTags",
    tag = "tags",
    params(CustomerPath),
    responses(
        (status = 200, description = "The tags", body = Items<String>),
        (status = "default", description = "A problem", body = ProblemBody<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list_tags(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
) -> Result<Json<Items<String>>, Problem> {
    let customer = app.store.customer(&caller.client, &path.customer_id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(Items { items: customer.tags.iter().map(|tag| tag.as_str().to_owned()).collect() }))
}
