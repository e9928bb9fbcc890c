//! Match or create: returns the customer who has the phone, or creates one.

use axum::extract::State;
use axum::response::Response;
use shared::api::etag::CreateOnly;
use shared::api::fields::FieldRules;
use shared::api::path::{BrandPath, Params};
use shared::api::view::CustomerView;
use shared::api::{Body, Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::domain::BrandId;
use shared::store::{OnMatch, Registered};

use crate::input::{self, CustomerCreate, Registration};

pub(crate) fn create_customer_docs() -> Docs {
    Docs::new("customers", "Match or create a customer")
        .text(
            "Finds the customer with this phone, in whatever form it is typed. If no customer has the phone, \
             one is created from the body (`201`). Otherwise the existing customer is returned unchanged \
             (`200`), so a booking can send what it knows without overwriting what the office knows. \
             `Customer-Match` says which of the two happened. An inactive customer matches too, and is shown \
             as inactive.",
        )
        .text(
            "Safe to retry: of any number of equal requests at the same time, one creates and the others \
             match. With `If-None-Match: *` the request fails with `412` if a customer has the phone, also on \
             a retry.",
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
            "A booking under a brand starts with this request. It works like `createCustomer` and also links \
             the customer to the brand. A new customer gets the brand as the default, unless the body names \
             another one. An existing customer is linked if the link is missing, and gets the brand as the \
             default if they have no default brand. Nothing else changes on a match.",
        )
        .text("Safe to retry: a retry returns `200`, and with `If-None-Match: *` it returns `412`.")
        .body::<CustomerCreate>()
        .response::<CustomerView>(201, "Created")
        .response::<CustomerView>(200, "Matched")
        .problems(&[Code::NotWritable, Code::LimitReached])
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
    let settings = app.settings.get(&caller.client).await?;
    let registration = Registration::read(fields.in_region(app.settings.region_of(&settings)), brand)?;

    let write = app.write_by(caller);
    let on_match = match brand {
        _ if create_only => OnMatch::Stop,
        Some(brand) => OnMatch::LinkBrand(brand),
        None => OnMatch::Return,
    };
    let (customer, password) = registration.into_customer(write.now);
    let registered = app.store.match_or_create(&write, customer, password.map(input::hash), on_match).await?;
    match registered {
        Registered::Created(customer) => Ok(reply::registered(app.viewer(caller, &settings), &customer, true)),
        Registered::Matched(customer) => Ok(reply::registered(app.viewer(caller, &settings), &customer, false)),
        Registered::TooManyBrands => Err(reply::limit_reached("brands")),
        Registered::PhoneExists => Err(Problem::new(
            Code::PreconditionFailed,
            "A customer with this phone exists, and `If-None-Match: *` only creates. Omit the header to get the customer.",
        )),
    }
}
