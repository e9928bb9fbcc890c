//! The embedded DynamoDB that the subjects use, and its data.

use std::path::Path;
use std::sync::LazyLock;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use local::dynamodb::{EmbeddedDynamoDb, client};
use local::functions::CURSOR_KEY;
use local::passengers::passenger;
use local::table::{LOCAL_NAME, TableDefinition};
use serde_json::{Value, json};
use shared::domain::{ClientId, Customer};
use shared::store::Store;
use tokio::net::TcpListener;

use crate::Failure;
use crate::subjects::Work;

/// The tenant of the events.
pub(crate) const TENANT: &str = "demo";
/// The customer of the events.
const CUSTOMER: &str = "01920000-0000-7000-8000-000000000001";
/// How many different customers the comparison finds.
const CUSTOMERS: u32 = 1000;
/// How many transactions run at once while the table is filled.
const IN_FLIGHT: usize = 4;

static FIND: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../events/findCustomerByPhone.json")).expect("an event is JSON")
});

/// A table with customers.
pub(crate) struct Fixture {
    embedded: EmbeddedDynamoDb,
    store: Store,
}

impl Fixture {
    /// A table in memory with the customers of the comparison.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let fixture = Self::open(None).await?;
        fixture.fill(TENANT, CUSTOMERS + 1).await?;
        Ok(fixture)
    }

    /// An empty table, or the one in `file`.
    pub(crate) async fn open(file: Option<&Path>) -> Result<Self, Failure> {
        let embedded = EmbeddedDynamoDb::start(TcpListener::bind("127.0.0.1:0").await?, file)?;
        let dynamodb = client(&embedded.endpoint());
        TableDefinition::from_template()?.create(&dynamodb, LOCAL_NAME).await?;
        Ok(Self { store: Store::new(&dynamodb, LOCAL_NAME), embedded })
    }

    /// Creates the first `customers` passengers of `tenant`, as `local seed` does.
    pub(crate) async fn fill(&self, tenant: &str, customers: u32) -> Result<(), Failure> {
        let client = ClientId::parse(tenant)?;
        let indices: Vec<u32> = (0..customers).collect();
        let loads = indices.chunks(Store::LOAD_AT_ONCE).map(|batch| {
            let (store, client, batch) = (self.store.clone(), client.clone(), batch.to_vec());
            tokio::spawn(async move {
                let batch = batch.into_iter().map(passenger).collect::<Result<Vec<Customer>, _>>()?;
                Ok::<_, Failure>(store.load(&client, &batch).await?)
            })
        });
        stream::iter(loads)
            .buffer_unordered(IN_FLIGHT)
            .map(|loaded| loaded.map_err(Failure::from).flatten().map(|_| ()))
            .try_collect::<()>()
            .await
    }

    /// Stops waiting for the disk until [`Self::end_bulk_load`], as `local seed` does for a new file.
    pub(crate) fn begin_bulk_load(&self) -> Result<(), Failure> {
        Ok(self.embedded.begin_bulk_load()?)
    }

    pub(crate) fn end_bulk_load(&self) -> Result<(), Failure> {
        Ok(self.embedded.end_bulk_load()?)
    }

    /// The environment variables that Lambda and the template set. The embedded DynamoDB accepts any credentials.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let endpoint = self.embedded.endpoint();
        [
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_SESSION_TOKEN", "local"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "measured"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "measured"),
            ("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true"),
            ("TABLE_NAME", LOCAL_NAME),
            ("DEFAULT_REGION", "IE"),
            ("CURSOR_KEY", CURSOR_KEY),
            ("DYNAMODB_ENDPOINT", &endpoint),
            ("METRICS_NAMESPACE", "Customers"),
            ("JWT_ISSUER", "https://login.example"),
            ("JWT_AUDIENCE", "customers"),
            ("JWKS", JWKS),
            // The token of the event is valid until the year 2100.
            ("MAX_TOKEN_LIFETIME_SECONDS", "4102444800"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }
}

/// The events of some work.
pub(crate) fn events(work: Work) -> Vec<Value> {
    match work {
        Work::Find => finds(TENANT, 0..CUSTOMERS),
        Work::Event(event) => {
            // A customer that no find uses, because events change it.
            let customer = passenger(CUSTOMERS).expect("a passenger is valid").id;
            let event = event.replace(CUSTOMER, customer.as_str());
            vec![serde_json::from_str(&event).expect("an event is JSON")]
        }
    }
}

/// The key of the authorizer's event: that of RFC 8037, appendix A.2.
const JWKS: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"rfc8037","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// Events that find these passengers of `tenant` by phone.
pub(crate) fn finds(tenant: &str, indices: impl Iterator<Item = u32>) -> Vec<Value> {
    indices
        .map(|index| {
            let phone = passenger(index).expect("a passenger is valid").phone;
            let mut event = FIND.clone();
            // The phone alone: the peers answer with the record and nothing beside it.
            event["queryStringParameters"] = json!({ "phone": phone.as_str() });
            event["multiValueQueryStringParameters"] = json!({ "phone": [phone.as_str()] });
            event["path"] = format!("/client/{tenant}/customer/phone").into();
            event["pathParameters"]["clientId"] = tenant.into();
            event["requestContext"]["authorizer"]["clientId"] = tenant.into();
            event
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_find_asks_for_the_record_alone() {
        for event in finds(TENANT, 0..3) {
            let names: Vec<_> = event["queryStringParameters"].as_object().unwrap().keys().collect();
            assert_eq!(names, ["phone"]);
            assert_eq!(event["multiValueQueryStringParameters"].as_object().unwrap().len(), 1);
        }
    }
}
