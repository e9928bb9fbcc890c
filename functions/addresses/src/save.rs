//! Saving an address: it is created, or the saved one that is the same place is updated.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use shared::api::path::{CustomerPath, Params};
use shared::api::problem::FieldError;
use shared::api::problem_set::OfAddress;
use shared::api::view::{self, AddressView};
use shared::api::{Body, Caller, Code, Problem, reply};
use shared::app::App;
use shared::domain::Invalid;
use shared::store::{AddressRefused, Saved};

use crate::input::{self, AddressSave};

/// Save an address.
///
/// An address with an `id`, or of a place that is saved already, updates that one (`200`): the same place has the same
/// `addressId`, or else equal coordinates. Any other is created (`201`), and needs `address`, `latitude` and
/// `longitude`, or it is `422`. What is left out stays, and `null` clears. Repeating it is safe: it saves no place twice.
///
/// An `id` that no saved address has is `404`. If one saved address is meant and the change would make another one's
/// place of it, or its `addressId` is one's and its coordinates are another's, it is `409 same_place`. A passenger may
/// send `id`, `address`, `addressId`, `latitude`, `longitude` and `label`.
#[utoipa::path(
    post,
    path = "/client/{clientId}/customer/{customerId}/addresses",
    operation_id = "saveAddress",
    tag = "addresses",
    params(CustomerPath),
    request_body = AddressSave,
    responses(
        (status = 201, description = "Created", body = AddressView),
        (status = 200, description = "Updated", body = AddressView),
        OfAddress,
    ),
)]
pub(crate) async fn save_address(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
    body: Body,
) -> Result<Response, Problem> {
    let patch = input::read(body, &caller.role)?;

    match app.store.save_address(&caller.client, &path.customer_id, &patch, app.clock.now()).await? {
        Ok(Saved::Created(address)) => {
            let location = [(header::LOCATION, format!("addresses/{}", address.id))];
            Ok((StatusCode::CREATED, location, Json(view::address(&address, &caller.role))).into_response())
        }
        Ok(Saved::Updated(address)) => Ok(Json(view::address(&address, &caller.role)).into_response()),
        Err(AddressRefused::NotFound) if patch.id.is_some() => Err(Problem::new(
            Code::NotFound,
            "No customer has this `customerId`, or the customer has no saved address with the `id` in the body.",
        )),
        Err(AddressRefused::NotFound) => Err(Problem::not_found()),
        Err(AddressRefused::Full) => Err(reply::full("addresses")),
        Err(AddressRefused::SamePlace) => Err(Problem::new(
            Code::SamePlace,
            "Another saved address has this `addressId` or these coordinates. Update that address, or delete it first.",
        )),
        Err(AddressRefused::Incomplete(missing)) => {
            let missing = missing.iter().map(|name| FieldError::at(format!("/{name}"), &Invalid::Required));
            Err(Problem::fields(Code::ValidationFailed, missing.collect()))
        }
    }
}
