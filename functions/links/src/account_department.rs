//! Links a customer to a department (cost centre) of a corporate account, and unlinks it.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::IfMatch;
use shared::api::path::{AccountDepartmentLinkPath, Params};
use shared::api::view::CustomerView;
use shared::api::{Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::domain::Link;

pub(crate) fn link_account_department_docs() -> Docs {
    Docs::new("links", "Link a customer to an account's department")
        .text(
            "The department is the cost centre of the customer's bookings. If the link exists, nothing \
             changes, so it is safe to retry. The request needs no body.",
        )
        .response::<CustomerView>(200, "The customer after the change")
        .problems(&[Code::NotFound, Code::LimitReached])
}

pub(crate) async fn link_account_department(
    State(app): State<App>,
    Params(path): Params<AccountDepartmentLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::AccountDepartment(path.account_department_id);
    let settings = app.settings.get(&caller.client).await?;
    let outcome = app.store.add_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::member_outcome(app.viewer(&caller, &settings), outcome, "account departments")
}

pub(crate) fn unlink_account_department_docs() -> Docs {
    Docs::new("links", "Unlink a customer from an account's department")
        .text("If the link does not exist, nothing changes, so it is safe to retry.")
        .response::<CustomerView>(200, "The customer after the change")
        .problems(&[Code::NotFound])
}

pub(crate) async fn unlink_account_department(
    State(app): State<App>,
    Params(path): Params<AccountDepartmentLinkPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let link = Link::AccountDepartment(path.account_department_id);
    let settings = app.settings.get(&caller.client).await?;
    let outcome = app.store.remove_member(&app.write_by(&caller), &path.customer_id, &link, &precondition).await?;
    reply::member_outcome(app.viewer(&caller, &settings), outcome, "account departments")
}
