//! Configuration: read from the environment once, at start.

use std::env::{self, VarError};
use std::fmt;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use http::Uri;

use crate::domain::Region;

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

/// How often a call is sent, the first time included.
const ATTEMPTS: u32 = 3;

/// How long a call of DynamoDB may take. By itself the SDK bounds only the connecting, so a connection that went
/// silent would hold a request until the gateway gives up after 29 s and Lambda ends the environment. DynamoDB answers
/// in single-digit milliseconds; what has not answered in 1.5 s is better asked again, and what has not after 5 s, all
/// attempts and the pauses between them together, is our `503`.
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
        })
    }

    /// A DynamoDB client for this configuration, with the credentials and region of the environment.
    pub async fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let sdk = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let mut config = aws_sdk_dynamodb::config::Builder::from(&sdk);
        config.set_endpoint_url(self.dynamodb_endpoint.clone());
        config.set_timeout_config(Some(timeouts()));
        config.set_retry_config(Some(RetryConfig::standard().with_max_attempts(ATTEMPTS)));
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }
}

/// An address that the client can call. The client itself would find out with the first request.
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

/// A name that CloudWatch takes.
fn namespace(name: String) -> Result<String, ConfigError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._/#:-".contains(&b);
    if name.len() < 256 && name.bytes().all(allowed) && !name.starts_with("AWS/") {
        Ok(name)
    } else {
        let problem = "is not 1 to 255 out of A-Z, a-z, 0-9 and ._/#:- and not beginning with AWS/".to_owned();
        Err(ConfigError::Wrong { name: "METRICS_NAMESPACE", problem })
    }
}

/// The value of a variable that must be set, and not to nothing.
///
/// # Errors
/// Names it.
pub fn required(name: &'static str) -> Result<String, ConfigError> {
    optional(name)?.ok_or(ConfigError::Missing(name))
}

fn optional(name: &'static str) -> Result<Option<String>, ConfigError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(ConfigError::Wrong { name, problem: "is not UTF-8".to_owned() }),
    }
}
