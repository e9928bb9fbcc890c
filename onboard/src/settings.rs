//! Writes a tenant's settings by running the API's own operation in this process. So they are checked, stored and
//! refused exactly as by the API.

use std::fmt;
use std::path::{Path, PathBuf};

use axum::body::{Body, to_bytes};
use customers::{Cursors, Customers};
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use lambda_http::aws_lambda_events::apigw::ApiGatewayProxyRequestContext;
use lambda_http::request::RequestContext;
use serde::Deserialize;
use shared::api::{Problem, Role};
use shared::app::App;
use shared::clock::Clock;
use shared::domain::{ClientId, Region};
use shared::store::{Store, StoreError};
use tower::ServiceExt as _;

/// A file with settings that are not checked yet.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    path: PathBuf,
    json: Vec<u8>,
}

/// The change of the settings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SettingsChange {
    Replaced,
    Unchanged,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("{} cannot be read ({cause}); check --settings", path.display())]
    File { path: PathBuf, cause: std::io::Error },
    #[error("{}: {refusal}", path.display())]
    Refused { path: PathBuf, refusal: Refusal },
    #[error("the settings could not be written to the table {table}: {cause}")]
    Table { table: String, cause: String },
}

/// A problem of the API in a form for a terminal: what to do, and a line for each invalid field.
#[derive(Debug, Deserialize)]
pub(crate) struct Refusal {
    detail: String,
    #[serde(default)]
    errors: Vec<Broken>,
}

#[derive(Debug, Deserialize)]
struct Broken {
    #[serde(default)]
    pointer: String,
    message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // If fields are listed, the API's detail is not used, because it is about a request that the user did not
        // write.
        let what_to_do = "the settings are invalid; fix these fields and run the command again:";
        f.write_str(if self.errors.is_empty() { &self.detail } else { what_to_do })?;
        self.errors.iter().try_for_each(|Broken { pointer, message }| {
            let place = if pointer.is_empty() { "the file" } else { pointer };
            write!(f, "\n  {place} {message}")
        })
    }
}

impl SettingsFile {
    pub(crate) fn read(path: &Path) -> Result<Self, SettingsError> {
        match std::fs::read(path) {
            Ok(json) => Ok(Self { path: path.to_owned(), json }),
            Err(cause) => Err(SettingsError::File { path: path.to_owned(), cause }),
        }
    }

    /// Replaces the tenant's settings in `table` with these.
    pub(crate) async fn put(
        self,
        client: &ClientId,
        dynamodb: aws_sdk_dynamodb::Client,
        table: &str,
    ) -> Result<SettingsChange, SettingsError> {
        let unavailable = |error: StoreError| failed(table, error.to_string());
        // The default region only affects the operation's response, which is not used.
        let region = Region::parse("IE").map_err(|invalid| failed(table, invalid.to_string()))?;
        let app = App::new(Store::new(&dynamodb, table), region, Clock::system());
        let before = app.store.settings(client).await.map_err(unavailable)?;

        // Without the pipeline, because it would log the cause of a problem instead of returning it.
        // The operation uses no cursors.
        let state = Customers { app: app.clone(), cursors: Cursors::new("") };
        let operations = customers::routes().into_router().with_state(state);
        let request = self.request(client).map_err(|error| failed(table, error.to_string()))?;
        let Ok(mut answer) = operations.oneshot(request).await;
        if let Some(problem) = answer.extensions_mut().remove::<Problem>() {
            return Err(self.explain(&problem, table).await);
        }
        if answer.status() != StatusCode::OK {
            return Err(failed(table, format!("the operation answered {}", answer.status())));
        }

        let after = app.settings.get(client).await.map_err(unavailable)?;
        Ok(if before.as_ref() == Some(&*after) { SettingsChange::Unchanged } else { SettingsChange::Replaced })
    }

    /// `PUT /client/{clientId}/customersettings` by an admin of the tenant.
    fn request(&self, client: &ClientId) -> http::Result<Request<Body>> {
        let mut context = ApiGatewayProxyRequestContext::default();
        for (name, value) in [("clientId", client.as_str()), ("role", Role::Admin.name())] {
            context.authorizer.fields.insert(name.to_owned(), value.into());
        }
        Request::put(format!("/client/{client}/customersettings"))
            .header(CONTENT_TYPE, "application/json")
            .extension(RequestContext::ApiGatewayV1(context))
            .body(Body::from(self.json.clone()))
    }

    async fn explain(self, problem: &Problem, table: &str) -> SettingsError {
        if let Some(cause) = problem.cause_chain() {
            return failed(table, cause);
        }
        let body = to_bytes(problem.respond("").into_body(), usize::MAX).await.unwrap_or_default();
        match serde_json::from_slice(&body) {
            Ok(refusal) => SettingsError::Refused { path: self.path, refusal },
            Err(error) => failed(table, error.to_string()),
        }
    }
}

fn failed(table: &str, cause: String) -> SettingsError {
    SettingsError::Table { table: table.to_owned(), cause }
}
