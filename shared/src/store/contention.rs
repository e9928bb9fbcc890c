//! Retries of a write that lost a race. The SDK retries throttling and lost connections, but no transaction conflict, no
//! failed condition and no pair of reads that was not one snapshot: those are retried here.

use std::time::{Duration, Instant};

use super::StoreError;

/// What became of one attempt at a write.
pub(super) enum Attempt<T> {
    Done(T),
    /// Another writer came first.
    Again,
    /// The same, among the writers of one partition, whose profile had this address revision.
    NextTurn(i64),
}

/// Attempts a write until it is done. Others may come first as often as [`Backoff`] allows. `attempt` is told how many
/// attempts were made before.
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

/// Growing, random waits between the attempts of one write, until others have come first too often. The deadline of a
/// request also ends them.
struct Backoff {
    waits: u32,
    /// Waits since another writer was last seen to finish.
    idle_waits: u32,
    last_revision: Option<i64>,
    attempt_started: Instant,
}

/// Most waits in a row without another writer that finishes: half a second on average, and at most one, if attempts
/// take no time.
const MAX_IDLE_WAITS: u32 = 10;
/// Shorter than one attempt, so that two writers who take turns find the gap between.
const FIRST_WAIT: Duration = Duration::from_millis(5);
/// How often the longest wait is doubled: to 160 ms.
const DOUBLINGS: u32 = 5;
/// The same for the writers of one partition: to 64 times an attempt.
const DOUBLINGS_FOR_TURN: u32 = 6;
/// What an attempt is taken for at most, so that the longest wait is 3.2 seconds.
const MAX_ATTEMPT: Duration = Duration::from_millis(50);

impl Backoff {
    fn new() -> Self {
        Self { waits: 0, idle_waits: 0, last_revision: None, attempt_started: Instant::now() }
    }

    /// Waits before the next attempt.
    async fn wait(&mut self) -> Result<(), StoreError> {
        self.wait_up_to(FIRST_WAIT, DOUBLINGS).await
    }

    /// As [`Backoff::wait`], for the writers of one partition, who can only go one after another. A `revision` that has
    /// moved since the last attempt says that one of them finished. There are only so many, so this one's turn comes: it
    /// does not give up while the others make progress. The waits grow from the time that an attempt takes, to as long
    /// as a hundred others need.
    async fn wait_for_turn(&mut self, revision: i64) -> Result<(), StoreError> {
        if self.last_revision.replace(revision) != Some(revision) {
            self.idle_waits = 0;
        }
        let attempt = self.attempt_started.elapsed().clamp(FIRST_WAIT, MAX_ATTEMPT);
        self.wait_up_to(attempt, DOUBLINGS_FOR_TURN).await
    }

    /// "Full jitter": from nothing to the longest wait, so that the losers of one conflict do not meet again.
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
