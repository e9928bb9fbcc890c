//! Finds the customer who has a phone number.

use axum::extract::State;
use axum::response::Response;
use serde_json::json;
use shared::api::docs::QueryParameter;
use shared::api::query::Query;
use shared::api::schema::typed_phone;
use shared::api::view::CustomerView;
use shared::api::{Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::domain::Phone;

use crate::include::{self, Include, Offer};

pub(crate) fn find_customer_by_phone_docs() -> Docs {
    let docs = Docs::new("customers", "Find a customer by phone")
        .text(
            "Returns the customer who has the number, in whatever form it is typed: `087 123 4567`, \
             `00353871234567` and `+353 87 123 4567` are the same number. The result is up to date, even \
             directly after a write.",
        )
        .text(
            "`include=addresses,phoneInfo` answers a ringing phone in one request. If no customer has the phone, the \
             `404` contains `phoneInfo` too, to fill in a new customer.",
        )
        .text(
            "If no customer has the number that the digits are in the tenant's region, and they are also a valid number \
             with a `+` in front, that number is looked up too. `phone` in the response is the number that was found.",
        )
        .query(QueryParameter {
            name: "phone",
            about: "The number, in any form that a person of the tenant's region would type or a telephone system sends. \
                    Encode a leading + as %2B; one that was not is understood too.",
            is_required: true,
            schema: typed_phone(),
            example: json!("087 123 4567"),
        });
    include::described(docs, Offer::ByPhone).response::<CustomerView>(200, "Found").problems(&[Code::NotFound])
}

pub(crate) async fn find_customer_by_phone(
    State(app): State<App>,
    caller: Caller,
    mut query: Query,
) -> Result<Response, Problem> {
    let settings = app.settings.get(&caller.client).await?;
    let region = app.settings.region_of(&settings);
    let phone = query.required("phone", |raw| Ok((raw.to_owned(), Phone::parse_query(raw, region)?)));
    let include = Include::read(&mut query, Offer::ByPhone);
    query.finish()?;
    let (raw, phone) = phone.expect("a required parameter is there, or an error was reported");

    let find = async |phone: &Phone| app.store.customer_by_phone(&caller.client, phone, include.with()).await;
    let mut found = find(&phone).await?;
    if found.is_none()
        && let Some(other) = Phone::parse_query_with_plus(&raw, region).filter(|other| *other != phone)
    {
        found = find(&other).await?;
    }
    let Some((customer, addresses)) = found else { return Err(no_customer(&phone, include)) };
    let included = include.shown(addresses, &customer.phone);
    Ok(reply::card(app.viewer(&caller, &settings), &customer, &included))
}

fn no_customer(phone: &Phone, include: Include) -> Problem {
    let problem = Problem::new(Code::NotFound, "No customer has this phone.");
    if include.phone_info { problem.with_phone_info(phone.info()) } else { problem }
}
