//! What a handler has at hand: made once at start, outside the handler.

use crate::clock::Clock;
use crate::config::{Config, ConfigError};
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
    /// The state of a function on Lambda, as its environment says.
    ///
    /// # Errors
    /// Names the first variable that is missing or wrong.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let config = Config::from_env()?;
        Ok(Self::new(&config, config.dynamodb().await, Clock::system()))
    }

    #[must_use]
    pub fn new(config: &Config, dynamodb: aws_sdk_dynamodb::Client, clock: Clock) -> Self {
        let store = Store::new(dynamodb, &config.table);
        let tenants = Tenants::new(store.clone(), clock.clone(), config.default_region);
        Self { store, tenants, clock }
    }
}
