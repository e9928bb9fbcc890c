//! The format of a log line: one JSON object. The line of a request also contains CloudWatch's embedded metrics.

use std::fmt;
use std::time::{SystemTime as Now, UNIX_EPOCH};

use serde::Serialize;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::REQUEST;

/// Writes each event as one flat JSON object.
pub(super) struct JsonLine {
    /// The definition of the metrics of requests, as JSON; `None` means no metrics.
    metrics: Option<String>,
}

impl JsonLine {
    /// `metrics_namespace` is the CloudWatch namespace for the metrics of requests; `None` means no metrics.
    pub(super) fn new(metrics_namespace: Option<&str>) -> Self {
        Self { metrics: metrics_namespace.map(metrics) }
    }
}

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut line = Line(Vec::with_capacity(TYPICAL));
        line.set("timestamp", &time);
        line.set("level", event.metadata().level().as_str());
        event.record(&mut line);
        if let Some(metrics) = self.metrics.as_deref().filter(|_| event.metadata().name() == REQUEST) {
            let now = Now::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let aws = format!(r#"{{"Timestamp":{},"CloudWatchMetrics":{metrics}}}"#, now.as_millis());
            line.name("_aws").extend(aws.into_bytes());
        }
        writeln!(writer, "{}}}", str::from_utf8(&line.0).expect("JSON is UTF-8"))
    }
}

/// The metadata that makes CloudWatch extract metrics from the line
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
/// The tenant is not a dimension, because each combination of dimensions is billed as a separate metric.
fn metrics(namespace: &str) -> String {
    let definition = json!([{
        "Namespace": namespace,
        "Dimensions": [["operation", "status_class"]],
        "Metrics": [
            { "Name": "duration_ms", "Unit": "Milliseconds" },
            { "Name": "dynamodb_calls", "Unit": "Count" },
        ],
    }]);
    definition.to_string()
}

/// The bytes of most lines.
const TYPICAL: usize = 1024;

/// An object of JSON that is not closed yet. Writing it field by field is faster than collecting the fields first.
struct Line(Vec<u8>);

impl Line {
    /// Begins a field. The names of fields need no escapes: they are those of this service's code.
    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        self.0.extend(if self.0.is_empty() { b"{\"" } else { b",\"" });
        self.0.extend(name.as_bytes());
        self.0.extend(b"\":");
        &mut self.0
    }

    fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        serde_json::to_writer(self.name(name), value).expect("text and numbers are JSON");
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field.name(), &format!("{value:?}"));
    }
}
