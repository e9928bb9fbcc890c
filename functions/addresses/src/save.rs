//! Saves an address: creates it, or updates the saved address that is the same place.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use shared::api::etag::IfMatch;
use shared::api::path::{CustomerPath, Params};
use shared::api::problem::FieldError;
use shared::api::view::{self, AddressView};
use shared::api::{Body, Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::domain::Invalid;
use shared::domain::address::{Save, SaveRefused};
use shared::store::AddressNotSaved;

use crate::input::{self, AddressSave};

pub(crate) fn save_address_docs() -> Docs {
    Docs::new("addresses", "Save an address")
        .text(
            "Updates the address with the `id` (`200`). Without an `id` it updates the saved address that is \
             the same place. If no saved address is, it creates one (`201`). A new address needs `address`, \
             `latitude` and `longitude`; without them the request fails with `422`. A field that is left out \
             is unchanged, and `null` clears it. Safe to retry: no place is saved twice.",
        )
        .text(
            "Two addresses are the same place if they have the same `addressId`. If one of them has none, they are the \
             same place if their coordinates are equal. Two different `addressId`s are two places, even at the same \
             coordinates: geocoders give every flat of a building one point. If a save without `addressId` fits several \
             addresses, it updates the one without `addressId`, or else creates one.",
        )
        .text(
            "If no saved address has the `id`, the request fails with `404`. A change that makes two saved \
             addresses the same place fails with `409 same_place`. Passengers may send `id`, `address`, \
             `addressId`, `latitude`, `longitude` and `label`; the other fields are unchanged. `If-Match` \
             takes the customer's `ETag`, which a save does not change. Any number of addresses may be saved \
             at once; saves of one customer wait for each other.",
        )
        .body::<AddressSave>()
        .response::<AddressView>(201, "Created")
        .response::<AddressView>(200, "Updated")
        .problems(&[Code::FieldNotAllowed, Code::NotFound, Code::LimitReached, Code::SamePlace])
}

pub(crate) async fn save_address(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    let patch = input::read(body, &caller.role)?;

    match app.store.save_address(&app.write_by(&caller), &path.customer_id, &patch, &precondition).await? {
        Ok(Save::Create(address)) => {
            let location = [(header::LOCATION, format!("addresses/{}", address.id))];
            Ok((StatusCode::CREATED, location, Json(view::address(&address, &caller.role))).into_response())
        }
        Ok(Save::Update(address) | Save::Unchanged(address)) => {
            Ok(Json(view::address(&address, &caller.role)).into_response())
        }
        Err(AddressNotSaved::Denied(denied)) => Err(denied.into()),
        Err(AddressNotSaved::CustomerNotFound) => Err(Problem::not_found()),
        Err(AddressNotSaved::PreconditionFailed) => Err(reply::precondition_failed()),
        Err(AddressNotSaved::Refused(refused)) => Err(problem(refused)),
    }
}

fn problem(refused: SaveRefused) -> Problem {
    match refused {
        SaveRefused::NotFound => {
            Problem::new(Code::NotFound, "The customer has no saved address with the `id` in the body.")
        }
        SaveRefused::LimitReached => reply::limit_reached("addresses"),
        SaveRefused::SamePlace => Problem::new(
            Code::SamePlace,
            "Another saved address has this `addressId` or these coordinates. Update that address, or delete it first.",
        ),
        SaveRefused::Incomplete(missing) => {
            let missing = missing.iter().map(|name| FieldError::at(format!("/{name}"), &Invalid::Required));
            Problem::fields(Code::ValidationFailed, missing.collect())
        }
    }
}
