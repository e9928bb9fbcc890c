//! Adding a tag.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::{IfMatch, IfMatchHeader};
use shared::api::path::{Params, TagPath};
use shared::api::problem_set::OfAdding;
use shared::api::view::CustomerView;
use shared::api::{Caller, Code, Problem, reply};
use shared::app::App;
use shared::domain::Tag;

/// Tag a customer.
///
/// Tags are kept in upper case: `vip` and `VIP` are one. The tenant's rules may turn a tag into priority. A tag that is
/// there already changes nothing, so repeating it is safe. It needs no body and ignores one.
#[utoipa::path(
    post,
    path = "/client/{clientId}/customer/{customerId}/tag/{tagName}",
    operation_id = "addTag",
    tag = "tags",
    params(TagPath, IfMatchHeader),
    responses(
        (status = 200, description = "The customer after it", body = CustomerView),
        OfAdding,
    ),
)]
pub(crate) async fn add_tag(
    State(app): State<App>,
    Params(path): Params<TagPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let tag =
        Tag::parse(&path.tag_name).map_err(|invalid| Problem::parameter(Code::InvalidPath, "tagName", &invalid))?;
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.add_member(&app.write_by(&caller), &path.customer_id, &tag, &precondition).await?;
    reply::joined(&settings, &caller, joined, "tags")
}
