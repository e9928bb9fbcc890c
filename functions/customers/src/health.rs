//! Whether the API works, for load balancers and monitors.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use http::Uri;
use lambda_http::Context;
use shared::api::{Code, Problem, query};
use shared::app::App;
use shared::domain::Invalid;

/// Answers with the version. `?deep=true` also reads one item of the table, so that a table that cannot be read is a `503`.
pub(crate) async fn get_health(
    State(app): State<App>,
    context: Option<Extension<Context>>,
    uri: Uri,
) -> Result<Response, Problem> {
    if is_deep(&uri)? {
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
    uri: Uri,
) -> Result<Response, Problem> {
    get_health(state, context, uri).await
}

fn is_deep(uri: &Uri) -> Result<bool, Problem> {
    let invalid = |invalid: Invalid| Problem::parameter(Code::ValidationFailed, "deep", &invalid);
    match query::single(uri, "deep") {
        Err(Invalid::Required) => Ok(false),
        Ok(value) if value == "true" => Ok(true),
        Ok(value) if value == "false" => Ok(false),
        Ok(_) => Err(invalid(Invalid::WrongType("`true` or `false`"))),
        Err(why) => Err(invalid(why)),
    }
}
