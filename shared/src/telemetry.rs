//! Logs: one JSON line per request (see `api::served_request`). A line contains nothing from the request's path, query,
//! headers or body.

pub mod calls;
mod json_line;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use json_line::JsonLine;

/// The target of this service's own log lines.
pub const TARGET: &str = "customers";
/// The name of the event that ends a request. Metrics are read from this event.
pub const REQUEST: &str = "request";

/// The target with which `lambda_runtime` repeats the error or the panic of a handler, without a request id. The
/// authorizer's errors are refusals of tokens, which it logs itself; the panic hook of [`init`] logs panics.
const REPEATS: &str = "lambda_runtime::layers::panic";

/// The JSON formatter. Libraries log from `WARN` up, and those in `quiet` only errors. The environment cannot lower
/// this level, because the AWS SDK and hyper print whole requests at lower levels. The metrics of requests go to
/// `metrics_namespace`; without one there are no metrics.
pub fn layer<S, W>(writer: W, quiet: &[&'static str], metrics_namespace: Option<&str>) -> impl Layer<S> + Send + Sync
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_targets(quiet.iter().map(|target| (*target, LevelFilter::ERROR)))
        .with_target(REPEATS, LevelFilter::OFF)
        .with_target(TARGET, LevelFilter::INFO);
    fmt::layer().event_format(JsonLine::new(metrics_namespace)).with_writer(writer).with_filter(filter)
}

/// Starts logging to standard error, which Lambda sends to CloudWatch.
pub fn init(quiet: &[&'static str], metrics_namespace: Option<&str>) {
    tracing_subscriber::registry().with(layer(std::io::stderr, quiet, metrics_namespace)).init();
    // Logs where a panic happened, but not its message, because the message may contain a value from a request.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(target: TARGET, place, "panic");
    }));
}
