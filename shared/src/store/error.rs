//! Errors of the store, grouped by what a caller can do about them.

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;

/// A failed call. Messages contain error codes and request ids only, because DynamoDB's own messages may repeat a key,
/// and a key may contain a phone number.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Throttled, timed out, unreachable or too much contention. A retry may succeed.
    #[error("DynamoDB {operation} is unavailable: {cause}")]
    Unavailable { operation: &'static str, cause: String },
    /// DynamoDB refuses the request. A retry does not help.
    #[error("DynamoDB {operation} was refused: {cause}")]
    Refused { operation: &'static str, cause: String },
    /// An item does not have the format that this service writes.
    #[error("a {entity} does not have its stored format")]
    Unreadable {
        entity: &'static str,
        #[source]
        source: serde_dynamo::Error,
    },
    /// A response of DynamoDB contradicts an invariant of this service.
    #[error("{0}")]
    Inconsistent(&'static str),
}

impl StoreError {
    /// Whether a retry may succeed.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Other writers came first in every attempt.
    pub(super) fn contended() -> Self {
        Self::Unavailable { operation: "write", cause: "other writers came first every time".to_owned() }
    }

    /// DynamoDB left a part of a batch undone in every attempt.
    pub(super) fn throttled(operation: &'static str) -> Self {
        Self::Unavailable { operation, cause: "keys stayed unprocessed in every attempt".to_owned() }
    }

    pub(super) fn unreadable(entity: &'static str) -> impl FnOnce(serde_dynamo::Error) -> Self {
        move |source| Self::Unreadable { entity, source }
    }

    /// Classifies an error of the SDK.
    pub(super) fn sdk<E>(operation: &'static str) -> impl FnOnce(SdkError<E>) -> Self
    where
        SdkError<E>: ProvideErrorMetadata + RequestId,
    {
        move |error| {
            let kind = match &error {
                SdkError::ConstructionFailure(_) => "the request could not be built",
                SdkError::TimeoutError(_) => "timed out",
                SdkError::DispatchFailure(_) => "could not connect",
                SdkError::ResponseError(_) => "the response could not be read",
                _ => "returned an error",
            };
            let code = error.code().unwrap_or("no code");
            let request = error.request_id().unwrap_or("none");
            let cause = format!("{kind} ({code}, request id {request})");
            // A proxy between this service and DynamoDB can also respond, with its own error code or without one.
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

/// The SDK's builder refuses a request only because of a programming error.
impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Refused { operation: "request", cause: error.to_string() }
    }
}
