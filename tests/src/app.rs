//! The whole API with its own table.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use local::access::Access;
use local::dynamodb::{EmbeddedDynamoDb, client};
use local::functions::services;
use local::gateway::Gateway;
use local::issuer::Issuer;
use local::table::TableDefinition;
use shared::api::Caller;
use shared::api::cors::{self, AllowedOrigin};
use shared::app::App;
use shared::clock::Clock;
use shared::domain::Region;
use shared::store::Store;
use tokio::net::TcpListener;

use crate::{Session, Wire};

/// The tenant that tests use by default.
pub const TENANT: &str = "demo";
/// The time on a test's clock when the test begins, in Unix seconds.
pub const NOW: i64 = 1_790_000_000;

const TABLE: &str = "customers";
/// How long a request may take: a machine that is busy with other tests must not fail one.
const DEADLINE: Duration = Duration::from_secs(25);

/// The whole API on a fresh in-memory DynamoDB.
pub struct TestApp {
    pub(crate) gateway: Router,
    clock: Arc<AtomicI64>,
    /// Signs the tokens that the gateway accepts.
    pub issuer: Issuer,
    /// Records and changes the calls between the API and DynamoDB.
    pub wire: Wire,
    /// A client of the table, without the API.
    pub dynamodb: aws_sdk_dynamodb::Client,
    _embedded: EmbeddedDynamoDb,
}

impl TestApp {
    /// Starts the API. It ends with the test's runtime. The default region is IE.
    pub async fn start() -> Self {
        Self::start_with(&TableDefinition::from_template().expect("a table")).await
    }

    /// Starts one on another table.
    pub async fn start_with(table: &TableDefinition) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let embedded = EmbeddedDynamoDb::start(listener, None).expect("an embedded DynamoDB");
        let dynamodb = client(&embedded.endpoint());
        table.create(&dynamodb, TABLE).await.expect("created");
        let wire = Wire::start(embedded.endpoint()).await;
        let clock = Arc::new(AtomicI64::new(NOW));
        let issuer = Issuer::generate().expect("a key");
        let mut app = Self { gateway: Router::new(), clock, issuer, wire, dynamodb, _embedded: embedded };
        app.gateway = app.another_gateway();
        app
    }

    /// A second gateway with its own functions on the same table, like another execution environment.
    pub fn another_gateway(&self) -> Router {
        let authorizer = self.issuer.authorizer(Clock::manual(Arc::clone(&self.clock))).expect("an authorizer");
        let host = ([127, 0, 0, 1], 3000).into();
        Gateway::new(&self.state(), Access::Tokens(authorizer), host, Some(AllowedOrigin::any())).into_router()
    }

    /// The function of this name, without the gateway.
    ///
    /// # Panics
    /// If no function has this name.
    pub fn function(&self, name: &str) -> Router {
        let function = services(&self.state()).remove(name).expect("a function");
        cors::allow(function, Some(AllowedOrigin::any()))
    }

    /// The state of functions on this table.
    #[must_use]
    pub fn state(&self) -> App {
        let store = Store::new(&client(self.wire.endpoint()), TABLE);
        App::new(store, Region::parse("IE").expect("a region"), Clock::manual(Arc::clone(&self.clock)))
            .with_deadline(DEADLINE)
    }

    /// Stops the indexes: from now on they show the table as it is now, whatever is written.
    ///
    /// # Panics
    /// If the table cannot be copied.
    pub async fn stop_indexes(&self) {
        const COPY: &str = "copy";
        let definition = TableDefinition::from_template().expect("a table");
        definition.create(&self.dynamodb, COPY).await.expect("created");
        let mut pages = self.dynamodb.scan().table_name(TABLE).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let put = self.dynamodb.put_item().table_name(COPY).set_item(Some(item.expect("an item")));
            put.send().await.expect("copied");
        }
        self.wire.query_indexes_of(Some(COPY));
    }

    /// Lets `seconds` pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The name of the table.
    #[must_use]
    pub fn table(&self) -> &'static str {
        TABLE
    }

    fn session(&self, context: serde_json::Value) -> Session {
        Session::told(self.gateway.clone(), context)
    }

    /// A caller with a token that is valid for a minute. The gateway asks the authorizer.
    ///
    /// # Panics
    /// If these values do not describe a caller.
    #[must_use]
    pub fn bearer(&self, client: &str, role: &str, brand: Option<&str>, customer: Option<&str>) -> Session {
        let caller = Caller::from_parts(client, role, brand, customer).expect("a caller");
        let now = self.clock.load(Ordering::Relaxed);
        let token = self.issuer.token(&caller, now, now + 60).expect("a token");
        self.with_authorization(&format!("Bearer {token}"))
    }

    /// A caller with this `Authorization` header.
    #[must_use]
    pub fn with_authorization(&self, value: &str) -> Session {
        Session::sending(self.gateway.clone(), Some(value))
    }

    /// A caller without a token.
    #[must_use]
    pub fn stranger(&self) -> Session {
        Session::sending(self.gateway.clone(), None)
    }

    /// An operator of [`TENANT`].
    #[must_use]
    pub fn operator(&self) -> Session {
        self.staff(TENANT, "operator")
    }

    /// An admin of [`TENANT`].
    #[must_use]
    pub fn admin(&self) -> Session {
        self.staff(TENANT, "admin")
    }

    /// An operator, integration or admin of any tenant.
    #[must_use]
    pub fn staff(&self, tenant: &str, role: &str) -> Session {
        self.session(serde_json::json!({ "clientId": tenant, "role": role }))
    }

    /// The app of a brand of [`TENANT`], before anyone has logged in.
    #[must_use]
    pub fn app(&self, brand: &str) -> Session {
        self.session(serde_json::json!({ "clientId": TENANT, "role": "app", "brandId": brand }))
    }

    /// A logged-in passenger of [`TENANT`].
    #[must_use]
    pub fn passenger(&self, customer: &str) -> Session {
        self.session(serde_json::json!({ "clientId": TENANT, "role": "passenger", "customerId": customer }))
    }

    /// The same with a token of the session `sid` that was issued in this epoch.
    #[must_use]
    pub fn passenger_in(&self, customer: &str, sid: &str, epoch: u64) -> Session {
        self.session(serde_json::json!({
            "clientId": TENANT, "role": "passenger", "customerId": customer, "sid": sid, "epoch": epoch.to_string(),
        }))
    }

    /// The caller of this authorizer context.
    #[must_use]
    pub fn with_context(&self, context: serde_json::Value) -> Session {
        self.session(context)
    }
}
