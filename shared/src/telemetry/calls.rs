//! How many calls of DynamoDB a request makes. It knows nothing of DynamoDB, so that the pipeline can count without it.

use std::cell::Cell;

tokio::task_local! {
    /// The calls that this task has sent within [`counting`].
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

/// Counts a call. Calls outside of a request are not counted.
pub(crate) fn count_one() {
    let _ = SENT.try_with(|sent| sent.set(sent.get() + 1));
}
