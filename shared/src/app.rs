//! The state that all handlers share. It is created once, when a function starts.

use std::time::Duration;

use tokio::time::timeout;

use crate::api::pipeline::{DEADLINE, FunctionState};
use crate::api::view::Viewer;
use crate::api::{Caller, Problem};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{Customer, Region, Settings};
use crate::store::{Store, WriteContext};
use crate::telemetry::{self, TARGET};
use crate::tenant_settings::TenantSettings;

/// The state of every router.
#[derive(Debug, Clone)]
pub struct App {
    pub store: Store,
    pub settings: TenantSettings,
    pub clock: Clock,
    deadline: Duration,
}

impl App {
    /// `default_region` applies to tenants that have not set a region.
    #[must_use]
    pub fn new(store: Store, default_region: Region, clock: Clock) -> Self {
        let settings = TenantSettings::new(store.clone(), clock.clone(), default_region);
        Self { store, settings, clock, deadline: DEADLINE }
    }

    /// Sets another deadline of requests, for tests.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// The context of a write that `caller` makes now.
    #[must_use]
    pub fn write_by(&self, caller: &Caller) -> WriteContext {
        let (client, actor, access) = (caller.client.clone(), caller.actor(), caller.access());
        WriteContext { client, actor, now: self.clock.now(), access }
    }
}

impl App {
    /// Checks whether the record that a request is about allows the request of `caller`.
    ///
    /// # Errors
    /// The problem to respond with, before anything else about the record is.
    pub fn check_access(&self, caller: &Caller, customer: Option<&Customer>) -> Result<(), Problem> {
        caller.access().check(customer, self.clock.now()).map_err(Problem::from)
    }

    /// How records are shown to `caller` now.
    #[must_use]
    pub fn viewer<'a>(&self, caller: &'a Caller, settings: &'a Settings) -> Viewer<'a> {
        Viewer { role: &caller.role, settings, now: self.clock.now() }
    }
}

/// How long priming may take. After that the first request connects, as it does without priming.
const PRIMING_TIMEOUT: Duration = Duration::from_secs(2);

impl App {
    /// Does before the first event what the first request otherwise waits for: connects to DynamoDB, and calls `load`
    /// while the connection is being made. Lambda gives a start more processor time than a request.
    async fn prime(&self, load: impl FnOnce(&Self)) {
        let (connected, ()) = tokio::join!(timeout(PRIMING_TIMEOUT, self.store.read_probe()), async { load(self) });
        let cause = match connected {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "DynamoDB did not respond in time".to_owned(),
        };
        tracing::warn!(target: TARGET, cause, "priming failed");
    }
}

impl App {
    /// The state of a function on Lambda, as [`FunctionState::start`] describes it, for functions whose own state contains
    /// this one.
    ///
    /// # Errors
    /// If the configuration is missing or invalid.
    pub async fn start_loading(load: impl FnOnce(&Self) + Send) -> Result<Self, lambda_http::Error> {
        let config = Config::from_env()?;
        telemetry::init(&[], config.metrics_namespace.as_deref());
        let store = Store::new(&config.dynamodb().await?, &config.table);
        let app = Self::new(store, config.default_region, Clock::system());
        if config.priming {
            app.prime(load).await;
        }
        Ok(app)
    }
}

impl FunctionState for App {
    async fn start(load: fn(&Self)) -> Result<Self, lambda_http::Error> {
        Self::start_loading(load).await
    }

    fn clock(&self) -> Clock {
        self.clock.clone()
    }

    fn deadline(&self) -> Duration {
        self.deadline
    }
}
