//! Linking a customer to a department (cost centre) of a corporate account.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::{IfMatch, IfMatchHeader};
use shared::api::path::{AccountDepartmentLinkPath, Params};
use shared::api::problem_set::{OfAdding, OfRemoving};
use shared::api::view::CustomerView;
use shared::api::{Caller, Problem, reply};
use shared::app::App;
use shared::domain::Link;

/// Link a customer to an account's department.
///
/// The department is the cost centre of the customer's bookings. A link that is there already changes nothing, so
/// repeating it is safe. It needs no body and ignores one.
#[utoipa::path(
    post,
    path = "/client/{clientId}/customer/{customerId}/accountdepartment/{accountDepartmentId}",
    operation_id = "linkAccountDepartment",
    tag = "links",
    params(AccountDepartmentLinkPath, IfMatchHeader),
    responses(
        (status = 200, description = "The customer after it", body = CustomerView),
        OfAdding,
    ),
)]
pub(crate) async fn link_account_department(
    State(app): State<App>,
    Params(path): Params<AccountDepartmentLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::AccountDepartment(path.account_department_id);
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.add_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::joined(&settings, &caller, joined, "account departments")
}

/// Unlink a customer from an account's department.
///
/// A link that is not there changes nothing, so repeating it is safe.
#[utoipa::path(
    delete,
    path = "/client/{clientId}/customer/{customerId}/accountdepartment/{accountDepartmentId}",
    operation_id = "unlinkAccountDepartment",
    tag = "links",
    params(AccountDepartmentLinkPath, IfMatchHeader),
    responses(
        (status = 200, description = "The customer after it", body = CustomerView),
        OfRemoving,
    ),
)]
pub(crate) async fn unlink_account_department(
    State(app): State<App>,
    Params(path): Params<AccountDepartmentLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::AccountDepartment(path.account_department_id);
    let settings = app.tenants.settings(&caller.client).await?;
    let joined = app.store.remove_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::joined(&settings, &caller, joined, "account departments")
}
