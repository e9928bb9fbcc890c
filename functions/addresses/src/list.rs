//! Lists the saved addresses of a customer.

use axum::Json;
use axum::extract::State;
use shared::api::path::{BrandCustomerPath, CustomerPath, Params};
use shared::api::view::{self, AddressesView, Items, Record};
use shared::api::{Caller, Code, Docs, Problem};
use shared::app::App;
use shared::domain::{Address, AddressOrder, Customer};

pub(crate) fn list_addresses_docs() -> Docs {
    Docs::new("addresses", "List a customer's saved addresses")
        .text("Returns all saved addresses, the most recently used first.")
        .response::<AddressesView>(200, "All saved addresses")
        .problems(&[Code::NotFound])
}

pub(crate) async fn list_addresses(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
) -> Result<Json<Items<Record>>, Problem> {
    let found = app.store.addresses(&caller.client, &path.customer_id).await?;
    app.check_access(&caller, found.as_ref().map(|(customer, _)| customer))?;
    let (customer, addresses) = found.ok_or_else(Problem::not_found)?;
    Ok(shown(&customer, addresses, |_| true, &caller))
}

pub(crate) fn list_brand_addresses_docs() -> Docs {
    Docs::new("addresses", "List a customer's saved addresses under a brand")
        .text(
            "Returns the addresses of the brand and those without a brand, the most recently used first. A \
             customer who is not linked to the brand is `404`, as if they did not exist.",
        )
        .response::<AddressesView>(200, "All saved addresses")
        .problems(&[Code::NotFound])
}

pub(crate) async fn list_brand_addresses(
    State(app): State<App>,
    Params(path): Params<BrandCustomerPath>,
    caller: Caller,
) -> Result<Json<Items<Record>>, Problem> {
    let found = app.store.addresses(&caller.client, &path.customer_id).await?;
    app.check_access(&caller, found.as_ref().map(|(customer, _)| customer))?;
    let linked = found.filter(|(customer, _)| customer.brands.contains(&path.brand_id));
    let (customer, addresses) = linked.ok_or_else(|| Problem::not_found_within("brand"))?;
    Ok(shown(&customer, addresses, |address| address.is_shown_under(&path.brand_id), &caller))
}

fn shown(
    customer: &Customer,
    addresses: Vec<Address>,
    is_in_scope: impl Fn(&Address) -> bool,
    caller: &Caller,
) -> Json<Items<Record>> {
    let mut addresses = view::shown_addresses(customer, addresses, &caller.role);
    addresses.retain(is_in_scope);
    AddressOrder::Recent.sort(&mut addresses);
    Json(Items { items: addresses.iter().map(|address| view::address(address, &caller.role)).collect() })
}
