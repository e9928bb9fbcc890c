//! Adding a tag.

use axum::extract::State;
use axum::response::Response;
use shared::api::path::{Params, TagPath};
use shared::api::problem::ProblemBody;
use shared::api::view::CustomerView;
use shared::api::{Caller, Code, Problem, reply};
use shared::app::App;
use shared::domain::Tag;

/// Tags a customer. A tag that is there already changes nothing.
#[utoipa::path(
    post,
    path = "/client/{clientId}/customer/{customerId}/tag/{tagName}",
    operation_id = "addTag",
    tag = "tags",
    params(TagPath),
    responses(
        (status = 200, description = "The customer after it", body = CustomerView<'static>),
        (status = "default", description = "A problem", body = ProblemBody<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn add_tag(
    State(app): State<App>,
    Params(path): Params<TagPath>,
    caller: Caller,
) -> Result<Response, Problem> {
    let tag =
        Tag::parse(&path.tag_name).map_err(|invalid| Problem::parameter(Code::InvalidPath, "tagName", &invalid))?;
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.join(&caller.client, &path.customer_id, &tag, app.clock.now()).await?;
    reply::joined(&settings, &caller, joined, "tags")
}
