//! Finishes every request: turns a problem into a body, sets the common headers and writes one log line.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::response::Response;
use http::header::{CACHE_CONTROL, HeaderName};
use http::{HeaderValue, StatusCode};
use lambda_http::Context;
use lambda_http::lambda_runtime::Config;

use super::{Operation, Problem};
use crate::domain::ClientId;
use crate::telemetry;

/// The response header with the gateway's id of the request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The invocation of a Lambda function. The lines that Lambda itself writes have its id too, and the fields are named as
/// Powertools for AWS Lambda names them.
#[derive(Debug)]
struct Invocation {
    request_id: String,
    function: Arc<Config>,
    cold_start: bool,
}

/// The facts about a request that are logged. They contain nothing that the client chose freely: no path, query, header
/// or body. The tenant is confirmed by the caller's token.
#[derive(Debug)]
pub struct ServedRequest {
    started: Instant,
    request_id: String,
    operation: Option<Operation>,
    tenant: Option<ClientId>,
    invocation: Option<Invocation>,
    /// The number of calls to DynamoDB.
    calls: u32,
}

impl ServedRequest {
    /// Starts the clock of a request.
    #[must_use]
    pub fn begin(request_id: String) -> Self {
        Self { started: Instant::now(), request_id, operation: None, tenant: None, invocation: None, calls: 0 }
    }

    /// Sets the tenant and the operation, if they are known.
    #[must_use]
    pub fn with_caller(self, tenant: Option<ClientId>, operation: Option<Operation>) -> Self {
        Self { operation, tenant, ..self }
    }

    /// Sets the invocation, which is a cold start if it is the first of its environment.
    #[must_use]
    pub fn with_invocation(self, context: Option<&Context>, cold_start: bool) -> Self {
        // `local` invokes functions without an id.
        let context = context.filter(|context| !context.request_id.is_empty());
        let invocation = context.map(|context| Invocation {
            request_id: context.request_id.clone(),
            function: Arc::clone(&context.env_config),
            cold_start,
        });
        Self { invocation, ..self }
    }

    /// Sets the number of calls to DynamoDB.
    #[must_use]
    pub fn with_dynamodb_calls(self, calls: u32) -> Self {
        Self { calls, ..self }
    }

    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Completes the response for the client. Call it once, because it writes the log line of the request.
    #[must_use]
    pub fn finish(&self, outcome: Result<Response, Problem>) -> Response {
        let (mut response, problem) = match outcome {
            Ok(response) => (response, None),
            Err(problem) => (problem.respond(&self.request_id), Some(problem)),
        };
        let headers = response.headers_mut();
        // Only files of the documentation site set the header themselves.
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        if let Ok(value) = HeaderValue::from_str(&self.request_id) {
            headers.insert(REQUEST_ID, value);
        }
        self.log(response.status(), problem.as_ref());
        response
    }

    fn log(&self, status: StatusCode, problem: Option<&Problem>) {
        let operation = self.operation.map_or("none", Operation::name);
        let tenant = self.tenant.as_ref().map_or("none", ClientId::as_str);
        let duration_ms = milliseconds(self.started.elapsed());
        let request_id = self.request_id.as_str();
        let invocation = self.invocation.as_ref();
        let function_request_id = invocation.map(|invocation| invocation.request_id.as_str());
        let function_name = invocation.map(|invocation| invocation.function.function_name.as_str());
        let version = invocation.map(|invocation| invocation.function.version.as_str());
        let cold_start = invocation.map(|invocation| invocation.cold_start);
        let code = problem.map(|problem| problem.code().as_str());
        let cause = problem.and_then(Problem::cause_chain);
        let (status_code, dynamodb_calls) = (status.as_u16(), self.calls);
        let status_class = format!("{}xx", status_code / 100);
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    name: telemetry::REQUEST,
                    target: telemetry::TARGET,
                    operation,
                    tenant,
                    status = status_code,
                    status_class,
                    duration_ms,
                    dynamodb_calls,
                    request_id,
                    function_request_id,
                    function_name,
                    version,
                    cold_start,
                    code,
                    cause,
                    "request"
                )
            };
        }
        if status.is_server_error() { line!(error) } else { line!(info) }
    }
}

/// Milliseconds, rounded to the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
