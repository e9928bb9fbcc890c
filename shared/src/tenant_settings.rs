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

#[derive(Debug, Default)]
struct Kept {
    /// Settings, and when they were read.
    settings: HashMap<ClientId, (UnixSeconds, Arc<Settings>)>,
    /// How often this function replaced settings. What was read while it changed may be older than the replacement.
    replaced: u64,
}

/// Reads settings through a bounded cache.
#[derive(Debug, Clone)]
pub struct TenantSettings {
    store: Store,
    clock: Clock,
    default_region: Region,
    kept: Arc<Mutex<Kept>>,
}

impl TenantSettings {
    /// `default_region` is that of tenants who have set none.
    #[must_use]
    pub fn new(store: Store, clock: Clock, default_region: Region) -> Self {
        Self { store, clock, default_region, kept: Arc::default() }
    }

    /// The settings of `client`, at most a minute old.
    pub async fn get(&self, client: &ClientId) -> Result<Arc<Settings>, StoreError> {
        let now = self.clock.now();
        let replaced = {
            let kept = self.lock();
            let fresh = kept.settings.get(client).filter(|(read, _)| (0..KEPT_FOR).contains(&(now - read)));
            if let Some((_, settings)) = fresh {
                return Ok(Arc::clone(settings));
            }
            kept.replaced
        };
        let settings = Arc::new(self.store.settings(client).await?.unwrap_or_default());
        self.keep(client, &settings, now, replaced);
        Ok(settings)
    }

    /// Replaces the settings of `client`; this function sees the change at once. The next use reads them again, since
    /// two replacements at once may be acknowledged in another order than they were written, and one that failed may
    /// have been written.
    pub async fn replace(&self, client: &ClientId, settings: &Settings) -> Result<(), StoreError> {
        let written = self.store.put_settings(client, settings).await;
        let mut kept = self.lock();
        kept.replaced += 1;
        kept.settings.remove(client);
        written
    }

    /// The region whose numbers need no prefix.
    #[must_use]
    pub fn region_of(&self, settings: &Settings) -> Region {
        settings.region.unwrap_or(self.default_region)
    }

    /// Keeps what was read, unless settings were replaced since there had been `replaced` replacements.
    fn keep(&self, client: &ClientId, settings: &Arc<Settings>, now: UnixSeconds, replaced: u64) {
        let mut kept = self.lock();
        if kept.replaced != replaced {
            return;
        }
        let kept = &mut kept.settings;
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
