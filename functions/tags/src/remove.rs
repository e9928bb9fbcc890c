//! Removing a tag.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::IfMatch;
use shared::api::path::{Params, TagPath};
use shared::api::view::CustomerView;
use shared::api::{Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::domain::Tag;

pub(crate) fn remove_tag_docs() -> Docs {
    Docs::new("tags", "Remove a customer's tag")
        .text(
            "This is how a customer whom a tag put first is demoted. A tag that is not there changes nothing, so \
             repeating it is safe.",
        )
        .response::<CustomerView>(200, "The customer after it")
        .problems(&[Code::NotFound])
}

pub(crate) async fn remove_tag(
    State(app): State<App>,
    Params(path): Params<TagPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let tag =
        Tag::parse(&path.tag_name).map_err(|invalid| Problem::parameter(Code::InvalidPath, "tagName", &invalid))?;
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.remove_member(&app.write_by(&caller), &path.customer_id, &tag, &precondition).await?;
    reply::joined(&settings, &caller, joined, "tags")
}
