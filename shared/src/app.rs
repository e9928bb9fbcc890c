//! The state that all handlers share. It is created once, when a function starts.

use crate::api::Caller;
use crate::api::pipeline::FunctionState;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::Region;
use crate::store::{Store, WriteContext};
use crate::telemetry;
use crate::tenant_settings::TenantSettings;

/// The state of every router.
#[derive(Debug, Clone)]
pub struct App {
    pub store: Store,
    pub settings: TenantSettings,
    pub clock: Clock,
}

impl App {
    /// `default_region` applies to tenants that have not set a region.
    #[must_use]
    pub fn new(store: Store, default_region: Region, clock: Clock) -> Self {
        let settings = TenantSettings::new(store.clone(), clock.clone(), default_region);
        Self { store, settings, clock }
    }

    /// The context of a write that `caller` makes now.
    #[must_use]
    pub fn write_by(&self, caller: &Caller) -> WriteContext {
        WriteContext { client: caller.client.clone(), actor: caller.actor(), now: self.clock.now() }
    }
}

impl FunctionState for App {
    async fn start() -> Result<Self, lambda_http::Error> {
        let config = Config::from_env()?;
        telemetry::init(&[], config.metrics_namespace.as_deref());
        let store = Store::new(&config.dynamodb().await, &config.table);
        Ok(Self::new(store, config.default_region, Clock::system()))
    }

    fn clock(&self) -> Clock {
        self.clock.clone()
    }
}
