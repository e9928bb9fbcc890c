//! Linking a customer to a service requirement of the tenant.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::{IfMatch, IfMatchHeader};
use shared::api::path::{CapabilityLinkPath, Params};
use shared::api::problem_set::{OfAdding, OfRemoving};
use shared::api::view::CustomerView;
use shared::api::{Caller, Problem, reply};
use shared::app::App;
use shared::domain::Link;

/// Link a customer to a service requirement.
///
/// It then pre-fills on the customer's bookings, and may cost the passenger money. A link that is there already changes
/// nothing, so repeating it is safe. It needs no body and ignores one.
#[utoipa::path(
    post,
    path = "/client/{clientId}/customer/{customerId}/clientcapability/{capabilityId}",
    operation_id = "linkClientCapability",
    tag = "links",
    params(CapabilityLinkPath, IfMatchHeader),
    responses(
        (status = 200, description = "The customer after it", body = CustomerView),
        OfAdding,
    ),
)]
pub(crate) async fn link_client_capability(
    State(app): State<App>,
    Params(path): Params<CapabilityLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::ClientCapability(path.capability_id);
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.add_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::joined(&settings, &caller, joined, "client capabilities")
}

/// Unlink a customer from a service requirement.
///
/// A link that is not there changes nothing, so repeating it is safe.
#[utoipa::path(
    delete,
    path = "/client/{clientId}/customer/{customerId}/clientcapability/{capabilityId}",
    operation_id = "unlinkClientCapability",
    tag = "links",
    params(CapabilityLinkPath, IfMatchHeader),
    responses(
        (status = 200, description = "The customer after it", body = CustomerView),
        OfRemoving,
    ),
)]
pub(crate) async fn unlink_client_capability(
    State(app): State<App>,
    Params(path): Params<CapabilityLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::ClientCapability(path.capability_id);
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.remove_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::joined(&settings, &caller, joined, "client capabilities")
}
