//! Counts the calls of DynamoDB; `telemetry::calls` has the counter.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

use crate::telemetry::calls::count_one;

/// Sees every attempt of a client. The SDK sends it from the task that made the call.
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

/// The same client, with its calls counted.
pub(super) fn counted(client: &Client) -> Client {
    Client::from_conf(client.config().to_builder().interceptor(Counter).build())
}
