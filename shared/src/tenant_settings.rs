//! A cache of tenants' settings. Each function keeps settings for a minute, so that reading a customer takes one call
//! instead of two.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::domain::{ClientId, Region, Settings, UnixSeconds};
use crate::store::{Store, StoreError};

/// How long settings stay in the cache, in seconds. A change takes effect everywhere within this time.
const MAX_AGE: UnixSeconds = 60;
/// The maximum number of tenants in the cache. Each takes a few hundred bytes.
const MAX_TENANTS: usize = 1000;

#[derive(Debug, Default)]
struct Cache {
    /// When settings were read, and the settings.
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
    cache: Arc<Mutex<Cache>>,
}

impl TenantSettings {
    /// `default_region` applies to tenants that have not set a region.
    #[must_use]
    pub fn new(store: Store, clock: Clock, default_region: Region) -> Self {
        Self { store, clock, default_region, cache: Arc::default() }
    }

    /// The settings of `client`, at most a minute old.
    pub async fn get(&self, client: &ClientId) -> Result<Arc<Settings>, StoreError> {
        let now = self.clock.now();
        let replaced = {
            let cache = self.lock();
            let fresh = cache.settings.get(client).filter(|(read, _)| (0..MAX_AGE).contains(&(now - read)));
            if let Some((_, settings)) = fresh {
                return Ok(Arc::clone(settings));
            }
            cache.replaced
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
        let mut cache = self.lock();
        cache.replaced += 1;
        cache.settings.remove(client);
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
        let mut cache = self.lock();
        if cache.replaced != replaced {
            return;
        }
        let settings_of = &mut cache.settings;
        if settings_of.len() >= MAX_TENANTS && !settings_of.contains_key(client) {
            settings_of.retain(|_, (read, _)| (0..MAX_AGE).contains(&(now - *read)));
            // All entries are still fresh. Any of them can go, because it is read again when it is needed.
            if settings_of.len() >= MAX_TENANTS
                && let Some(any) = settings_of.keys().next().cloned()
            {
                settings_of.remove(&any);
            }
        }
        settings_of.insert(client.clone(), (now, Arc::clone(settings)));
    }

    fn lock(&self) -> MutexGuard<'_, Cache> {
        // A poisoned lock is safe to use: no code panics while it holds the lock, and each change is a single insert or
        // remove.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
