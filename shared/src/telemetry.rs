//! Logs: JSON, one line per request (see `api::request_log`), and nothing of what the request carried.

pub mod calls;
mod json_line;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use json_line::JsonLine;

/// The target of the lines that this service writes.
pub const TARGET: &str = "customers";
/// The name of the event that a request ends with, which its metrics are read from.
pub const REQUEST: &str = "request";

/// Where `lambda_runtime` repeats the error of a handler and its panic, without a request id. The authorizer's errors are
/// refusals of tokens, which it logs itself; the panic hook of [`init`] logs panics.
const REPEATS: &str = "lambda_runtime::layers::panic";

/// The JSON formatter. Libraries are heard from `WARN` up, whatever the environment says: below that the AWS SDK
/// and hyper print whole requests. Of those in `quiet` only errors are heard. The metrics of requests go to
/// `metrics_namespace`, if there is one.
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
    let format = JsonLine { metrics_namespace: metrics_namespace.map(str::to_owned) };
    fmt::layer().event_format(format).with_writer(writer).with_filter(filter)
}

/// Logs to standard error from here on, which Lambda sends to CloudWatch.
pub fn init(quiet: &[&'static str], metrics_namespace: Option<&str>) {
    tracing_subscriber::registry().with(layer(std::io::stderr, quiet, metrics_namespace)).init();
    // Where a panic was is told, its message is not: it may repeat a value that somebody sent.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(target: TARGET, place, "panic");
    }));
}
