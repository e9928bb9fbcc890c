//! Linking a customer to a corporate account.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::{IfMatch, IfMatchHeader};
use shared::api::path::{AccountLinkPath, Params};
use shared::api::problem_set::{OfAdding, OfRemoving};
use shared::api::view::CustomerView;
use shared::api::{Caller, Problem, reply};
use shared::app::App;
use shared::domain::Link;

/// Link a customer to a corporate account.
///
/// The customer can then book on the account. A link that is there already changes nothing, so repeating it is safe. It
/// needs no body and ignores one.
#[utoipa::path(
    post,
    path = "/client/{clientId}/customer/{customerId}/account/{accountId}",
    operation_id = "linkAccount",
    tag = "links",
    params(AccountLinkPath, IfMatchHeader),
    responses(
        (status = 200, description = "The customer after it", body = CustomerView),
        OfAdding,
    ),
)]
pub(crate) async fn link_account(
    State(app): State<App>,
    Params(path): Params<AccountLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::Account(path.account_id);
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.add_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::joined(&settings, &caller, joined, "accounts")
}

/// Unlink a customer from a corporate account.
///
/// If it is the default account, that is cleared. A link that is not there changes nothing, so repeating it is safe.
#[utoipa::path(
    delete,
    path = "/client/{clientId}/customer/{customerId}/account/{accountId}",
    operation_id = "unlinkAccount",
    tag = "links",
    params(AccountLinkPath, IfMatchHeader),
    responses(
        (status = 200, description = "The customer after it", body = CustomerView),
        OfRemoving,
    ),
)]
pub(crate) async fn unlink_account(
    State(app): State<App>,
    Params(path): Params<AccountLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::Account(path.account_id);
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.remove_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::joined(&settings, &caller, joined, "accounts")
}
