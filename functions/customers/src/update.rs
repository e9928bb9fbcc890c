//! Partial updates: a field that is left out stays the same, and `null` clears it.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use shared::api::etag::IfMatch;
use shared::api::fields::FieldRules;
use shared::api::path::{BrandCustomerPath, CustomerPath, Params};
use shared::api::view::CustomerView;
use shared::api::{Body, Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::domain::{BrandId, CustomerId};
use shared::store::{UpdateRefused, UpdateScope};

use crate::input::{self, Changes, CustomerUpdate};

pub(crate) fn update_customer_docs() -> Docs {
    Docs::new("customers", "Change fields of a customer")
        .text(
            "A field that is left out is unchanged, and `null` clears it (`phone` cannot be cleared; \
             `priority: null` sets 60). Setting `defaultAccount` or `defaultBrand` also links it. A request \
             that changes nothing keeps the version, so it is safe to retry; only a password counts as a \
             change each time. Passengers may change `email`, `firstName` and `lastName` of their own record.",
        )
        .text(
            "A new phone clears the password and `phoneVerifiedDate`, because its owner has proven nothing \
             yet. If another customer has the phone, the request fails with `409 phone_taken`. With \
             `If-Match` the change is made only if the customer's current `ETag` is listed; otherwise the \
             request fails with `412`, unless the record already has the values sent (`200`).",
        )
        .body::<CustomerUpdate>()
        .response::<CustomerView>(200, "The customer after the change")
        .problems(&[
            Code::NotWritable,
            Code::FieldNotAllowed,
            Code::PhoneChangeNeedsOperator,
            Code::NotFound,
            Code::PhoneTaken,
            Code::LimitReached,
        ])
}

pub(crate) async fn update_customer(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
    if_match: IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    update(&app, &caller, None, &path.customer_id, if_match, body).await
}

pub(crate) fn update_brand_customer_docs() -> Docs {
    Docs::new("customers", "Change fields of a customer of a brand")
        .text(
            "Works like `updateCustomer`. A customer who is not linked to the brand is `404`, as if they did \
             not exist.",
        )
        .body::<CustomerUpdate>()
        .response::<CustomerView>(200, "The customer after the change")
        .problems(&[
            Code::NotWritable,
            Code::FieldNotAllowed,
            Code::PhoneChangeNeedsOperator,
            Code::NotFound,
            Code::PhoneTaken,
            Code::LimitReached,
        ])
}

pub(crate) async fn update_brand_customer(
    State(app): State<App>,
    Params(path): Params<BrandCustomerPath>,
    caller: Caller,
    if_match: IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    update(&app, &caller, Some(&path.brand_id), &path.customer_id, if_match, body).await
}

async fn update(
    app: &App,
    caller: &Caller,
    brand: Option<&BrandId>,
    id: &CustomerId,
    IfMatch(precondition): IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields(FieldRules::customer_update(&caller.role))?;
    let settings = app.settings.get(&caller.client).await?;
    let changes = Changes::read(fields.in_region(app.settings.region_of(&settings)))?;
    let scope = UpdateScope { brand, precondition: &precondition };
    let password = changes.password.map(input::hash);
    let updated = app.store.update(&app.write_by(caller), id, &changes.patch, password, scope).await?;
    match updated {
        Ok(customer) => Ok(reply::customer(app.viewer(caller, &settings), StatusCode::OK, &customer)),
        Err(UpdateRefused::Denied(denied)) => Err(denied.into()),
        Err(UpdateRefused::NotFound) if brand.is_some() => Err(Problem::not_found_within("brand")),
        Err(UpdateRefused::NotFound) => Err(Problem::not_found()),
        Err(UpdateRefused::PreconditionFailed) => Err(reply::precondition_failed()),
        Err(UpdateRefused::PhoneTaken) => Err(Problem::new(
            Code::PhoneTaken,
            "Another customer has this phone. Find that customer by the phone, or send another phone.",
        )),
        Err(UpdateRefused::TooManyLinks) => Err(reply::limit_reached("links of this kind")),
    }
}
