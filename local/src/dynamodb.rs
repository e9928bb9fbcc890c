//! The embedded DynamoDB: dynoxide on its own port, with the data in a file or in memory. Only programs on this machine
//! may use it; requests from web pages are refused. See `http`.

mod http;

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use dynoxide::Database;
use shared::http1::Http1;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A DynamoDB that runs in this process until it is stopped or dropped.
pub struct EmbeddedDynamoDb {
    address: SocketAddr,
    database: Database,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
}

/// The embedded DynamoDB failed to start or stop.
#[derive(Debug, thiserror::Error)]
#[error("the embedded DynamoDB: {0}")]
pub struct EmbeddedError(String);

impl EmbeddedDynamoDb {
    /// Serves the data of `file` on `listener`. Without a file, the data is kept in memory.
    ///
    /// # Errors
    /// If dynoxide cannot open the file.
    pub fn start(listener: TcpListener, file: Option<&Path>) -> Result<Self, EmbeddedError> {
        let failed = |error: &dyn std::fmt::Display| EmbeddedError(error.to_string());
        let address = listener.local_addr().map_err(|error| failed(&error))?;
        let database = match file {
            Some(file) => Database::new(&file.to_string_lossy()),
            None => Database::memory(),
        };
        let database = database.map_err(|error| failed(&error))?;
        let (stop, stopped) = oneshot::channel();
        let server = axum::serve(listener, http::router(database.clone(), address)).with_graceful_shutdown(async {
            // Dropping the sender also stops the server.
            let _ = stopped.await;
        });
        let serving = tokio::spawn(server.into_future());
        Ok(Self { address, database, stop, serving })
    }

    /// The URL of the server.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops waiting for the disk until [`Self::end_bulk_load`]. A power cut in between can damage the file, so use
    /// this only for an empty file.
    ///
    /// # Errors
    /// If dynoxide cannot change the mode.
    pub fn begin_bulk_load(&self) -> Result<(), EmbeddedError> {
        self.database.enable_bulk_loading().map_err(|error| EmbeddedError(error.to_string()))
    }

    /// Waits for the disk again. Closing the data writes what is not on the disk yet.
    ///
    /// # Errors
    /// If dynoxide cannot change the mode.
    pub fn end_bulk_load(&self) -> Result<(), EmbeddedError> {
        self.database.disable_bulk_loading().map_err(|error| EmbeddedError(error.to_string()))
    }

    /// Waits for running requests and closes the data.
    ///
    /// # Errors
    /// If the server failed.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        let _ = self.stop.send(());
        let ended = self.serving.await.map_err(|error| EmbeddedError(error.to_string()))?;
        ended.map_err(|error| EmbeddedError(error.to_string()))
    }
}

/// A client of the DynamoDB at `endpoint`, which accepts any credentials.
///
/// It has the HTTP client of the functions, which uses no proxy. The SDK's default HTTP client would send even local
/// requests to the proxy in `HTTP_PROXY`.
#[must_use]
pub fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .http_client(Http1::without_tls())
        .endpoint_url(endpoint)
        .build();
    Client::from_conf(config)
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;
    use crate::table::{LOCAL_NAME, TableDefinition};

    #[tokio::test]
    async fn bulk_loaded_data_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("customers.db");
        let open = async || {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let embedded = EmbeddedDynamoDb::start(listener, Some(&file)).unwrap();
            let client = client(&embedded.endpoint());
            TableDefinition::from_template().unwrap().create(&client, LOCAL_NAME).await.unwrap();
            (embedded, client)
        };
        let key =
            || [("pk", "demo#LOADED"), ("sk", "LOADED")].map(|(name, value)| (name, AttributeValue::S(value.into())));
        let (embedded, client) = open().await;
        embedded.begin_bulk_load().unwrap();
        let put = key()
            .into_iter()
            .fold(client.put_item().table_name(LOCAL_NAME), |put, (name, value)| put.item(name, value));
        put.send().await.unwrap();
        embedded.end_bulk_load().unwrap();
        embedded.stop().await.unwrap();
        let (_embedded, client) = open().await;
        let get =
            key().into_iter().fold(client.get_item().table_name(LOCAL_NAME), |get, (name, value)| get.key(name, value));
        assert!(get.send().await.unwrap().item.is_some());
    }
}
