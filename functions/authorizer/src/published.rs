//! Fetches the keys that an issuer publishes, and decides when to fetch them again.

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use shared::domain::UnixSeconds;
use shared::telemetry;
use tokio::sync::Mutex;

use crate::https::{FetchError, HttpsUrl};
use crate::keys::{KeySet, KeySetError};
use crate::reason::Reason;

/// The keys are fetched again after this time, in seconds. A key that the provider withdraws is accepted until then.
const MAX_AGE: UnixSeconds = 10 * 60;
/// The minimum number of seconds between two fetches while there are keys. Anyone can send tokens with an unknown
/// `kid`, and these must not cause a flood of fetches.
const PAUSE: UnixSeconds = 60;
/// The minimum number of seconds between two fetches while there are no keys. In this state, every token of the
/// provider fails.
const PAUSE_WITHOUT_KEYS: UnixSeconds = 1;

/// The keys at a URL. The last valid set is used until another one is fetched.
#[derive(Debug)]
pub(crate) struct PublishedKeys {
    url: HttpsUrl,
    issuer: String,
    /// The keys of the other issuer, which must not be keys of this issuer too.
    reserved: Option<Arc<KeySet>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    fetched: UnixSeconds,
    tried: Option<UnixSeconds>,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("the document {0}")]
    KeySet(#[from] KeySetError),
    #[error("the document has a key that is also one of the other issuer")]
    Shared,
}

impl PublishedKeys {
    pub(crate) fn new(url: HttpsUrl, issuer: String) -> Self {
        Self { url, issuer, reserved: None, state: Mutex::default() }
    }

    /// Refuses sets with one of these keys from now on.
    pub(crate) fn reserve(&mut self, keys: Arc<KeySet>) {
        self.reserved = Some(keys);
    }

    /// Fetches the keys.
    pub(crate) async fn prepare(&self, now: UnixSeconds) {
        self.fetch(&mut *self.state.lock().await, now).await;
    }

    /// The keys in which to look for this `kid` and `alg`. `None` if no set has ever been fetched.
    pub(crate) async fn current(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: UnixSeconds,
    ) -> Option<Arc<KeySet>> {
        // The lock is held while fetching, so that requests at the same time wait for one fetch.
        let mut state = self.state.lock().await;
        if state.needs_fetch(kid, algorithm, now) {
            self.fetch(&mut state, now).await;
        }
        state.keys.clone()
    }

    async fn fetch(&self, state: &mut State, now: UnixSeconds) {
        state.tried = Some(now);
        match self.read().await {
            Ok(keys) => {
                state.keys = Some(Arc::new(keys));
                state.fetched = now;
            }
            Err(problem) => {
                let (problem, has_keys) = (problem.to_string(), state.keys.is_some());
                tracing::error!(target: telemetry::TARGET, problem, has_keys, "keys_not_fetched");
            }
        }
    }

    async fn read(&self) -> Result<KeySet, Problem> {
        let keys = KeySet::published(&self.url.fetch().await?, &self.issuer)?;
        match &self.reserved {
            Some(reserved) if keys.shares_a_key_with(reserved) => Err(Problem::Shared),
            _ => Ok(keys),
        }
    }
}

impl State {
    fn needs_fetch(&self, kid: Option<&str>, algorithm: Algorithm, now: UnixSeconds) -> bool {
        // This is the absolute difference, because a clock may be set back.
        let has_passed = |time: UnixSeconds, since: UnixSeconds| now.abs_diff(since) >= time.unsigned_abs();
        let may_try = |pause| self.tried.is_none_or(|tried| has_passed(pause, tried));
        match &self.keys {
            None => may_try(PAUSE_WITHOUT_KEYS),
            Some(keys) => {
                let is_unknown = || keys.find(kid, algorithm).is_err_and(|reason| reason == Reason::UnknownKey);
                may_try(PAUSE) && (has_passed(MAX_AGE, self.fetched) || is_unknown())
            }
        }
    }
}
