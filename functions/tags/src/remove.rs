//! Removes a tag from a customer.

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
            "A priority that came from the tag is gone with it. If the customer does not have the tag, \
             nothing changes, so it is safe to retry.",
        )
        .response::<CustomerView>(200, "The customer after the change")
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
    let settings = app.settings.get(&caller.client).await?;
    let outcome = app.store.remove_member(&app.write_by(&caller), &path.customer_id, &tag, &precondition).await?;
    reply::member_outcome(app.viewer(&caller, &settings), outcome, "tags")
}
