//! Tenants' settings, kept for a minute by every function, so that a read of a customer is one call and not two.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::domain::{ClientId, Region, Settings, UnixSeconds};
use crate::store::{Store, StoreError};

/// How long settings are used before they are read again: a change shows everywhere within this many seconds.
const KEPT_FOR: UnixSeconds = 60;
/// Most tenants whose settings one function keeps: a few hundred bytes each.
const MOST: usize = 1000;

/// Settings, and when they were read.
type Kept = HashMap<ClientId, (UnixSeconds, Arc<Settings>)>;

/// Reads settings through a bounded cache.
#[derive(Debug, Clone)]
pub struct Tenants {
    store: Store,
    clock: Clock,
    default_region: Region,
    kept: Arc<Mutex<Kept>>,
}

impl Tenants {
    /// `default_region` is that of tenants who have set none.
    #[must_use]
    pub fn new(store: Store, clock: Clock, default_region: Region) -> Self {
        Self { store, clock, default_region, kept: Arc::default() }
    }

    /// The settings of `client`, at most a minute old.
    pub async fn settings(&self, client: &ClientId) -> Result<Arc<Settings>, StoreError> {
        let now = self.clock.now();
        if let Some((_, settings)) = self.lock().get(client).filter(|(read, _)| (0..KEPT_FOR).contains(&(now - read))) {
            return Ok(Arc::clone(settings));
        }
        let settings = Arc::new(self.store.settings(client).await?.unwrap_or_default());
        self.keep(client, &settings, now);
        Ok(settings)
    }

    /// Replaces the settings of `client`; this function sees the change at once.
    pub async fn replace(&self, client: &ClientId, settings: Settings) -> Result<Arc<Settings>, StoreError> {
        self.store.put_settings(client, &settings).await?;
        let settings = Arc::new(settings);
        self.keep(client, &settings, self.clock.now());
        Ok(settings)
    }

    /// The region whose numbers need no prefix.
    #[must_use]
    pub fn region_of(&self, settings: &Settings) -> Region {
        settings.region.unwrap_or(self.default_region)
    }

    fn keep(&self, client: &ClientId, settings: &Arc<Settings>, now: UnixSeconds) {
        let mut kept = self.lock();
        if kept.len() >= MOST && !kept.contains_key(client) {
            kept.retain(|_, (read, _)| (0..KEPT_FOR).contains(&(now - *read)));
            // All of them fresh: more tenants than room. Any one makes room; it is read again when it is needed.
            if kept.len() >= MOST
                && let Some(any) = kept.keys().next().cloned()
            {
                kept.remove(&any);
            }
        }
        kept.insert(client.clone(), (now, Arc::clone(settings)));
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while it is held, and a map of copies cannot be left half changed.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
