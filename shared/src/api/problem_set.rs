//! The problems that an operation can end with, for its route to declare. The tests compare them with every answer that
//! they get.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use super::Code;
use super::problem::ProblemBody;

/// What any request can end with: at the gateway, at the edge, or for want of DynamoDB. `route_not_found` is the answer
/// to a parameter that is empty or holds a slash, since that makes another path of it. `validation_failed` is the answer
/// to a condition that has no meaning for the operation.
const ANY: &[Code] = &[
    Code::InvalidPath,
    Code::Unauthorized,
    Code::Forbidden,
    Code::TenantNotOnboarded,
    Code::RouteNotFound,
    Code::ValidationFailed,
    Code::TooManyRequests,
    Code::Internal,
    Code::BadGateway,
    Code::Unavailable,
    Code::GatewayTimeout,
];

/// What a request with a body can end with besides.
const BODY: &[Code] = &[Code::MalformedJson, Code::PayloadTooLarge, Code::UnsupportedMediaType];

const NONE: &[Code] = &[];

macro_rules! problem_sets {
    ($($(#[$doc:meta])* $name:ident: $body:ident $($code:ident)*;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    by_status(&[ANY, $body, &[$(Code::$code),*]])
                }
            }
        )*
    };
}

problem_sets! {
    /// Of an operation that finds or makes what it is about.
    AnyProblem: NONE;
    /// Of an operation on something that may not be there.
    OfRecord: NONE NotFound;
    OfCreate: BODY NotWritable PreconditionFailed;
    /// Of a create that an app may ask for, and that links a customer who was there.
    OfBrandCreate: BODY NotWritable FieldNotAllowed LimitReached PreconditionFailed CustomerExists;
    OfUpdate: BODY NotWritable FieldNotAllowed PhoneChangeNeedsOperator NotFound PhoneTaken LimitReached PreconditionFailed;
    OfDelete: NONE PreconditionFailed;
    /// Of an operation that adds one more.
    OfAdding: NONE NotFound LimitReached PreconditionFailed;
    OfRemoving: NONE NotFound PreconditionFailed;
    OfAddress: BODY FieldNotAllowed NotFound LimitReached SamePlace PreconditionFailed;
    OfSettings: BODY;
}

fn by_status(sets: &[&[Code]]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in sets.iter().copied().flatten() {
        by_status.entry(code.status().as_u16()).or_default().push(*code);
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), response(&codes).into())).collect()
}

fn response(codes: &[Code]) -> Response {
    let description = codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title()));
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    ResponseBuilder::new()
        .description(description.collect::<Vec<_>>().join(" "))
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name()))).build(),
        )
        .extensions(Some(ExtensionsBuilder::new().add("x-codes", json!(names)).build()))
        .build()
}
