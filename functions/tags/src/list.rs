//! Lists the tags of a customer.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use shared::api::path::{CustomerPath, Params};
use shared::api::view::{self, TagsView};
use shared::api::{Caller, Code, Docs, Problem};
use shared::app::App;

pub(crate) fn list_tags_docs() -> Docs {
    Docs::new("tags", "List a customer's tags")
        .text("Returns all tags of the customer in alphabetical order.")
        .response::<TagsView>(200, "The tags")
        .problems(&[Code::NotFound])
}

pub(crate) async fn list_tags(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
) -> Result<Response, Problem> {
    let customer = app.store.customer(&caller.client, &path.customer_id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(view::tags(&customer)).into_response())
}
