//! Counts the DynamoDB calls of a request. This module does not depend on DynamoDB, so that the pipeline can use it.

use std::cell::Cell;

tokio::task_local! {
    /// The calls that this task has made within [`counting`].
    static SENT: Cell<u32>;
}

/// Runs `request` and returns its result with the number of DynamoDB calls that it made. Each retry by the SDK counts
/// as a call.
pub async fn counting<T>(request: impl Future<Output = T>) -> (T, u32) {
    SENT.scope(Cell::new(0), async {
        let answer = request.await;
        (answer, SENT.with(Cell::get))
    })
    .await
}

/// Counts a call. Calls outside a request are not counted.
pub(crate) fn count_one() {
    let _ = SENT.try_with(|sent| sent.set(sent.get() + 1));
}
