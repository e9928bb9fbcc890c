//! The gateway: routes a request as API Gateway does, authenticates the caller, and runs the function with the event.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use futures_util::FutureExt as _;
use http::Method;
use http_body_util::LengthLimitError;
use lambda_http::request::LambdaRequest;
use lambda_http::{LambdaEvent, Service as _};
use serde_json::{Value, json};
use shared::api::cors::{self, AllowedOrigin};
use shared::api::origin::adapter;
use shared::api::path::{invalid_path, is_ambiguous};
use shared::api::served_request::ServedRequest;
use shared::api::{Code, Operation, Problem, pipeline};
use shared::app::App;
use uuid::Uuid;

use crate::access::Access;
use crate::demo::Demo;
use crate::event::{self, Routed};
use crate::functions::{served, services};

/// API Gateway's maximum size of a body, in bytes.
const MAX_PAYLOAD: usize = 10 * 1024 * 1024;
/// How long API Gateway waits for a function.
const TIMEOUT: Duration = Duration::from_secs(29);

/// A request extension with the caller's context, which is used instead of the authorizer. Tests use it to call
/// functions with any context. A request over HTTP cannot contain it.
#[derive(Debug, Clone)]
pub struct CallerContext(pub Value);

/// The route of one path: its template, and for each method the operation and its function.
struct Route {
    resource: &'static str,
    operations: HashMap<Method, (Operation, Router)>,
}

/// Routes to the functions.
pub struct Gateway {
    routes: matchit::Router<Route>,
    access: Access,
    host: SocketAddr,
    origin: Option<AllowedOrigin>,
    demo: Option<Demo>,
}

impl Gateway {
    /// A gateway to all functions, which share `app`. `access` authenticates callers, and `host` is the address in
    /// events. Pages of `origin` may call it.
    ///
    /// # Panics
    /// If two functions serve one operation.
    #[must_use]
    pub fn new(app: &App, access: Access, host: SocketAddr, origin: Option<AllowedOrigin>) -> Self {
        let services = services(app);
        let mut by_path: HashMap<&str, HashMap<Method, (Operation, Router)>> = HashMap::new();
        for (operation, function) in served() {
            let service = cors::allow(services[function].clone(), origin.clone());
            let taken = by_path.entry(operation.path()).or_default().insert(operation.method(), (operation, service));
            assert!(taken.is_none(), "{function} serves an operation of another function");
        }
        let mut routes = matchit::Router::new();
        for (resource, operations) in by_path {
            let inserted = routes.insert(resource, Route { resource, operations });
            assert!(inserted.is_ok(), "two routes cannot be told apart");
        }
        Self { routes, access, host, origin, demo: None }
    }

    /// Adds demo values for the documentation site.
    #[must_use]
    pub fn with_demo(self, demo: Demo) -> Self {
        Self { demo: Some(demo), ..self }
    }

    /// The gateway as an HTTP service.
    pub fn into_router(self) -> Router {
        Router::new().fallback(serve).with_state(Arc::new(self))
    }

    pub(crate) async fn answer(&self, request: Request, request_id: &str) -> Result<Response, Problem> {
        let path = request.uri().path().to_owned();
        if is_ambiguous(&path) {
            return Err(invalid_path());
        }
        let routed = without_empty_segments(&path);
        let matched = self.routes.at(&routed).map_err(|_| pipeline::no_route())?;
        let operations = &matched.value.operations;
        let is_preflight = request.method() == Method::OPTIONS;
        // A preflight goes to a function of its path, as `template.yaml` says.
        let found = if is_preflight { operations.values().next() } else { operations.get(request.method()) };
        let Some((operation, function)) = found else {
            // API Gateway itself responds to a wrong method as to an unknown route.
            return Err(Problem::method_not_allowed(operations.keys().cloned()));
        };
        let path_parameters: Vec<(String, String)> =
            matched.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();

        let routed =
            Routed { resource: matched.value.resource, path_parameters: &path_parameters, request_id, host: self.host };
        let (parts, body) = request.into_parts();
        // Before the body is read, because the body of an unauthenticated request is not read.
        let caller = match parts.extensions.get::<CallerContext>() {
            _ if is_preflight || operation.is_public() => json!({}),
            Some(CallerContext(context)) => context.clone(),
            None => self.access.context(&parts, &routed, self.origin.as_ref()).await?,
        };
        let body = to_bytes(body, MAX_PAYLOAD).await.map_err(|error| {
            if error.into_inner().is::<LengthLimitError>() {
                Problem::new(Code::PayloadTooLarge, "The body is larger than 65,536 bytes. Send a smaller body.")
            } else {
                Problem::new(
                    Code::MalformedJson,
                    "The body is incomplete, or its transfer encoding is wrong. Send it again.",
                )
            }
        })?;
        let event = event::for_function(&parts, &body, &routed, &caller);
        invoke(function.clone(), &event).await
    }

    /// Completes a response of the gateway itself.
    fn finish(&self, served: &ServedRequest, outcome: Result<Response, Problem>) -> Response {
        let mut response = served.finish(outcome);
        if let Some(origin) = &self.origin {
            origin.set_on(response.headers_mut());
        }
        response
    }
}

/// The path that API Gateway routes by: it ignores a trailing slash
/// (<https://github.com/aws-powertools/powertools-lambda-python/issues/1552>) and a doubled one
/// (<https://github.com/localstack/localstack/issues/11253>). The function gets the path as it was sent.
fn without_empty_segments(path: &str) -> String {
    path.split('/').filter(|segment| !segment.is_empty()).fold(String::new(), |path, segment| path + "/" + segment)
}

/// Serves one request. A function logs the requests that reach it. All other requests are logged here.
async fn serve(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let served = ServedRequest::begin(Uuid::new_v4().to_string());
    if request.method() == Method::GET && request.uri().path() == "/" {
        // Relative, so that it also works below a stage.
        return gateway.finish(&served, Ok(Redirect::temporary("docs").into_response()));
    }
    if let Some(demo) = gateway.demo.as_ref().filter(|_| Demo::is_asked_for(&request, gateway.host)) {
        // Only for the page of this server, so no other page may read it.
        return served.finish(demo.answer(&gateway, served.request_id()).await);
    }
    match gateway.answer(request, served.request_id()).await {
        Ok(response) => response,
        Err(problem) => gateway.finish(&served, Err(problem)),
    }
}

/// Why a function returned no response that API Gateway could pass on.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the function panicked outside its handler")]
    Panicked,
    #[error("lambda_http could not read the event or its response could not be written")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Malformed(#[from] event::Malformed),
}

/// Runs a function with an event as Lambda does: through the JSON, `lambda_http`'s deserializer and its adapter.
///
/// # Errors
/// API Gateway's error if the function fails, returns a malformed response or takes too long.
pub async fn invoke(function: Router, event: &Value) -> Result<Response, Problem> {
    let invoked = AssertUnwindSafe(async {
        let payload: LambdaRequest = serde_json::from_str(&event.to_string())?;
        let answering = adapter(function).call(LambdaEvent::new(payload, lambda_http::Context::default()));
        let Ok(answer) = answering.await;
        Ok(event::to_http(&serde_json::to_value(answer)?)?)
    });
    match tokio::time::timeout(TIMEOUT, invoked.catch_unwind()).await {
        Err(_) => Err(Problem::new(Code::GatewayTimeout, "The function took too long. Retrying the request is safe.")),
        Ok(Err(_)) => Err(bad_gateway(Failed::Panicked)),
        Ok(Ok(answered)) => answered.map_err(bad_gateway),
    }
}

fn bad_gateway(cause: Failed) -> Problem {
    Problem::new(Code::BadGateway, "The function failed. Retrying the request is safe.").with_cause(cause)
}
