//! The format of a log line: one JSON object. The line of a request also contains CloudWatch's embedded metrics.

use std::fmt;
use std::time::{SystemTime as Now, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::REQUEST;

/// Writes each event as one flat JSON object.
pub(super) struct JsonLine {
    /// The CloudWatch namespace for the metrics of requests; `None` means no metrics.
    pub(super) metrics_namespace: Option<String>,
}

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut line = Fields(Map::new());
        line.set("timestamp", time);
        line.set("level", event.metadata().level().as_str());
        event.record(&mut line);
        if let Some(namespace) = self.metrics_namespace.as_deref().filter(|_| event.metadata().name() == REQUEST) {
            line.set("_aws", embedded_metrics(namespace));
        }
        writeln!(writer, "{}", Value::Object(line.0))
    }
}

/// The metadata that makes CloudWatch extract metrics from the line
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
/// The tenant is not a dimension, because each combination of dimensions is billed as a separate metric.
fn embedded_metrics(namespace: &str) -> Value {
    let now = Now::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    json!({
        "Timestamp": u64::try_from(now.as_millis()).unwrap_or_default(),
        "CloudWatchMetrics": [{
            "Namespace": namespace,
            "Dimensions": [["operation", "status_class"]],
            "Metrics": [
                { "Name": "duration_ms", "Unit": "Milliseconds" },
                { "Name": "dynamodb_calls", "Unit": "Count" },
            ],
        }],
    })
}

struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field.name(), format!("{value:?}"));
    }
}
