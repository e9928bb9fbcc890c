//! The end of every request: a problem becomes a body, the common headers are set, and one line of log is written.

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

/// The gateway's id of a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The invocation of a Lambda function. The lines that Lambda itself writes have its id too, and the fields are named as
/// Powertools for AWS Lambda names them.
#[derive(Debug)]
struct Invocation {
    request_id: String,
    function: Arc<Config>,
    cold_start: bool,
}

/// What is known of a request that is being served. Nothing in it comes from the request's path, query, headers or
/// body, but for ids that the caller's token confirms.
#[derive(Debug)]
pub struct Served {
    started: Instant,
    request_id: String,
    operation: Option<Operation>,
    tenant: Option<ClientId>,
    invocation: Option<Invocation>,
    /// Calls of DynamoDB.
    calls: u32,
}

impl Served {
    /// A request that begins now.
    #[must_use]
    pub fn begin(request_id: String) -> Self {
        Self { started: Instant::now(), request_id, operation: None, tenant: None, invocation: None, calls: 0 }
    }

    /// The same with the tenant and the operation, as far as they are known.
    #[must_use]
    pub fn by(self, tenant: Option<ClientId>, operation: Option<Operation>) -> Self {
        Self { operation, tenant, ..self }
    }

    /// The same in an invocation, which is a cold start if it is the first of its environment.
    #[must_use]
    pub fn invoked(self, context: Option<&Context>, cold_start: bool) -> Self {
        // `local` invokes functions without an id.
        let context = context.filter(|context| !context.request_id.is_empty());
        let invocation = context.map(|context| Invocation {
            request_id: context.request_id.clone(),
            function: Arc::clone(&context.env_config),
            cold_start,
        });
        Self { invocation, ..self }
    }

    /// The same, with that many calls of DynamoDB made.
    #[must_use]
    pub fn having_called(self, calls: u32) -> Self {
        Self { calls, ..self }
    }

    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The response as the client gets it. Call it once: it writes the request's line.
    #[must_use]
    pub fn end(&self, outcome: Result<Response, Problem>) -> Response {
        let (mut response, problem) = match outcome {
            Ok(response) => (response, None),
            Err(problem) => (problem.respond(&self.request_id), Some(problem)),
        };
        let headers = response.headers_mut();
        // Only a file of the documentation site says otherwise.
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

/// Milliseconds, to the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
