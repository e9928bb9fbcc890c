//! Match or create: the phone is known and its customer is answered, or somebody new is registered.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::CreateOnly;
use shared::api::fields::FieldRules;
use shared::api::path::{BrandPath, Params};
use shared::api::view::CustomerView;
use shared::api::{Body, Caller, Code, Docs, Problem, Role, reply};
use shared::app::App;
use shared::domain::BrandId;
use shared::store::{OnMatch, Registered};

use crate::input::{self, CustomerCreate, Registration};

pub(crate) fn create_customer_docs() -> Docs {
    Docs::new("customers", "Match or create a customer")
        .text(
            "Looks the phone up, however it is typed. Nobody has it: the customer is created with what the body says \
             (`201`). Somebody has it: that record is the answer (`200`) and nothing of the body is applied, so a \
             booking can send what it knows without overwriting what the office knows. `Customer-Match` says which. An \
             inactive customer matches too, and is shown as inactive.",
        )
        .text(
            "Repeating it is safe: of any number of equal requests at once, one creates and the others match. \
             `If-None-Match: *` asks for a new customer only: `412` if the phone is known, which it is for a repeat.",
        )
        .body::<CustomerCreate>()
        .response::<CustomerView>(201, "Created")
        .response::<CustomerView>(200, "Matched")
        .problems(&[Code::NotWritable])
}

pub(crate) async fn create_customer(
    State(app): State<App>,
    caller: Caller,
    create_only: CreateOnly,
    body: Body,
) -> Result<Response, Problem> {
    register(&app, &caller, None, create_only, body).await
}

pub(crate) fn create_brand_customer_docs() -> Docs {
    Docs::new("customers", "Match or create a customer of a brand")
        .text(
            "What a booking under a brand begins with. As `createCustomer`, and the customer is linked to the brand: a \
             new one has it as the default brand, unless the body names another, and one who was there is linked to it \
             if that is missing (and has it as the default, if there was none). Nothing else of a match is written.",
        )
        .text(
            "For a caller with the role `app` a match shows and writes nothing: `409 customer_exists`. An app may send \
             `phone`, `email`, `firstName`, `lastName` and `password`, and is not shown what only the office sees.",
        )
        .text(
            "Repeating it is safe: one creates and the others match, or are the `409` of an app and the `412` of a \
             create only.",
        )
        .body::<CustomerCreate>()
        .response::<CustomerView>(201, "Created")
        .response::<CustomerView>(200, "Matched")
        .problems(&[Code::NotWritable, Code::FieldNotAllowed, Code::LimitReached, Code::CustomerExists])
}

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
    let fields = body.fields(FieldRules::customer_create(&caller.role))?;
    let settings = app.tenants.settings(&caller.client).await?;
    let registration = Registration::read(fields.in_region(app.tenants.region_of(&settings)), brand)?;

    let write = app.write_by(caller);
    let is_app = matches!(caller.role, Role::App { .. });
    let on_match = match brand {
        _ if create_only || is_app => OnMatch::Stop,
        Some(brand) => OnMatch::LinkBrand(brand),
        None => OnMatch::Return,
    };
    let (customer, password) = registration.into_customer(write.now);
    let registered = app.store.match_or_create(&write, customer, password.map(input::hash), on_match).await?;
    match registered {
        Registered::Created(customer) => Ok(reply::registered(&settings, caller, &customer, true)),
        Registered::Matched(customer) => Ok(reply::registered(&settings, caller, &customer, false)),
        Registered::TooManyBrands => Err(reply::limit_reached("brands")),
        Registered::PhoneExists if is_app => Err(Problem::new(
            Code::CustomerExists,
            "A customer with this phone exists. Let the passenger log in instead.",
        )),
        Registered::PhoneExists => Err(Problem::new(
            Code::PreconditionFailed,
            "A customer with this phone exists, and `If-None-Match: *` only creates. Omit the header to get the customer.",
        )),
    }
}
