//! Running a router as a Lambda: what happens to every request before and after its handler.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::{RequestExt as _, Router};
use futures_util::FutureExt;
use http::{Method, request::Parts};
use lambda_http::request::RequestContext;
use lambda_http::{RequestExt as _, lambda_runtime};
use tower::ServiceBuilder;
use utoipa_axum::router::OpenApiRouter;

use super::access::Scope;
use super::caller::context_has_expired;
use super::origin::{adapter, refuse_malformed_origin};
use super::path::{below_base_path, invalid_path, is_ambiguous};
use super::request_log::Served;
use super::{Caller, Code, Operation, Problem, etag};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::UnixSeconds;
use crate::domain::id::is_id;
use crate::{store, telemetry};

/// The operation of each method, by route.
type Operations = HashMap<String, HashMap<Method, Operation>>;

/// What the edge knows beside the request.
struct Edge {
    operations: Operations,
    clock: Clock,
}

/// Runs `routes` on AWS Lambda until the environment ends.
///
/// # Errors
/// A configuration that is missing or wrong, and what the runtime gives up on.
pub async fn run(routes: OpenApiRouter<App>) -> Result<(), lambda_http::Error> {
    let config = Config::from_env()?;
    telemetry::init(&[], config.metrics_namespace.as_deref());
    lambda_runtime::run(adapter(service(routes, App::configured(&config).await))).await
}

/// The whole function: `routes` behind everything that holds for each request.
pub fn service(routes: OpenApiRouter<App>, app: App) -> Router {
    let mut operations = Operations::new();
    for (method, path, operation) in declared(&routes) {
        operations.entry(path).or_default().insert(method, operation);
    }
    let routed = Router::from(routes)
        .fallback(|| async { no_route() })
        .layer(middleware::from_fn_with_state(Arc::new(Edge { operations, clock: app.clock.clone() }), edge))
        .with_state(app);
    below_any_base_path(routed)
}

/// `routed` under a base path too. Around the router and not a layer of it, which would come after routing.
pub(super) fn below_any_base_path(routed: Router) -> Router {
    Router::new().fallback_service(ServiceBuilder::new().map_request(without_base_path).service(routed))
}

/// The request as if there were no base path.
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

/// The answer where no route matches.
#[must_use]
pub fn no_route() -> Problem {
    Problem::new(Code::RouteNotFound, "No route has this path. Check it against the API reference.")
}

/// The method, path and operation of every route.
///
/// # Panics
/// If a route declares an `operationId` that the role table does not know: nobody could call it.
#[must_use]
pub fn declared(routes: &OpenApiRouter<App>) -> Vec<(Method, String, Operation)> {
    let mut all = Vec::new();
    for (path, item) in &routes.get_openapi().paths.paths {
        let methods = [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::DELETE, &item.delete),
        ];
        for (method, declared) in methods {
            let Some(declared) = declared else { continue };
            let name = declared.operation_id.as_deref().unwrap_or_default();
            let Some(operation) = Operation::named(name) else { panic!("{method} {path}: no operation '{name}'") };
            all.push((method, path.clone(), operation));
        }
    }
    all
}

/// Wraps every request: its id, who may, panics, problems, the log line.
async fn edge(State(state): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let context = request.extensions().get::<RequestContext>();
    let served = Served::begin(context.map(request_id).unwrap_or_default());
    let tenant = context.and_then(Caller::from_context).map(|caller| caller.client);
    let route = request.extensions().get::<MatchedPath>().and_then(|path| state.operations.get(path.as_str()));
    let operation = route.and_then(|methods| methods.get(request.method()).copied());
    let served = served.by(tenant, operation);

    let handling = admit_and_run(route, operation, state.clock.now(), request, next);
    let (handled, calls) = store::counting(AssertUnwindSafe(handling).catch_unwind()).await;
    served.having_called(calls).end(outcome(handled))
}

/// What came of handling a request, which ends with a panic where `handled` is an error.
pub(super) fn outcome(handled: thread::Result<Result<Response, Problem>>) -> Result<Response, Problem> {
    let mut response = handled.unwrap_or_else(|_| Err(Problem::internal(Panicked)))?;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => Err(problem),
        None => Ok(response),
    }
}

/// The handler panicked; the panic hook has told where.
#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct Panicked;

/// Only a request for a declared operation, whose caller may, gets to a handler. The router itself would also serve
/// HEAD with the handler of GET.
async fn admit_and_run(
    route: Option<&HashMap<Method, Operation>>,
    operation: Option<Operation>,
    now: UnixSeconds,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    refuse_malformed_origin(request.headers())?;
    refuse_ambiguous(&request)?;
    match (route, operation) {
        (None, _) => Err(no_route()),
        (Some(methods), None) => Err(Problem::method_not_allowed(methods.keys())),
        (Some(_), Some(operation)) => {
            let params = request.extract_parts_with_state::<RawPathParams, ()>(&()).await;
            let params = params.map_err(|_| invalid_path())?;
            let (mut parts, body) = request.into_parts();
            admit(operation, now, &params, &mut parts).await?;
            let mut response = next.run(Request::from_parts(parts, body)).await;
            let customer = params.iter().find(|(name, _)| *name == "customerId");
            match (response.extensions_mut().remove::<Problem>(), customer) {
                (Some(problem), Some((_, id))) => Err(problem.explain_id(id)),
                (Some(problem), None) => Err(problem),
                (None, _) => Ok(response),
            }
        }
    }
}

/// Refuses a path that has no one meaning.
pub(super) fn refuse_ambiguous(request: &Request) -> Result<(), Problem> {
    let raw_path = if request.raw_http_path().is_empty() { request.uri().path() } else { request.raw_http_path() };
    if is_ambiguous(raw_path) { Err(invalid_path()) } else { Ok(()) }
}

/// Lets a request through to its handler if its ids are ids and its caller may.
async fn admit(
    operation: Operation,
    now: UnixSeconds,
    params: &RawPathParams,
    parts: &mut Parts,
) -> Result<(), Problem> {
    if params.iter().any(|(name, value)| name.ends_with("Id") && !is_id(value)) {
        return Err(invalid_path());
    }
    let find = |wanted: &str| params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    let scope = Scope { client: find("clientId").unwrap_or(""), brand: find("brandId"), customer: find("customerId") };
    let caller = Caller::from_request_parts(parts, &()).await?;
    if parts.extensions.get::<RequestContext>().is_some_and(|context| context_has_expired(context, now)) {
        return Err(Problem::new(Code::Unauthorized, "The token has expired. Send a new one."));
    }
    caller.authorize(operation, scope)?;
    etag::refuse_other_conditions(operation, &parts.headers)
}

/// The id under which the gateway, its logs and ours know a request: API Gateway's extended one, which also stands in
/// its `x-amz-apigw-id` header. `lambda_http` keeps it only with its feature `catch-all-fields`.
pub(super) fn request_id(context: &RequestContext) -> String {
    let RequestContext::ApiGatewayV1(context) = context else { return String::new() };
    let extended = context.other.get("extendedRequestId").and_then(|id| id.as_str());
    extended.or(context.request_id.as_deref()).unwrap_or_default().to_owned()
}
