//! Match or create: the phone is known and its customer is answered, or somebody new is registered.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::CreateOnly;
use shared::api::fields::FieldRules;
use shared::api::path::{BrandPath, Params, TenantPath};
use shared::api::problem::ProblemBody;
use shared::api::view::CustomerView;
use shared::api::{Body, Caller, Code, FieldErrors, Problem, Role, reply};
use shared::app::App;
use shared::domain::BrandId;
use shared::store::{OnMatch, Registered};

use crate::input::CustomerInput;

/// Registers a customer, or answers the one who has the phone. A match applies nothing of the body.
#[utoipa::path(
    post,
    path = "/client/{clientId}/customer",
    operation_id = "createCustomer",
    tag = "customers",
    params(TenantPath, ("If-None-Match" = Option<String>, Header, description = "`*`: create only; 412 if the phone is known")),
    request_body = CustomerInput,
    responses(
        (status = 201, description = "Created", body = CustomerView<'static>),
        (status = 200, description = "Matched", body = CustomerView<'static>),
        (status = "default", description = "A problem", body = ProblemBody<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create_customer(
    State(app): State<App>,
    caller: Caller,
    create_only: CreateOnly,
    body: Body,
) -> Result<Response, Problem> {
    register(&app, &caller, None, create_only, body).await
}

/// Registers a customer under a brand, or answers the one who has the phone, linked to the brand. This is what
/// bookings use.
#[utoipa::path(
    post,
    path = "/client/{clientId}/brand/{brandId}/customer",
    operation_id = "createBrandCustomer",
    tag = "customers",
    params(BrandPath, ("If-None-Match" = Option<String>, Header, description = "`*`: create only; 412 if the phone is known")),
    request_body = CustomerInput,
    responses(
        (status = 201, description = "Created", body = CustomerView<'static>),
        (status = 200, description = "Matched", body = CustomerView<'static>),
        (status = "default", description = "A problem", body = ProblemBody<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create_brand_customer(
    State(app): State<App>,
    Params(path): Params<BrandPath>,
    caller: Caller,
    create_only: CreateOnly,
    body: Body,
) -> Result<Response, Problem> {
    register(&app, &caller, Some(&path.brand_id), create_only, body).await
}

async fn register(
    app: &App,
    caller: &Caller,
    brand: Option<&BrandId>,
    CreateOnly(create_only): CreateOnly,
    body: Body,
) -> Result<Response, Problem> {
    let mut errors = FieldErrors::default();
    let input: CustomerInput = body.read(FieldRules::customer_create(&caller.role), &mut errors)?;
    let settings = app.tenants.settings(&caller.client).await?;
    let registration = input.into_registration(app.tenants.region_of(&settings), brand, errors)?;

    let now = app.clock.now();
    let is_app = matches!(caller.role, Role::App { .. });
    let on_match = match brand {
        _ if create_only || is_app => OnMatch::Stop,
        Some(brand) => OnMatch::LinkBrand(brand, now),
        None => OnMatch::Return,
    };
    let phone = registration.phone.clone();
    let registered =
        app.store.match_or_create(&caller.client, &phone, on_match, || registration.into_customer(now)).await?;
    match registered {
        Registered::Created(customer) => Ok(reply::registered(&settings, caller, &customer, true)),
        Registered::Matched(customer) => Ok(reply::registered(&settings, caller, &customer, false)),
        Registered::TooManyBrands => Err(reply::full("brands")),
        Registered::Known if is_app => {
            Err(Problem::new(Code::CustomerExists, "Let the passenger log in. Nothing was written."))
        }
        Registered::Known => Err(Problem::new(
            Code::PreconditionFailed,
            "The phone is known, and If-None-Match: * asks for a new customer. Leave the header out to get the record.",
        )),
    }
}
