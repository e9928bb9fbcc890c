//! The saved addresses of a customer.

use axum::Json;
use axum::extract::State;
use shared::api::path::{BrandCustomerPath, CustomerPath, Params};
use shared::api::problem::ProblemBody;
use shared::api::view::{self, AddressView, Items, Record};
use shared::api::{Caller, Problem};
use shared::app::App;
use shared::domain::Address;

/// The saved addresses of a customer, the most recently used first.
#[utoipa::path(
    get,
    path = "/client/{clientId}/customer/{customerId}/addresses",
    operation_id = "listAddresses",
    tag = "addresses",
    params(CustomerPath),
    responses(
        (status = 200, description = "The addresses, all of them", body = Items<AddressView<'static>>),
        (status = "default", description = "A problem", body = ProblemBody<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list_addresses(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
) -> Result<Json<Items<Record>>, Problem> {
    let found = app.store.addresses(&caller.client, &path.customer_id).await?;
    let (_, addresses) = found.ok_or_else(Problem::not_found)?;
    Ok(shown(&addresses, &caller, |_| true))
}

/// The saved addresses of a customer who is linked to the brand: those of the brand, and those of none.
#[utoipa::path(
    get,
    path = "/client/{clientId}/brand/{brandId}/customer/{customerId}/addresses",
    operation_id = "listBrandAddresses",
    tag = "addresses",
    params(BrandCustomerPath),
    responses(
        (status = 200, description = "The addresses, all of them", body = Items<AddressView<'static>>),
        (status = "default", description = "A problem", body = ProblemBody<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list_brand_addresses(
    State(app): State<App>,
    Params(path): Params<BrandCustomerPath>,
    caller: Caller,
) -> Result<Json<Items<Record>>, Problem> {
    let found = app.store.addresses(&caller.client, &path.customer_id).await?;
    let linked = found.filter(|(customer, _)| customer.brands.contains(&path.brand_id));
    let (_, addresses) = linked.ok_or_else(Problem::not_found)?;
    Ok(shown(&addresses, &caller, |address| address.brand.as_ref().is_none_or(|brand| *brand == path.brand_id)))
}

fn shown(addresses: &[Address], caller: &Caller, is_listed: impl Fn(&Address) -> bool) -> Json<Items<Record>> {
    let listed = addresses.iter().filter(|address| is_listed(address));
    Json(Items { items: listed.map(|address| view::address(address, &caller.role)).collect() })
}
