//! Finds the customer who has a phone number.

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use shared::api::schema::typed_phone;
use shared::api::view::CustomerView;
use shared::api::{Caller, Code, Docs, Problem, query, reply};
use shared::app::App;
use shared::domain::{Invalid, Phone};

pub(crate) fn find_customer_by_phone_docs() -> Docs {
    Docs::new("customers", "Find a customer by phone")
        .text(
            "Returns the customer who has the number, in whatever form it is typed: `087 123 4567`, \
             `00353871234567` and `+353 87 123 4567` are the same number. The result is up to date, even \
             directly after a write.",
        )
        .query(
            "phone",
            "The number, in any form that a person of the tenant's region would type. Encode a leading + as %2B; one \
             that was not is understood too.",
            typed_phone(),
            "087 123 4567",
        )
        .response::<CustomerView>(200, "Found")
        .problems(&[Code::NotFound])
}

pub(crate) async fn find_customer_by_phone(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
) -> Result<Response, Problem> {
    let invalid = |invalid: Invalid| Problem::parameter(Code::ValidationFailed, "phone", &invalid);
    let raw = query::single(&uri, "phone").map_err(invalid)?;
    let settings = app.settings.get(&caller.client).await?;
    let phone = Phone::parse_query(&raw, app.settings.region_of(&settings)).map_err(invalid)?;
    let customer = app.store.customer_by_phone(&caller.client, &phone).await?.ok_or_else(no_customer)?;
    Ok(reply::customer(&settings, &caller, StatusCode::OK, &customer))
}

fn no_customer() -> Problem {
    Problem::new(Code::NotFound, "No customer has this phone.")
}
