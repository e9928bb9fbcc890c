//! Links a customer to a service requirement of the tenant, and unlinks it.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::IfMatch;
use shared::api::path::{CapabilityLinkPath, Params};
use shared::api::view::CustomerView;
use shared::api::{Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::domain::Link;

pub(crate) fn link_client_capability_docs() -> Docs {
    Docs::new("links", "Link a customer to a service requirement")
        .text(
            "It then pre-fills on the customer's bookings, and may cost the passenger money. If the link \
             exists, nothing changes, so it is safe to retry. The request needs no body.",
        )
        .response::<CustomerView>(200, "The customer after the change")
        .problems(&[Code::NotFound, Code::LimitReached])
}

pub(crate) async fn link_client_capability(
    State(app): State<App>,
    Params(path): Params<CapabilityLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::ClientCapability(path.capability_id);
    let settings = app.settings.get(&caller.client).await?;
    let outcome = app.store.add_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::member_outcome(app.viewer(&caller, &settings), outcome, "client capabilities")
}

pub(crate) fn unlink_client_capability_docs() -> Docs {
    Docs::new("links", "Unlink a customer from a service requirement")
        .text("If the link does not exist, nothing changes, so it is safe to retry.")
        .response::<CustomerView>(200, "The customer after the change")
        .problems(&[Code::NotFound])
}

pub(crate) async fn unlink_client_capability(
    State(app): State<App>,
    Params(path): Params<CapabilityLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::ClientCapability(path.capability_id);
    let settings = app.settings.get(&caller.client).await?;
    let outcome = app.store.remove_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::member_outcome(app.viewer(&caller, &settings), outcome, "client capabilities")
}
