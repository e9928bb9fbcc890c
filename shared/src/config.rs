//! Configuration: read from the environment once, at start.

use std::env::{self, VarError};
use std::time::Duration;
use std::{fmt, fs};

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion as _;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, StalledStreamProtectionConfig};
use http::Uri;

use crate::domain::Region;
use crate::http1::Http1;

/// What a deployment sets.
#[derive(Debug, Clone)]
pub struct Config {
    /// `TABLE_NAME`: the customers table.
    pub table: String,
    /// `DEFAULT_REGION`: the country of phone numbers without a prefix, for tenants who have set none.
    pub default_region: Region,
    /// `DYNAMODB_ENDPOINT`: another DynamoDB than the AWS one; empty or absent means AWS.
    pub dynamodb_endpoint: Option<String>,
    /// `METRICS_NAMESPACE`: where CloudWatch puts the metrics of requests; empty or absent means none.
    pub metrics_namespace: Option<String>,
    /// `PRIMING`: whether a function connects and loads before its first event what its first request needs. `off` is
    /// for measuring; `on`, empty or absent means that it does.
    pub priming: bool,
    /// `AWS_CA_BUNDLE`: a file of PEM certificates to trust in place of Amazon's roots, read here; empty or absent means
    /// those roots. The command line and the other SDKs of AWS read this variable too.
    pub ca_bundle: Option<String>,
}

/// A variable that is missing or wrong.
#[derive(thiserror::Error)]
pub enum ConfigError {
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    #[error("the environment variable {name} {problem}")]
    Wrong { name: &'static str, problem: String },
}

/// A `main` that fails prints the `Debug` form of its error, so this form is the readable message.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A call has up to four attempts, with pauses of at most 50, 100 and 200 ms between them. By default, the SDK's first
/// pause is up to a second, which is too long for a caller on the phone.
fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(50))
}

/// How long a call of DynamoDB may take. By default, the SDK only limits the time of connecting, so a connection that
/// went silent would hold a request until its deadline. DynamoDB responds in single-digit milliseconds. An attempt
/// without a response ends after 1.5 s and is repeated. After 5 s, with all attempts and pauses, the request gets `503`.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_millis(1500))
        .operation_timeout(Duration::from_secs(5))
        .build()
}

impl Config {
    /// # Errors
    /// Names the first variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let region = required("DEFAULT_REGION")?;
        let default_region = Region::parse(&region)
            .map_err(|invalid| ConfigError::Wrong { name: "DEFAULT_REGION", problem: invalid.to_string() })?;
        Ok(Self {
            table: required("TABLE_NAME")?,
            default_region,
            dynamodb_endpoint: optional("DYNAMODB_ENDPOINT")?.map(endpoint).transpose()?,
            metrics_namespace: optional("METRICS_NAMESPACE")?.map(namespace).transpose()?,
            priming: optional("PRIMING")?.map_or(Ok(true), |switch| priming(&switch))?,
            ca_bundle: optional("AWS_CA_BUNDLE")?.map(|path| ca_bundle(&path)).transpose()?,
        })
    }

    /// A DynamoDB client for this configuration, with the region and the credentials that Lambda puts into the
    /// environment. Other sources of credentials are left out, because they would be linked and loaded at each start.
    ///
    /// # Errors
    /// The environment has no region, or the file of certificates is wrong.
    ///
    /// # Panics
    /// Never: Amazon's roots are certificates.
    pub async fn dynamodb(&self) -> Result<aws_sdk_dynamodb::Client, ConfigError> {
        let region = EnvironmentVariableRegionProvider::new().region().await;
        let http = match &self.ca_bundle {
            Some(pem) => Http1::trusting(pem).map_err(wrong_ca_bundle)?,
            None => Http1::trusting(AMAZON_ROOTS).expect("Amazon's roots are certificates"),
        };
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(region.ok_or(ConfigError::Missing("AWS_REGION"))?)
            .credentials_provider(EnvironmentVariableCredentialsProvider::new())
            .http_client(http)
            .timeout_config(timeouts())
            // The timeouts limit each call, and watching the flow of each body costs time.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(retries());
        config.set_endpoint_url(self.dynamodb_endpoint.clone());
        Ok(aws_sdk_dynamodb::Client::from_conf(config.build()))
    }
}

/// The root certificates of Amazon Trust Services, which sign the certificates of AWS's endpoints
/// (`docs/decisions/0015-start.md`).
const AMAZON_ROOTS: &str = include_str!("amazon_roots.pem");

/// Refuses an address that the client cannot call. Otherwise, the first request would fail.
fn endpoint(address: String) -> Result<String, ConfigError> {
    let is_address = address.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    if is_address {
        Ok(address)
    } else {
        let problem = "is not an address such as http://127.0.0.1:8000".to_owned();
        Err(ConfigError::Wrong { name: "DYNAMODB_ENDPOINT", problem })
    }
}

/// Refuses a name that CloudWatch does not accept.
fn namespace(name: String) -> Result<String, ConfigError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._/#:-".contains(&b);
    if name.len() < 256 && name.bytes().all(allowed) && !name.starts_with("AWS/") {
        Ok(name)
    } else {
        let problem = "must be 1 to 255 of A-Z, a-z, 0-9 and ._/#:-, and must not start with AWS/".to_owned();
        Err(ConfigError::Wrong { name: "METRICS_NAMESPACE", problem })
    }
}

fn priming(switch: &str) -> Result<bool, ConfigError> {
    match switch {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(ConfigError::Wrong { name: "PRIMING", problem: "is neither on nor off".to_owned() }),
    }
}

/// The text of the file at `path`.
fn ca_bundle(path: &str) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|error| wrong_ca_bundle(format!("cannot be read: {error}")))
}

fn wrong_ca_bundle(problem: impl fmt::Display) -> ConfigError {
    ConfigError::Wrong { name: "AWS_CA_BUNDLE", problem: format!("names a file that {problem}") }
}

/// The value of a variable that must be set and not empty.
///
/// # Errors
/// Names it.
pub fn required(name: &'static str) -> Result<String, ConfigError> {
    optional(name)?.ok_or(ConfigError::Missing(name))
}

/// The value of a variable that may be missing. An empty value counts as missing, because an optional parameter of the
/// template is empty by default.
///
/// # Errors
/// A value that is not UTF-8.
pub fn optional(name: &'static str) -> Result<Option<String>, ConfigError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(ConfigError::Wrong { name, problem: "is not UTF-8".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_sent_four_times_with_pauses_that_start_at_50_ms() {
        let retries = retries();
        assert_eq!((retries.max_attempts(), retries.initial_backoff()), (4, Duration::from_millis(50)));
    }
}
