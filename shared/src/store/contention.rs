//! Retries operations that lost a race. The SDK retries throttling and lost connections. It does not retry transaction
//! conflicts, failed conditions, or two reads that saw different states; those are retried here.

use std::time::{Duration, Instant};

use super::StoreError;

/// The result of one attempt.
pub(super) enum Attempt<T> {
    Done(T),
    /// Another writer came first.
    Again,
    /// Another writer of the same partition came first. The attempt read this address revision.
    NextTurn(i64),
}

/// Repeats `attempt` until it is done or [`Backoff`] gives up. `attempt` gets the number of earlier attempts.
pub(super) async fn retry<T, F: Future<Output = Result<Attempt<T>, StoreError>>>(
    mut attempt: impl FnMut(u32) -> F,
) -> Result<T, StoreError> {
    let mut backoff = Backoff::new();
    loop {
        match attempt(backoff.waits).await? {
            Attempt::Done(done) => return Ok(done),
            Attempt::Again => backoff.wait().await?,
            Attempt::NextTurn(revision) => backoff.wait_for_turn(revision).await?,
        }
    }
}

/// Exponential backoff with jitter between the attempts of one operation. The deadline of the request also ends it.
pub(super) struct Backoff {
    waits: u32,
    /// The number of waits since another writer last finished.
    idle_waits: u32,
    last_revision: Option<i64>,
    attempt_started: Instant,
}

/// The maximum number of waits in a row during which no other writer finishes. Together they take half a second on
/// average and at most a second, plus the time of the attempts.
const MAX_IDLE_WAITS: u32 = 10;
/// Shorter than one attempt, so that a waiting writer can start between two attempts of another one.
const FIRST_WAIT: Duration = Duration::from_millis(5);
/// How often the upper limit of a wait doubles: up to 160 ms.
const DOUBLINGS: u32 = 5;
/// The same for the writers of one partition: up to 64 times the duration of an attempt.
const DOUBLINGS_FOR_TURN: u32 = 6;
/// The maximum duration of an attempt in this calculation, so that no wait is longer than 3.2 seconds.
const MAX_ATTEMPT: Duration = Duration::from_millis(50);

impl Backoff {
    pub(super) fn new() -> Self {
        Self { waits: 0, idle_waits: 0, last_revision: None, attempt_started: Instant::now() }
    }

    /// Waits before the next attempt.
    async fn wait(&mut self) -> Result<(), StoreError> {
        self.wait_up_to(FIRST_WAIT, DOUBLINGS).await
    }

    /// Waits before the next attempt, or returns `error` if there have been too many.
    pub(super) async fn wait_or(&mut self, error: impl FnOnce() -> StoreError) -> Result<(), StoreError> {
        self.wait().await.map_err(|_| error())
    }

    /// Like [`Backoff::wait`], for writers of one partition, which can only run one after another. If `revision` has
    /// changed since the last attempt, another writer has finished. While the others make progress, this writer does
    /// not give up, because its turn will come. The waits start at the duration of an attempt and grow until they suit
    /// about a hundred writers.
    async fn wait_for_turn(&mut self, revision: i64) -> Result<(), StoreError> {
        if self.last_revision.replace(revision) != Some(revision) {
            self.idle_waits = 0;
        }
        let attempt = self.attempt_started.elapsed().clamp(FIRST_WAIT, MAX_ATTEMPT);
        self.wait_up_to(attempt, DOUBLINGS_FOR_TURN).await
    }

    /// Waits for a random time between zero and the upper limit ("full jitter"), so that the losers of one conflict do
    /// not conflict again.
    async fn wait_up_to(&mut self, first: Duration, doublings: u32) -> Result<(), StoreError> {
        if self.idle_waits == MAX_IDLE_WAITS {
            return Err(StoreError::contended());
        }
        let longest = first * 2_u32.pow(self.waits.min(doublings));
        self.waits += 1;
        self.idle_waits += 1;
        tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        self.attempt_started = Instant::now();
        Ok(())
    }
}
