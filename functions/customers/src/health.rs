//! The health check, for load balancers and monitors.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use http::Uri;
use lambda_http::Context;
use shared::api::{Code, Problem, query};
use shared::app::App;
use shared::domain::Invalid;

/// Returns the version. With `?deep=true` it also reads one item, so that an unreadable table is a `503`.
pub(crate) async fn get_health(
    State(app): State<App>,
    context: Option<Extension<Context>>,
    uri: Uri,
) -> Result<Response, Problem> {
    if is_deep(&uri)? {
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
