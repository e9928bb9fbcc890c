//! Successful answers.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::{Caller, Code, Problem, etag, view};
use crate::app::App;
use crate::domain::Customer;
use crate::store::Joined;

/// Says whether a create created or matched.
pub const CUSTOMER_MATCH: HeaderName = HeaderName::from_static("customer-match");

/// A whole customer record, as the caller sees it, with its `ETag`.
pub async fn customer(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    customer: &Customer,
) -> Result<Response, Problem> {
    let settings = app.tenants.settings(&caller.client).await?;
    let body = view::customer(customer, &settings, &caller.role);
    Ok((status, [(header::ETAG, etag::etag(customer))], axum::Json(body)).into_response())
}

/// The answer to match or create.
pub async fn registered(app: &App, caller: &Caller, record: &Customer, created: bool) -> Result<Response, Problem> {
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = customer(app, caller, status, record).await?;
    let headers = response.headers_mut();
    headers.insert(CUSTOMER_MATCH, HeaderValue::from_static(if created { "created" } else { "matched" }));
    if created && let Ok(location) = HeaderValue::from_str(&format!("customer/{}", record.id)) {
        // Relative, so that it is right under a stage, a base path and a brand's path.
        headers.insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The answer to adding or removing a link or a tag; `what` names the kind in the plural.
pub async fn joined(app: &App, caller: &Caller, joined: Joined, what: &str) -> Result<Response, Problem> {
    match joined {
        Joined::Customer(record) => customer(app, caller, StatusCode::OK, &record).await,
        Joined::NotFound => Err(Problem::not_found()),
        Joined::Full => Err(full(what)),
    }
}

/// The refusal of one more of something that a customer has the most of.
#[must_use]
pub fn full(what: &str) -> Problem {
    Problem::new(Code::LimitReached, format!("Nothing was written. Remove some of the customer's {what} first."))
}
