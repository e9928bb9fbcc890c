//! Reads a customer by id, below the tenant, a brand or an account.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use shared::api::path::{AccountCustomerPath, BrandCustomerPath, CustomerPath, Params};
use shared::api::view::CustomerView;
use shared::api::{Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::domain::{Customer, CustomerId};

pub(crate) fn get_customer_docs() -> Docs {
    Docs::new("customers", "Read a customer")
        .text("Returns the current record. Send its `ETag` in `If-Match` to write only if it has not changed.")
        .response::<CustomerView>(200, "The customer")
        .problems(&[Code::NotFound])
}

pub(crate) async fn get_customer(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
) -> Result<Response, Problem> {
    answer(&app, &caller, &path.customer_id, |_| true, Problem::not_found).await
}

pub(crate) fn get_brand_customer_docs() -> Docs {
    Docs::new("customers", "Read a customer of a brand")
        .text(
            "Works like `getCustomer`. A customer who is not linked to the brand is `404`, as if they did not \
             exist.",
        )
        .response::<CustomerView>(200, "The customer")
        .problems(&[Code::NotFound])
}

pub(crate) async fn get_brand_customer(
    State(app): State<App>,
    Params(path): Params<BrandCustomerPath>,
    caller: Caller,
) -> Result<Response, Problem> {
    let is_linked = |customer: &Customer| customer.brands.contains(&path.brand_id);
    answer(&app, &caller, &path.customer_id, is_linked, || Problem::not_found_within("brand")).await
}

pub(crate) fn get_account_customer_docs() -> Docs {
    Docs::new("customers", "Read a customer of an account")
        .text(
            "Works like `getCustomer`. A customer who is not linked to the account is `404`, as if they did \
             not exist.",
        )
        .response::<CustomerView>(200, "The customer")
        .problems(&[Code::NotFound])
}

pub(crate) async fn get_account_customer(
    State(app): State<App>,
    Params(path): Params<AccountCustomerPath>,
    caller: Caller,
) -> Result<Response, Problem> {
    let is_linked = |customer: &Customer| customer.accounts.contains(&path.account_id);
    answer(&app, &caller, &path.customer_id, is_linked, || Problem::not_found_within("account")).await
}

async fn answer(
    app: &App,
    caller: &Caller,
    id: &CustomerId,
    is_in_scope: impl Fn(&Customer) -> bool,
    not_found: impl FnOnce() -> Problem,
) -> Result<Response, Problem> {
    let customer = app.store.customer(&caller.client, id).await?.filter(is_in_scope).ok_or_else(not_found)?;
    let settings = app.settings.get(&caller.client).await?;
    Ok(reply::customer(&settings, caller, StatusCode::OK, &customer))
}
