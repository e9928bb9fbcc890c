//! A cache of tenants' settings. Each function keeps settings for a minute, so that reading a customer takes one call
//! instead of two.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::domain::{ClientId, Region, Settings, UnixSeconds};
use crate::store::{Store, StoreError};

/// How long settings are used before they are read again. A change takes effect everywhere within this time.
const KEPT_FOR: UnixSeconds = 60;
/// The maximum number of tenants in the cache. Each takes a few hundred bytes.
const MOST: usize = 1000;

#[derive(Debug, Default)]
struct Kept {
    /// Settings, and when they were read.
    settings: HashMap<ClientId, (UnixSeconds, Arc<Settings>)>,
    /// How often this function has replaced settings. Settings that were read while this number changed may be
    /// outdated.
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
    /// `default_region` applies to tenants that have not set a region.
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

    /// Replaces the settings of `client`. This function sees the change at once, because the next use reads the
    /// settings from the table again. The new settings are not cached directly: concurrent replacements may be
    /// acknowledged in a different order than they were written, and a failed replacement may have been written.
    pub async fn replace(&self, client: &ClientId, settings: &Settings) -> Result<(), StoreError> {
        let written = self.store.put_settings(client, settings).await;
        let mut kept = self.lock();
        kept.replaced += 1;
        kept.settings.remove(client);
        written
    }

    /// The region of tenants that have set none.
    #[must_use]
    pub fn default_region(&self) -> Region {
        self.default_region
    }

    /// The region of phone numbers without a country code.
    #[must_use]
    pub fn region_of(&self, settings: &Settings) -> Region {
        settings.region.unwrap_or(self.default_region)
    }

    /// Caches `settings`, unless this function has replaced settings since the read began. `replaced` is the number of
    /// replacements at that time.
    fn keep(&self, client: &ClientId, settings: &Arc<Settings>, now: UnixSeconds, replaced: u64) {
        let mut kept = self.lock();
        if kept.replaced != replaced {
            return;
        }
        let kept = &mut kept.settings;
        if kept.len() >= MOST && !kept.contains_key(client) {
            kept.retain(|_, (read, _)| (0..KEPT_FOR).contains(&(now - *read)));
            // All entries are still fresh. Any of them can go, because it is read again when it is needed.
            if kept.len() >= MOST
                && let Some(any) = kept.keys().next().cloned()
            {
                kept.remove(&any);
            }
        }
        kept.insert(client.clone(), (now, Arc::clone(settings)));
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A poisoned lock is safe to use: no code panics while it holds the lock, and each change is a single insert or
        // remove.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
