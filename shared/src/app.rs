//! What a handler has at hand: made once at start, outside the handler.

use crate::clock::Clock;
use crate::config::Config;
use crate::store::Store;
use crate::tenants::Tenants;

/// The state of every router.
#[derive(Debug, Clone)]
pub struct App {
    pub store: Store,
    pub tenants: Tenants,
    pub clock: Clock,
}

impl App {
    #[must_use]
    pub fn new(config: &Config, dynamodb: aws_sdk_dynamodb::Client, clock: Clock) -> Self {
        let store = Store::new(dynamodb, &config.table);
        let tenants = Tenants::new(store.clone(), clock.clone(), config.default_region);
        Self { store, tenants, clock }
    }
}
