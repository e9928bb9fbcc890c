//! The clients of the AWS account, and the errors of their calls.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_apigateway::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_apigateway::operation::RequestId;

/// The number of attempts of a call. API Gateway accepts five new keys per second and account, and refuses more. With
/// pauses that double from one second, these attempts are enough for several concurrent runs.
const ATTEMPTS: u32 = 6;

/// How long a call may take. A person waits at a terminal and may be far away from the region, so the timeouts are
/// longer than those of a function.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(15))
        .operation_timeout(Duration::from_secs(90))
        .build()
}

/// The clients of one account and region.
pub(crate) struct Aws {
    pub(crate) gateway: aws_sdk_apigateway::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) region: String,
}

#[derive(Debug, thiserror::Error)]
#[error("no AWS region is configured: set AWS_REGION, or AWS_PROFILE to a profile that has one")]
pub(crate) struct NoRegion;

impl Aws {
    /// Reads the configuration of the AWS command line from the environment and files, including endpoints.
    pub(crate) async fn from_env() -> Result<Self, NoRegion> {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .timeout_config(timeouts())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .load()
            .await;
        let region = config.region().ok_or(NoRegion)?.to_string();
        let gateway = aws_sdk_apigateway::Client::new(&config);
        let dynamodb = aws_sdk_dynamodb::Client::new(&config);
        Ok(Self { gateway, dynamodb, region })
    }
}

/// A failed call of API Gateway. Unlike DynamoDB's messages, its messages contain no personal data. They tell an
/// administrator which permission is missing or which limit is reached.
#[derive(Debug, thiserror::Error)]
#[error("API Gateway {operation}: {cause}")]
pub(crate) struct CallFailed {
    operation: &'static str,
    cause: String,
}

impl CallFailed {
    pub(crate) fn of<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
        R: fmt::Debug + 'static,
        SdkError<E, R>: RequestId,
    {
        move |error| {
            let cause = match error.code().zip(error.message()) {
                Some((code, message)) => {
                    format!("{code}: {message} (request id {})", error.request_id().unwrap_or("none"))
                }
                None => chain(&error),
            };
            Self { operation, cause }
        }
    }
}

/// An error and its sources in one line, outermost first.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ").replace('\n', " ")
}
