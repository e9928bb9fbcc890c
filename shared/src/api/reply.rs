//! Responses that several handlers share.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::view::Viewer;
use super::{Code, Problem, etag, view};
use crate::domain::{Address, Customer, PhoneInfo};
use crate::store::MemberOutcome;

/// The header that says whether a create created or matched.
pub const CUSTOMER_MATCH: HeaderName = HeaderName::from_static("customer-match");

/// A customer with the fields that the viewer sees, and its `ETag`.
#[must_use]
pub fn customer(viewer: Viewer<'_>, status: StatusCode, customer: &Customer) -> Response {
    let body = view::customer(customer, viewer);
    (status, [(header::ETAG, etag::etag(customer))], axum::Json(body)).into_response()
}

/// What a read shows beside the record, as far as it was asked for.
#[derive(Debug, Default)]
pub struct Included {
    pub addresses: Option<Vec<Address>>,
    pub phone_info: Option<PhoneInfo>,
}

/// A whole customer record, as the caller sees it, with what was asked for beside it. The `ETag` is the record's version,
/// whatever is included: it is there for writes to the record.
#[must_use]
pub fn card(viewer: Viewer<'_>, record: &Customer, included: &Included) -> Response {
    let body = view::customer_card(record, viewer, included);
    (StatusCode::OK, [(header::ETAG, etag::etag(record))], axum::Json(body)).into_response()
}

/// A page of customers, as the caller sees them.
#[must_use]
pub fn page(viewer: Viewer<'_>, records: &[Customer], next_cursor: Option<String>) -> Response {
    let items = records.iter().map(|record| view::customer(record, viewer)).collect();
    axum::Json(view::Page { items, next_cursor }).into_response()
}

/// The response to match or create.
#[must_use]
pub fn registered(viewer: Viewer<'_>, record: &Customer, created: bool) -> Response {
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = customer(viewer, status, record);
    let headers = response.headers_mut();
    headers.insert(CUSTOMER_MATCH, HeaderValue::from_static(if created { "created" } else { "matched" }));
    if created && let Ok(location) = HeaderValue::from_str(&format!("customer/{}", record.id)) {
        // Relative, so that it is right under a stage, a base path and a brand's path.
        headers.insert(header::LOCATION, location);
    }
    response
}

/// The response to adding or removing a link or a tag; `what` names the kind in the plural.
pub fn member_outcome(viewer: Viewer<'_>, outcome: MemberOutcome, what: &str) -> Result<Response, Problem> {
    match outcome {
        MemberOutcome::Customer(record) => Ok(customer(viewer, StatusCode::OK, &record)),
        MemberOutcome::NotFound => Err(Problem::not_found()),
        MemberOutcome::PreconditionFailed => Err(precondition_failed()),
        MemberOutcome::LimitReached => Err(limit_reached(what)),
    }
}

/// The problem for one link, tag or address too many.
#[must_use]
pub fn limit_reached(what: &str) -> Problem {
    Problem::new(
        Code::LimitReached,
        format!("The customer has the maximum number of {what}. Remove one and try again."),
    )
}

/// The problem for a write to a customer whose version is not in `If-Match`.
#[must_use]
pub fn precondition_failed() -> Problem {
    let detail =
        "The customer's current ETag is not in `If-Match`. Read the customer again, then retry with its `ETag`.";
    Problem::new(Code::PreconditionFailed, detail)
}
