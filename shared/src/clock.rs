//! The current time: the system's clock, or a clock that a test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::UnixSeconds;

/// A source of the current time.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that always shows `time`. A test changes `time`.
    #[must_use]
    pub fn manual(time: Arc<AtomicI64>) -> Self {
        Self(Some(time))
    }

    /// Now, in Unix seconds.
    ///
    /// # Panics
    /// If the system's clock is before 1970: every date that is stored would be wrong.
    #[must_use]
    pub fn now(&self) -> UnixSeconds {
        match &self.0 {
            Some(time) => time.load(Ordering::Relaxed),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .ok()
                .and_then(|since| UnixSeconds::try_from(since.as_secs()).ok())
                .expect("the system's clock is not before 1970"),
        }
    }
}
