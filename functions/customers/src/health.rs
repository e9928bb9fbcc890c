//! The health check, for load balancers and monitors.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use lambda_http::Context;
use shared::api::Problem;
use shared::api::query::Query;
use shared::app::App;
use shared::domain::Invalid;

/// Returns the version. With `?deep=true` it also reads one item, so that an unreadable table is a `503`.
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
    // Lambda numbers published versions. On one machine there is no version number.
    let published = context.as_ref().map(|context| context.env_config.version.as_str()).filter(|name| !name.is_empty());
    let health = [("status", Some("ok")), ("version", Some(env!("CARGO_PKG_VERSION"))), ("functionVersion", published)];
    Ok(Json(BTreeMap::from(health)).into_response())
}

/// The same for monitors that send `HEAD`. axum removes the body.
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
