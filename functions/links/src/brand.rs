//! Linking a customer to a brand.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::{IfMatch, IfMatchHeader};
use shared::api::path::{BrandLinkPath, Params};
use shared::api::problem_set::{OfAdding, OfRemoving};
use shared::api::view::CustomerView;
use shared::api::{Caller, Problem, reply};
use shared::app::App;
use shared::domain::Link;

/// Link a customer to a brand.
///
/// A link never sets the default brand. One that is there already changes nothing, so repeating it is safe. It needs no
/// body and ignores one.
#[utoipa::path(
    post,
    path = "/client/{clientId}/customer/{customerId}/brand/{brandId}",
    operation_id = "linkBrand",
    tag = "links",
    params(BrandLinkPath, IfMatchHeader),
    responses(
        (status = 200, description = "The customer after it", body = CustomerView),
        OfAdding,
    ),
)]
pub(crate) async fn link_brand(
    State(app): State<App>,
    Params(path): Params<BrandLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::Brand(path.brand_id);
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.add_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::joined(&settings, &caller, joined, "brands")
}

/// Unlink a customer from a brand.
///
/// If it is the default brand, that is cleared. A link that is not there changes nothing, so repeating it is safe.
#[utoipa::path(
    delete,
    path = "/client/{clientId}/customer/{customerId}/brand/{brandId}",
    operation_id = "unlinkBrand",
    tag = "links",
    params(BrandLinkPath, IfMatchHeader),
    responses(
        (status = 200, description = "The customer after it", body = CustomerView),
        OfRemoving,
    ),
)]
pub(crate) async fn unlink_brand(
    State(app): State<App>,
    Params(path): Params<BrandLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::Brand(path.brand_id);
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.remove_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::joined(&settings, &caller, joined, "brands")
}
