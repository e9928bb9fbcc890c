//! Counts the calls to DynamoDB. The counter is in `telemetry::calls`.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

use crate::telemetry::calls::count_one;

/// Counts every attempt that a client sends. The SDK runs it on the task that makes the call.
#[derive(Debug)]
struct Counter;

impl Intercept for Counter {
    fn name(&self) -> &'static str {
        "Counter"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        count_one();
        Ok(())
    }
}

/// Returns a client like `client` whose calls are counted.
pub(super) fn counted(client: &Client) -> Client {
    Client::from_conf(client.config().to_builder().interceptor(Counter).build())
}
