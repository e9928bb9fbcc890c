//! Error responses: RFC 9457 `application/problem+json`, with the same fields from every layer.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};

use super::schema;
use super::view::{self, Record};
use crate::domain::{CustomerId, Invalid, PhoneInfo};
use crate::store::StoreError;

macro_rules! codes {
    ($($variant:ident $name:literal $status:ident $title:literal,)*) => {
        /// A stable name for what went wrong. Clients may branch on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($variant),* }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name, the status and the title.
            fn parts(self) -> (&'static str, StatusCode, &'static str) {
                match self { $(Self::$variant => ($name, StatusCode::$status, $title)),* }
            }
        }
    };
}

codes! {
    MalformedJson "malformed_json" BAD_REQUEST "Malformed request body",
    InvalidPath "invalid_path" BAD_REQUEST "Invalid URL",
    Unauthorized "unauthorized" UNAUTHORIZED "Authentication required",
    SessionEnded "session_ended" UNAUTHORIZED "Session ended",
    Forbidden "forbidden" FORBIDDEN "Not allowed",
    TenantNotOnboarded "tenant_not_onboarded" FORBIDDEN "Tenant not onboarded",
    FieldNotAllowed "field_not_allowed" FORBIDDEN "Field not allowed for this role",
    PhoneChangeNeedsOperator "phone_change_needs_operator" FORBIDDEN "Phone change requires an operator",
    CustomerBlocked "customer_blocked" FORBIDDEN "Customer blocked",
    CustomerInactive "customer_inactive" FORBIDDEN "Customer inactive",
    NotFound "not_found" NOT_FOUND "Not found",
    RouteNotFound "route_not_found" NOT_FOUND "Unknown route",
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "Method not allowed",
    PhoneTaken "phone_taken" CONFLICT "Phone already in use",
    LimitReached "limit_reached" CONFLICT "Limit reached",
    SamePlace "same_place" CONFLICT "Place already saved",
    PreconditionFailed "precondition_failed" PRECONDITION_FAILED "Precondition failed",
    PayloadTooLarge "payload_too_large" PAYLOAD_TOO_LARGE "Request body too large",
    UnsupportedMediaType "unsupported_media_type" UNSUPPORTED_MEDIA_TYPE "Unsupported media type",
    ValidationFailed "validation_failed" UNPROCESSABLE_ENTITY "Invalid request",
    NotWritable "not_writable" UNPROCESSABLE_ENTITY "Field not writable",
    TooManyRequests "too_many_requests" TOO_MANY_REQUESTS "Too many requests",
    Internal "internal_error" INTERNAL_SERVER_ERROR "Internal error",
    BadGateway "bad_gateway" BAD_GATEWAY "Bad gateway",
    Unavailable "unavailable" SERVICE_UNAVAILABLE "Temporarily unavailable",
    GatewayTimeout "gateway_timeout" GATEWAY_TIMEOUT "Gateway timeout",
}

impl Code {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.parts().0
    }

    #[must_use]
    pub fn status(self) -> StatusCode {
        self.parts().1
    }

    #[must_use]
    pub fn title(self) -> &'static str {
        self.parts().2
    }
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BrokenRule)]
pub struct FieldError {
    /// Where in the body, as a JSON pointer (RFC 6901).
    // A pointer encodes `~` as two characters, so it can be twice as long as a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 140_000, nullable = false)]
    pub pointer: Option<String>,
    /// Which parameter of the path or the query, or which header, where it is not in the body.
    // An unknown one of a query can be as long as a URL, which `local` does not limit as API Gateway does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 70_000, nullable = false)]
    pub parameter: Option<Cow<'static, str>>,
    /// A stable name for the rule. The [error guide](docs#tag/guide-errors.codes-in-errors) explains each.
    #[schema(max_length = 40, example = "too_long")]
    pub code: &'static str,
    /// What to do about it.
    #[schema(max_length = 200)]
    pub message: String,
}

impl FieldError {
    /// A broken rule at `pointer` in the body.
    #[must_use]
    pub fn at(pointer: impl Into<String>, invalid: &Invalid) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, code: invalid.code(), message: invalid.to_string() }
    }

    /// A broken rule in a parameter or a header.
    #[must_use]
    pub fn in_parameter(parameter: impl Into<Cow<'static, str>>, invalid: &Invalid) -> Self {
        Self { pointer: None, parameter: Some(parameter.into()), code: invalid.code(), message: invalid.to_string() }
    }
}

/// The maximum number of errors that one response lists. A body can break thousands of rules, and without a limit the
/// response would be many times larger than the body.
pub const MAX_ERRORS: usize = 100;

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub struct ProblemBody<'a> {
    /// A URI that identifies the code; it is a name, not an address.
    #[schema(max_length = 80, pattern = "^urn:problem-type:[a-z_]+$")]
    r#type: String,
    /// The same for every occurrence of the code.
    #[schema(max_length = 80)]
    title: &'static str,
    /// The status of the response.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What to do about this occurrence.
    #[schema(max_length = 400)]
    detail: &'a str,
    #[schema(schema_with = code_schema)]
    code: &'static str,
    /// The rules that the request breaks: the first 100, and `detail` says if there are more.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(max_items = 100)]
    errors: &'a [FieldError],
    /// What is known of the phone that no customer has. Only with `include=phoneInfo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = phone_info_schema)]
    phone_info: Option<Record>,
    /// Give it to support: it finds the request in the logs.
    #[schema(max_length = 100)]
    request_id: &'a str,
}

fn phone_info_schema() -> RefOr<Schema> {
    let about = "What the numbering plans say of the phone that no customer has. Only with `include=phoneInfo`.";
    schema::with_description(Ref::from_schema_name("PhoneInfo").into(), about)
}

fn code_schema() -> RefOr<Schema> {
    let about =
        "A stable name, which clients may branch on. The [error guide](docs#tag/guide-errors.codes) explains each.";
    let names = Code::ALL.iter().map(|code| code.as_str());
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).description(Some(about)).into()
}

/// A failed request. The client sees `detail` and `errors`; `cause` is only logged.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    /// The methods of the route, if the request's method is not one of them.
    allow: Option<String>,
    /// An extension member (RFC 9457, 3.2) of a `404` for a phone.
    phone_info: Option<Box<PhoneInfo>>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), allow: None, phone_info: None, cause: None }
    }

    /// The `404` for a customer id in the path.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "No customer has this `customerId`.")
    }

    /// The `404` for a customer below a `brand` or an `account`. It does not reveal whether the customer exists without
    /// the link.
    #[must_use]
    pub fn not_found_within(scope: &str) -> Self {
        Self::new(Code::NotFound, format!("The {scope} has no customer with this `customerId`."))
    }

    /// Adds what is known of the phone that was looked for.
    #[must_use]
    pub fn with_phone_info(self, phone_info: PhoneInfo) -> Self {
        Self { phone_info: Some(Box::new(phone_info)), ..self }
    }

    /// If `customer_id` does not have the form of an id of this service, replaces the detail of a `404`: the path is
    /// wrong, and no customer ever had this id.
    #[must_use]
    pub fn explain_id(self, customer_id: &str) -> Self {
        if self.code != Code::NotFound || CustomerId::has_issued_form(customer_id) {
            return self;
        }
        let detail = "The `customerId` in the path is not an id that this service issues: those are UUIDs in lower \
                      case. Check the path.";
        Self { detail: detail.into(), ..self }
    }

    /// The problem for a route that only has `methods`.
    #[must_use]
    pub fn method_not_allowed(methods: impl Iterator<Item = Method>) -> Self {
        let mut methods: Vec<_> = methods.map(|method| method.to_string()).collect();
        methods.sort_unstable();
        let detail = "Use one of the methods in the `Allow` header.";
        Self { allow: Some(methods.join(", ")), ..Self::new(Code::MethodNotAllowed, detail) }
    }

    /// A problem with a list of errors, cut off after [`MAX_ERRORS`].
    #[must_use]
    pub fn fields(code: Code, mut errors: Vec<FieldError>) -> Self {
        let mut detail = match code {
            Code::FieldNotAllowed | Code::PhoneChangeNeedsOperator | Code::NotWritable => {
                "Remove or fix the fields listed in `errors` and try again.".to_owned()
            }
            Code::InvalidPath => "Fix the parameters listed in `errors` and try again.".to_owned(),
            _ if errors.iter().all(|error| error.parameter.is_some()) => {
                "The request is invalid. Fix the parameters listed in `errors` and try again.".to_owned()
            }
            _ => "The request is invalid. Fix the fields listed in `errors` and try again.".to_owned(),
        };
        if errors.len() > MAX_ERRORS {
            errors.truncate(MAX_ERRORS);
            detail = format!("{detail} Only the first {MAX_ERRORS} errors are listed.");
        }
        Self { errors, ..Self::new(code, detail) }
    }

    /// A problem with one error in a parameter or a header.
    #[must_use]
    pub fn parameter(code: Code, parameter: &'static str, invalid: &Invalid) -> Self {
        Self::fields(code, vec![FieldError::in_parameter(parameter, invalid)])
    }

    /// A failure of this service.
    #[must_use]
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        let detail = "The request may or may not have been carried out. Retrying it is safe. If it fails again, give \
                      support the `requestId`.";
        Self::new(Code::Internal, detail).with_cause(cause)
    }

    /// A failure that may be temporary.
    #[must_use]
    pub fn unavailable(cause: impl Error + Send + Sync + 'static) -> Self {
        let detail = "The service is busy. Retrying the request is safe: wait for the seconds in `Retry-After` first.";
        Self::new(Code::Unavailable, detail).with_cause(cause)
    }

    /// Adds the cause, for the log.
    #[must_use]
    pub fn with_cause(self, cause: impl Error + Send + Sync + 'static) -> Self {
        Self { cause: Some(Arc::new(cause)), ..self }
    }

    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The cause and its sources in one line, outermost first, for the log.
    #[must_use]
    pub fn cause_chain(&self) -> Option<String> {
        let first: &(dyn Error + 'static) = self.cause.as_deref()?;
        let chain = std::iter::successors(Some(first), |cause| (*cause).source());
        Some(chain.map(ToString::to_string).collect::<Vec<_>>().join(": "))
    }

    /// The response to the request with this id.
    #[must_use]
    pub fn respond(&self, request_id: &str) -> Response {
        let (code, status, title) = self.code.parts();
        let body = ProblemBody {
            r#type: format!("urn:problem-type:{code}"),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            code,
            errors: &self.errors,
            phone_info: self.phone_info.as_deref().map(view::phone_info),
            request_id,
        };
        let mut response = (status, axum::Json(&body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(Ok(allow)) = self.allow.as_deref().map(HeaderValue::from_str) {
            headers.insert(header::ALLOW, allow);
        }
        match self.code {
            Code::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Code::Unauthorized | Code::SessionEnded => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() { Self::unavailable(error) } else { Self::internal(error) }
    }
}

/// Passes the problem to the pipeline, which knows the request id and writes the body.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
