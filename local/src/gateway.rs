//! The gateway: routes a request as API Gateway does, asks who calls, and runs the function on the event.

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
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
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

/// Most bytes of a body that API Gateway takes.
const MAX_PAYLOAD: usize = 10 * 1024 * 1024;
/// How long API Gateway waits for a function.
const TIMEOUT: Duration = Duration::from_secs(29);

/// What the function is told of the caller, where nobody is to be asked: for tests of what a function does with it. A
/// request over HTTP cannot carry it.
#[derive(Debug, Clone)]
pub struct CallerContext(pub Value);

/// One path: its template, and the operation of each method with the function that serves it.
struct Route {
    resource: &'static str,
    operations: HashMap<Method, (Operation, Router)>,
}

/// Routes to the functions.
pub struct Gateway {
    routes: matchit::Router<Route>,
    access: Access,
    host: SocketAddr,
    demo: Option<Demo>,
}

impl Gateway {
    /// A gateway to every function, each with `app`. `access` decides who the caller is, and `host` is the address that
    /// events name.
    ///
    /// # Panics
    /// If two functions serve one operation.
    #[must_use]
    pub fn new(app: &App, access: Access, host: SocketAddr) -> Self {
        let services = services(app);
        let mut by_path: HashMap<&str, HashMap<Method, (Operation, Router)>> = HashMap::new();
        for (operation, function) in served() {
            let service = services[function].clone();
            let taken = by_path.entry(operation.path()).or_default().insert(operation.method(), (operation, service));
            assert!(taken.is_none(), "{function} serves an operation of another function");
        }
        let mut routes = matchit::Router::new();
        for (resource, operations) in by_path {
            let inserted = routes.insert(resource, Route { resource, operations });
            assert!(inserted.is_ok(), "two routes cannot be told apart");
        }
        Self { routes, access, host, demo: None }
    }

    /// The same, with something to try the API with from the page of the reference.
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
        let matched = self.routes.at(&path).map_err(|_| pipeline::no_route())?;
        let Some((operation, function)) = matched.value.operations.get(request.method()) else {
            // API Gateway itself answers a wrong method as it does an unknown route.
            return Err(Problem::method_not_allowed(matched.value.operations.keys().cloned()));
        };
        let path_parameters: Vec<(String, String)> = matched
            .params
            .iter()
            .map(|(name, value)| (name.to_owned(), percent_decode_str(value).decode_utf8_lossy().into_owned()))
            .collect();

        let routed =
            Routed { resource: matched.value.resource, path_parameters: &path_parameters, request_id, host: self.host };
        let (parts, body) = request.into_parts();
        // Before the body is read: a stranger's is not.
        let caller = match parts.extensions.get::<CallerContext>() {
            _ if operation.is_public() => json!({}),
            Some(CallerContext(context)) => context.clone(),
            None => self.access.context(&parts, &routed)?,
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
}

/// A request that gets to a function is logged by it; what does not, or fails outside of it, is logged here.
async fn serve(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let served = ServedRequest::begin(Uuid::new_v4().to_string());
    if request.method() == Method::GET && request.uri().path() == "/" {
        // Relative, so that it is right below a stage.
        return served.finish(Ok(Redirect::temporary("docs").into_response()));
    }
    if let Some(demo) = gateway.demo.as_ref().filter(|_| Demo::is_asked_for(&request, gateway.host)) {
        return served.finish(demo.answer(&gateway, served.request_id()).await);
    }
    match gateway.answer(request, served.request_id()).await {
        Ok(response) => response,
        Err(problem) => served.finish(Err(problem)),
    }
}

/// A function that gave no answer which API Gateway could pass on.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the function panicked outside its handler")]
    Panicked,
    #[error("the event or the answer is not what lambda_http takes or gives")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Malformed(#[from] event::Malformed),
}

/// Runs a function on an event as Lambda would: through the JSON, `lambda_http`'s deserializer and its adapter.
///
/// # Errors
/// What API Gateway answers where a function fails, gives nothing it can pass on, or takes too long.
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
