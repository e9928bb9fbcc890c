//! Running a router that is for everybody as a Lambda: no caller is asked for, no tenant is known and no table is there.

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use futures_util::FutureExt as _;
use http::Method;
use lambda_http::lambda_runtime;
use lambda_http::request::RequestContext;

use super::Problem;
use super::edge::{below_any_base_path, no_route, outcome, refuse_ambiguous, request_id};
use super::origin::{adapter, refuse_malformed_origin};
use super::request_log::Served;
use crate::telemetry;

/// Runs `routes`, all of them for GET, on AWS Lambda until the environment ends. It reads no configuration.
///
/// # Errors
/// What the runtime gives up on.
pub async fn run(routes: Router) -> Result<(), lambda_http::Error> {
    telemetry::init(&[], None);
    lambda_runtime::run(adapter(service(routes))).await
}

/// The whole function: `routes`, all of them for GET, behind everything that holds for each request.
pub fn service(routes: Router) -> Router {
    below_any_base_path(routes.fallback(|| async { no_route() }).layer(middleware::from_fn(edge)))
}

/// Wraps every request: its id, panics, problems, the log line.
async fn edge(request: Request, next: Next) -> Response {
    let context = request.extensions().get::<RequestContext>();
    let served = Served::begin(context.map(request_id).unwrap_or_default());
    served.end(outcome(AssertUnwindSafe(run_if_get(request, next)).catch_unwind().await))
}

/// The router itself would also serve HEAD with the handler of GET, and answer other methods with no problem.
async fn run_if_get(request: Request, next: Next) -> Result<Response, Problem> {
    refuse_malformed_origin(request.headers())?;
    refuse_ambiguous(&request)?;
    let is_routed = request.extensions().get::<MatchedPath>().is_some();
    if is_routed && request.method() != Method::GET {
        return Err(Problem::method_not_allowed([Method::GET].iter()));
    }
    Ok(next.run(request).await)
}
