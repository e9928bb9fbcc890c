//! What can go wrong between us and DynamoDB, told apart by what a caller can do about it.

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;

/// A call that brought no answer. The messages carry error codes and request ids only: DynamoDB's own texts can
/// repeat a key, and a key can be a phone number.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Throttled, timed out, unreachable or contended for too long: the same request may work in a moment.
    #[error("DynamoDB {operation} is unavailable: {cause}")]
    Unavailable { operation: &'static str, cause: String },
    /// DynamoDB will not take this request, now or later.
    #[error("DynamoDB {operation} was refused: {cause}")]
    Refused { operation: &'static str, cause: String },
    /// An item is not what we write.
    #[error("a {entity} does not fit its stored form")]
    Unreadable {
        entity: &'static str,
        #[source]
        source: serde_dynamo::Error,
    },
    /// What DynamoDB answered contradicts what we wrote.
    #[error("{0}")]
    Inconsistent(&'static str),
}

impl StoreError {
    /// Whether the same request may succeed if it is sent again soon.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Others wrote the same items every time we tried.
    pub(super) fn contended() -> Self {
        Self::Unavailable { operation: "write", cause: "other writers came first every time".to_owned() }
    }

    pub(super) fn unreadable(entity: &'static str) -> impl FnOnce(serde_dynamo::Error) -> Self {
        move |source| Self::Unreadable { entity, source }
    }

    /// Sorts what the SDK reports of `operation`.
    pub(super) fn sdk<E>(operation: &'static str) -> impl FnOnce(SdkError<E>) -> Self
    where
        SdkError<E>: ProvideErrorMetadata + RequestId,
    {
        move |error| {
            let kind = match &error {
                SdkError::ConstructionFailure(_) => "the request could not be built",
                SdkError::TimeoutError(_) => "timed out",
                SdkError::DispatchFailure(_) => "not reached",
                SdkError::ResponseError(_) => "the answer could not be read",
                _ => "answered with an error",
            };
            let code = error.code().unwrap_or("no code");
            let request = error.request_id().unwrap_or("none");
            let cause = format!("{kind} ({code}, request id {request})");
            // Whatever stands between us and DynamoDB can answer too, with a code of its own or without one.
            let status = error.raw_response().map(|response| response.status().as_u16());
            let is_busy = status.is_some_and(|status| status == 429 || status >= 500);
            let temporary = match &error {
                _ if is_busy => true,
                SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
                _ => matches!(
                    code,
                    "ProvisionedThroughputExceededException"
                        | "RequestLimitExceeded"
                        | "ThrottlingException"
                        | "InternalServerError"
                        | "ServiceUnavailable"
                        | "TransactionInProgressException"
                        | "TransactionConflictException"
                        | "TransactionCanceledException"
                        | "ReplicatedWriteConflictException"
                ),
            };
            if temporary { Self::Unavailable { operation, cause } } else { Self::Refused { operation, cause } }
        }
    }
}

/// A request that the SDK's builder refuses: a programming error.
impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Refused { operation: "request", cause: error.to_string() }
    }
}
