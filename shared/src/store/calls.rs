//! How many calls of DynamoDB a request makes.

use std::cell::Cell;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

tokio::task_local! {
    /// Those that this task has sent within [`counting`].
    static SENT: Cell<u32>;
}

/// The answer of `request`, and how many calls of DynamoDB it sent. Each attempt is one, also where the SDK tries again.
pub async fn counting<T>(request: impl Future<Output = T>) -> (T, u32) {
    SENT.scope(Cell::new(0), async {
        let answer = request.await;
        (answer, SENT.with(Cell::get))
    })
    .await
}

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
        // Outside of a request nobody counts.
        let _ = SENT.try_with(|sent| sent.set(sent.get() + 1));
        Ok(())
    }
}

/// The same client, with its calls counted.
pub(super) fn counted(client: &Client) -> Client {
    Client::from_conf(client.config().to_builder().interceptor(Counter).build())
}
