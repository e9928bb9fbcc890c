//! Whether the API works, for load balancers and monitors.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use lambda_http::Context;
use shared::api::Problem;
use shared::api::query::Query;
use shared::app::App;
use shared::domain::Invalid;

/// Answers with the version. `?deep=true` also reads one item of the table, so that a table that cannot be read is a `503`.
pub(crate) async fn get_health(
    State(app): State<App>,
    context: Option<Extension<Context>>,
    mut query: Query,
) -> Result<Response, Problem> {
    let is_deep = query.optional("deep", is_deep).unwrap_or_default();
    query.finish()?;
    if is_deep {
        app.store.read_probe().await?;
    }
    // Lambda numbers the versions that it publishes. On one machine there are none.
    let published = context.as_ref().map(|context| context.env_config.version.as_str()).filter(|name| !name.is_empty());
    let health = [("status", Some("ok")), ("version", Some(env!("CARGO_PKG_VERSION"))), ("functionVersion", published)];
    Ok(Json(BTreeMap::from(health)).into_response())
}

/// The same without the body, for monitors that ask with HEAD. axum removes the body.
pub(crate) async fn head_health(
    state: State<App>,
    context: Option<Extension<Context>>,
    query: Query,
) -> Result<Response, Problem> {
    get_health(state, context, query).await
}

fn is_deep(raw: &str) -> Result<bool, Invalid> {
    match raw {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Invalid::WrongType("`true` or `false`")),
    }
}
