//! Reads a customer by id, below the tenant, a brand or an account.

use axum::extract::State;
use axum::response::Response;
use shared::api::path::{AccountCustomerPath, BrandCustomerPath, CustomerPath, Params};
use shared::api::query::Query;
use shared::api::view::{self, CustomerView};
use shared::api::{Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::domain::{Address, Customer, CustomerId};

use crate::include::{self, Include, Offer};

pub(crate) fn get_customer_docs() -> Docs {
    let docs = Docs::new("customers", "Read a customer")
        .text("Returns the current record. Send its `ETag` in `If-Match` to write only if it has not changed.");
    include::described(docs, Offer::ById).response::<CustomerView>(200, "The customer").problems(&[Code::NotFound])
}

pub(crate) async fn get_customer(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
    query: Query,
) -> Result<Response, Problem> {
    answer(&app, &caller, query, &path.customer_id, |_| true, |_| true, Problem::not_found).await
}

pub(crate) fn get_brand_customer_docs() -> Docs {
    let docs = Docs::new("customers", "Read a customer of a brand").text(
        "Works like `getCustomer`. A customer who is not linked to the brand is `404`, as if they did not exist. \
         `include=addresses` includes the brand's addresses and those without a brand.",
    );
    include::described(docs, Offer::ById).response::<CustomerView>(200, "The customer").problems(&[Code::NotFound])
}

pub(crate) async fn get_brand_customer(
    State(app): State<App>,
    Params(path): Params<BrandCustomerPath>,
    caller: Caller,
    query: Query,
) -> Result<Response, Problem> {
    let is_linked = |customer: &Customer| customer.brands.contains(&path.brand_id);
    let is_shown = |address: &Address| address.is_shown_under(&path.brand_id);
    answer(&app, &caller, query, &path.customer_id, is_linked, is_shown, || Problem::not_found_within("brand")).await
}

pub(crate) fn get_account_customer_docs() -> Docs {
    let docs = Docs::new("customers", "Read a customer of an account").text(
        "Works like `getCustomer`. A customer who is not linked to the account is `404`, as if they did not exist.",
    );
    include::described(docs, Offer::ById).response::<CustomerView>(200, "The customer").problems(&[Code::NotFound])
}

pub(crate) async fn get_account_customer(
    State(app): State<App>,
    Params(path): Params<AccountCustomerPath>,
    caller: Caller,
    query: Query,
) -> Result<Response, Problem> {
    let is_linked = |customer: &Customer| customer.accounts.contains(&path.account_id);
    answer(&app, &caller, query, &path.customer_id, is_linked, |_| true, || Problem::not_found_within("account")).await
}

async fn answer(
    app: &App,
    caller: &Caller,
    mut query: Query,
    id: &CustomerId,
    is_in_scope: impl Fn(&Customer) -> bool,
    is_shown: impl Fn(&Address) -> bool,
    not_found: impl FnOnce() -> Problem,
) -> Result<Response, Problem> {
    let include = Include::read(&mut query, Offer::ById);
    query.finish()?;
    let found = app.store.customer_with(&caller.client, id, include.with()).await?;
    app.check_access(caller, found.as_ref().map(|(customer, _)| customer))?;
    let (customer, addresses) = found.filter(|(customer, _)| is_in_scope(customer)).ok_or_else(not_found)?;
    let mut addresses = view::shown_addresses(&customer, addresses, &caller.role);
    addresses.retain(is_shown);
    let settings = app.settings.get(&caller.client).await?;
    Ok(reply::card(app.viewer(caller, &settings), &customer, &include.shown(addresses, &customer.phone)))
}
