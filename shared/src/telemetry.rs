//! Logs: JSON, one line per request (see `api::edge`), and nothing of what the request carried.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// The target of the lines that this service writes.
pub const TARGET: &str = "customers";

/// The JSON formatter. Libraries are heard from `WARN` up, whatever the environment says: below that the AWS SDK
/// and hyper print whole requests. Of those in `quiet` only errors are heard.
pub fn layer<S, W>(writer: W, quiet: &[&'static str]) -> impl Layer<S> + Send + Sync
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_targets(quiet.iter().map(|target| (*target, LevelFilter::ERROR)))
        .with_target(TARGET, LevelFilter::INFO);
    fmt::layer().json().flatten_event(true).with_target(false).with_writer(writer).with_filter(filter)
}

/// Logs to standard error from here on, which Lambda sends to CloudWatch.
pub fn init(quiet: &[&'static str]) {
    tracing_subscriber::registry().with(layer(std::io::stderr, quiet)).init();
    // Where a panic was is told, its message is not: it may repeat a value that somebody sent.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(target: TARGET, place, "panic");
    }));
}
