//! Running a router as a Lambda: what happens to every request before and after its handler.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{RequestExt as _, Router};
use futures_util::FutureExt;
use http::header::{CACHE_CONTROL, HeaderName};
use http::{HeaderValue, Method, request::Parts};
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;
use utoipa_axum::router::OpenApiRouter;

use super::access::Scope;
use super::path::{invalid_path, is_ambiguous};
use super::{Caller, Code, Operation, Problem};
use crate::app::App;
use crate::domain::id::MAX_ID;
use crate::telemetry;

/// The gateway's id of a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The operation of each method and route.
type Operations = HashMap<(Method, String), Operation>;

/// Runs `routes` on AWS Lambda until the environment ends.
///
/// # Errors
/// A configuration that is missing or wrong, and what the runtime gives up on.
pub async fn run(routes: OpenApiRouter<App>) -> Result<(), lambda_http::Error> {
    telemetry::init(&[]);
    lambda_http::run(service(routes, App::from_env().await?)).await
}

/// The whole function: `routes` behind everything that holds for each request.
pub fn service(routes: OpenApiRouter<App>, app: App) -> Router {
    let operations = Arc::new(operations_of(&routes));
    Router::from(routes)
        .fallback(|| async { no_route() })
        .method_not_allowed_fallback(|| async { no_method() })
        .layer(middleware::from_fn_with_state(operations, edge))
        .with_state(app)
}

/// The answer where no route matches.
#[must_use]
pub fn no_route() -> Problem {
    Problem::new(Code::RouteNotFound, "Check the path against the API's route table.")
}

/// The answer where the route exists without the method.
#[must_use]
pub fn no_method() -> Problem {
    Problem::new(Code::MethodNotAllowed, "Use one of the methods that the header Allow names.")
}

/// The method, path and operation of every route.
///
/// # Panics
/// If a route declares an `operationId` that the role table does not know: nobody could call it.
#[must_use]
pub fn operations_of(routes: &OpenApiRouter<App>) -> HashMap<(Method, String), Operation> {
    let mut operations = Operations::new();
    for (path, item) in &routes.get_openapi().paths.paths {
        let declared = [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::DELETE, &item.delete),
        ];
        for (method, declared) in declared {
            let Some(declared) = declared else { continue };
            let name = declared.operation_id.as_deref().unwrap_or_default();
            let Some(operation) = Operation::named(name) else { panic!("{method} {path}: no operation '{name}'") };
            operations.insert((method, path.clone()), operation);
        }
    }
    operations
}

/// Wraps every request: its id, who may, panics, problems, the log line.
async fn edge(State(operations): State<Arc<Operations>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let context = request.extensions().get::<RequestContext>();
    let request_id = context.map(request_id).unwrap_or_default();
    let tenant = context.and_then(Caller::from_context).map(|caller| caller.client);
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let operation = route.and_then(|route| operations.get(&(request.method().clone(), route)).copied());

    let handled = AssertUnwindSafe(admit_and_run(operation, request, next)).catch_unwind().await;
    let mut response = handled.unwrap_or_else(|_| Problem::internal(Panicked).into_response());

    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = &problem {
        let rendered = problem.respond(&request_id);
        // The router's own 405 brings the header Allow.
        let headers = std::mem::take(response.headers_mut());
        response = rendered;
        response
            .headers_mut()
            .extend(headers.into_iter().filter(|(name, _)| name.as_ref() == Some(&http::header::ALLOW)));
    }
    stamp(&mut response, &request_id);

    let status = response.status().as_u16();
    let line = RequestLine {
        operation: operation.map_or("none", Operation::name),
        tenant: tenant.as_ref().map_or("none", |client| client.as_str()),
        status,
        duration_ms: milliseconds(started.elapsed()),
        request_id: &request_id,
        code: problem.as_ref().map(|problem| problem.code().as_str()),
        cause: problem.as_ref().and_then(Problem::cause_chain),
    };
    line.write();
    response
}

/// The handler panicked; the panic hook has told where.
#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct Panicked;

/// The headers that every response carries.
pub fn stamp(response: &mut Response, request_id: &str) {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
}

async fn admit_and_run(operation: Option<Operation>, mut request: Request, next: Next) -> Response {
    let raw_path = if request.raw_http_path().is_empty() { request.uri().path() } else { request.raw_http_path() };
    if is_ambiguous(raw_path) {
        return invalid_path().into_response();
    }
    if let Some(operation) = operation {
        match request.extract_parts_with_state::<RawPathParams, ()>(&()).await {
            Err(_) => return invalid_path().into_response(),
            Ok(params) => {
                let (mut parts, body) = request.into_parts();
                if let Err(problem) = admit(operation, &params, &mut parts).await {
                    return problem.into_response();
                }
                request = Request::from_parts(parts, body);
            }
        }
    }
    next.run(request).await
}

/// Lets a request through to its handler if its ids are ids and its caller may.
async fn admit(operation: Operation, params: &RawPathParams, parts: &mut Parts) -> Result<(), Problem> {
    let is_id = |value: &str| {
        (1..=MAX_ID).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    if params.iter().any(|(name, value)| name.ends_with("Id") && !is_id(value)) {
        return Err(invalid_path());
    }
    let find = |wanted: &str| params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    let scope = Scope { client: find("clientId").unwrap_or(""), brand: find("brandId"), customer: find("customerId") };
    Caller::from_request_parts(parts, &()).await?.authorize(operation, scope)
}

/// The id under which the gateway, its logs and ours know a request.
fn request_id(context: &RequestContext) -> String {
    let RequestContext::ApiGatewayV1(context) = context else { return String::new() };
    let extended = context.other.get("extendedRequestId").and_then(|id| id.as_str());
    extended.or(context.request_id.as_deref()).unwrap_or_default().to_owned()
}

/// Milliseconds, to the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// What is told of a request. Nothing in it comes from the request's path, query, headers or body.
struct RequestLine<'a> {
    operation: &'static str,
    tenant: &'a str,
    status: u16,
    duration_ms: f64,
    request_id: &'a str,
    code: Option<&'static str>,
    cause: Option<String>,
}

impl RequestLine<'_> {
    fn write(&self) {
        let Self { operation, tenant, status, duration_ms, request_id, code, cause } = self;
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    target: telemetry::TARGET,
                    operation,
                    tenant,
                    status,
                    duration_ms,
                    request_id,
                    code,
                    cause,
                    "request"
                )
            };
        }
        if *status >= 500 { line!(error) } else { line!(info) }
    }
}
