//! Trying again where other writers came first. The SDK retries throttling and lost connections, but nobody
//! retries a conflict of transactions, or a pair of reads that was not one snapshot, but us.

use std::time::Duration;

use super::StoreError;

/// A bounded number of attempts with a growing, random pause between two.
pub(super) struct Attempts {
    pauses: u32,
}

/// With the pauses below, half a second of waiting on average, and at most one.
const MOST_PAUSES: u32 = 10;
/// Shorter than one try, so that two writers who take turns find the gap between.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// How often the longest pause is doubled: to 160 ms.
const DOUBLINGS: u32 = 5;

impl Attempts {
    pub(super) fn new() -> Self {
        Self { pauses: 0 }
    }

    /// Waits before the next attempt ("full jitter": anything from nothing to the whole pause, so that the losers
    /// of one conflict do not meet again).
    pub(super) async fn pause(&mut self) -> Result<(), StoreError> {
        if self.pauses == MOST_PAUSES {
            return Err(StoreError::contended());
        }
        let longest = FIRST_PAUSE * 2_u32.pow(self.pauses.min(DOUBLINGS));
        self.pauses += 1;
        tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        Ok(())
    }
}
