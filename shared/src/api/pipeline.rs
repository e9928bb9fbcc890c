//! The pipeline of every request: request id, origin, path, authorization, handler, panics, problems and the log line.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::{RequestExt as _, Router};
use futures_util::FutureExt;
use http::Method;
use http::request::Parts;
use lambda_http::request::RequestContext;
use lambda_http::{RequestExt as _, lambda_runtime};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tower::ServiceBuilder;

use super::access::Scope;
use super::caller::context_has_expired;
use super::cors::{self, AllowedOrigin};
use super::operation::Admission;
use super::origin::{adapter, refuse_malformed_origin};
use super::path::{PathParameter, below_base_path, invalid_path, is_ambiguous};
use super::served_request::ServedRequest;
use super::{Caller, Code, Operation, Problem, Routes, etag, query};
use crate::clock::Clock;
use crate::domain::UnixSeconds;
use crate::domain::id::is_id;
use crate::telemetry::{self, calls};

/// How long a request may take in a function. A handler can make several calls of DynamoDB and retry some of them, and
/// DynamoDB can be slow. Without this, such a request would end in the gateway's `502`, because Lambda ends the function
/// at the `Timeout` of `template.yaml`, which is longer.
pub const DEADLINE: Duration = Duration::from_secs(9);

/// The state that the handlers of a function share. It is created once, when the function starts.
pub trait FunctionState: Clone + Send + Sync + 'static {
    /// Creates the state of a function on Lambda, and starts logging. If priming is on, it also calls `load`, which
    /// loads what the first request needs.
    fn start(load: fn(&Self)) -> impl Future<Output = Result<Self, lambda_http::Error>> + Send;

    /// The clock that decides whether a token has expired.
    fn clock(&self) -> Clock;

    /// How long a request may take.
    fn deadline(&self) -> Duration {
        DEADLINE
    }
}

/// The state of a function with only public operations, which needs no table and no configuration.
impl FunctionState for () {
    async fn start(_: fn(&Self)) -> Result<Self, lambda_http::Error> {
        telemetry::init(&[], None);
        Ok(())
    }

    fn clock(&self) -> Clock {
        Clock::system()
    }
}

/// The pipeline of one function.
struct Pipeline {
    operations: Vec<Operation>,
    clock: Clock,
    deadline: Duration,
    /// Whether no request has arrived yet.
    is_cold: AtomicBool,
}

/// Runs `routes` on AWS Lambda until the environment ends.
///
/// # Errors
/// If the configuration is missing or invalid, or if the runtime fails.
pub async fn run<S: FunctionState>(routes: Routes<S>) -> Result<(), lambda_http::Error> {
    let state = S::start(routes.load()).await?;
    let function = cors::allow(service(routes, state), AllowedOrigin::from_env()?);
    lambda_runtime::run(adapter(function)).await
}

/// The whole function as a service: `routes` behind the pipeline.
pub fn service<S: FunctionState>(routes: Routes<S>, state: S) -> Router {
    let pipeline = Pipeline {
        operations: routes.operations().to_vec(),
        clock: state.clock(),
        deadline: state.deadline(),
        is_cold: AtomicBool::new(true),
    };
    let routed = routes
        .into_router()
        .fallback(|| async { no_route() })
        .layer(middleware::from_fn_with_state(Arc::new(pipeline), serve))
        .with_state(state);
    below_any_base_path(routed)
}

/// Lets `routed` also serve requests under a base path. It wraps the router, because a layer of the router runs after
/// routing.
fn below_any_base_path(routed: Router) -> Router {
    Router::new().fallback_service(ServiceBuilder::new().map_request(without_base_path).service(routed))
}

/// Removes the base path from a request.
fn without_base_path(mut request: Request) -> Request {
    let Some(RequestContext::ApiGatewayV1(context)) = request.extensions().get() else { return request };
    let resource = context.resource_path.as_deref().unwrap_or_default();
    let Some(below) = below_base_path(request.uri().path(), resource) else { return request };
    if below.len() < request.uri().path().len() {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(uri) = format!("{below}{query}").parse() {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// The problem for a path that matches no route.
#[must_use]
pub fn no_route() -> Problem {
    Problem::new(Code::RouteNotFound, "No route has this path. Check it against the API reference.")
}

/// Serves one request.
async fn serve(State(pipeline): State<Arc<Pipeline>>, request: Request, next: Next) -> Response {
    let context = request.extensions().get::<RequestContext>();
    let served = ServedRequest::begin(context.map(request_id).unwrap_or_default());
    let tenant = context.and_then(Caller::from_context).map(|caller| caller.client);
    let on_path = pipeline.operations_on_path(&request);
    let operation = on_path.iter().copied().find(|operation| operation.method() == request.method());
    let is_cold = pipeline.is_cold.swap(false, Ordering::Relaxed);
    let served = served.with_caller(tenant, operation).with_invocation(request.lambda_context_ref(), is_cold);

    let handling = admit_and_run(&on_path, operation, pipeline.clock.now(), request, next);
    let handling = timeout(pipeline.deadline, handling);
    let (handled, calls) = calls::counting(AssertUnwindSafe(handling).catch_unwind()).await;
    served.with_dynamodb_calls(calls).finish(outcome(handled))
}

impl Pipeline {
    /// The operations on the path of a request, one per method.
    fn operations_on_path(&self, request: &Request) -> Vec<Operation> {
        let Some(path) = request.extensions().get::<MatchedPath>() else { return Vec::new() };
        self.operations.iter().copied().filter(|operation| operation.path() == path.as_str()).collect()
    }
}

/// The result of a handler. An error in `handled` is a panic.
fn outcome(handled: thread::Result<Result<Result<Response, Problem>, Elapsed>>) -> Result<Response, Problem> {
    let in_time = handled.unwrap_or_else(|_| Ok(Err(Problem::internal(Panicked))));
    let mut response = in_time.unwrap_or_else(|_| Err(Problem::unavailable(DeadlinePassed)))?;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => Err(problem),
        None => Ok(response),
    }
}

/// The handler panicked. The panic hook has logged where.
#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct Panicked;

/// The handler was dropped. A write that was on its way to DynamoDB may still happen.
#[derive(Debug, thiserror::Error)]
#[error("the handler did not end before the deadline")]
struct DeadlinePassed;

/// Runs the handler if the request is for one of the function's operations and its caller is authorized. The method is
/// compared here, because the router alone would serve `HEAD` with the handler of `GET`.
async fn admit_and_run(
    on_path: &[Operation],
    operation: Option<Operation>,
    now: UnixSeconds,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    refuse_malformed_origin(request.headers())?;
    refuse_ambiguous(&request)?;
    let Some(operation) = operation else {
        if let Some(on_route) = on_path.first().filter(|_| request.method() == Method::OPTIONS) {
            return Ok(cors::preflight(on_route.path()));
        }
        let methods = on_path.iter().map(|operation| operation.method());
        return Err(if on_path.is_empty() { no_route() } else { Problem::method_not_allowed(methods) });
    };
    let params = request.extract_parts_with_state::<RawPathParams, ()>(&()).await.map_err(|_| invalid_path())?;
    refuse_malformed_ids(&params)?;
    let (mut parts, body) = request.into_parts();
    match operation.admission() {
        Admission::Everyone => {}
        Admission::Roles(_) => admit(operation, now, &params, &mut parts).await?,
    }
    query::refuse_other_parameters(operation, &parts.uri)?;
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let customer = params.iter().find(|(name, _)| *name == "customerId");
    match (response.extensions_mut().remove::<Problem>(), customer) {
        (Some(problem), Some((_, id))) => Err(problem.explain_id(id)),
        (Some(problem), None) => Err(problem),
        (None, _) => Ok(response),
    }
}

/// Refuses a path whose meaning is ambiguous.
fn refuse_ambiguous(request: &Request) -> Result<(), Problem> {
    let raw_path = if request.raw_http_path().is_empty() { request.uri().path() } else { request.raw_http_path() };
    if is_ambiguous(raw_path) { Err(invalid_path()) } else { Ok(()) }
}

fn refuse_malformed_ids(params: &RawPathParams) -> Result<(), Problem> {
    let is_malformed = |(name, value): (&str, &str)| PathParameter::named(name).is_id() && !is_id(value);
    if params.iter().any(is_malformed) { Err(invalid_path()) } else { Ok(()) }
}

/// Checks that the token has not expired, and that its caller may use the operation on the records in the path.
async fn admit(
    operation: Operation,
    now: UnixSeconds,
    params: &RawPathParams,
    parts: &mut Parts,
) -> Result<(), Problem> {
    let find = |wanted: &str| params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    let client = find("clientId").expect("the path of an operation that needs a token has a clientId");
    let scope = Scope { client, brand: find("brandId"), customer: find("customerId") };
    let caller = Caller::from_request_parts(parts, &()).await?;
    if parts.extensions.get::<RequestContext>().is_some_and(|context| context_has_expired(context, now)) {
        return Err(Problem::new(Code::Unauthorized, "The token has expired. Send a new one."));
    }
    caller.authorize(operation, scope)?;
    etag::refuse_other_conditions(operation, &parts.headers)
}

/// The request id that the gateway's logs and our logs share: API Gateway's extended request id, which is also in its
/// `x-amz-apigw-id` header. `lambda_http` keeps it only with its feature `catch-all-fields`.
fn request_id(context: &RequestContext) -> String {
    let RequestContext::ApiGatewayV1(context) = context else { return String::new() };
    let extended = context.other.get("extendedRequestId").and_then(|id| id.as_str());
    extended.or(context.request_id.as_deref()).unwrap_or_default().to_owned()
}
