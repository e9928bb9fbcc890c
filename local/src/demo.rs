//! What the page of the reference opens with on this machine: a token and its tenant, to try the API with.
//!
//! Only the page may have it. Another web page cannot read it, since the answer allows no other origin; and one that has
//! its own name resolve to this machine (DNS rebinding) is told from it by the `Host` that its requests carry.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::Method;
use http::header::{HOST, X_CONTENT_TYPE_OPTIONS};
use http::uri::Authority;
use serde_json::json;
use shared::api::{Caller, Problem};
use shared::clock::Clock;
use shared::domain::UnixSeconds;

use crate::issuer::Issuer;

/// Where the page asks for it. On AWS nothing is there, and the page goes on without.
const PATH: &str = "/docs/demo.json";

/// Signs the page's tokens: a new one each time that it is loaded, so that no page opens with one that has expired.
#[derive(Debug)]
pub struct Demo {
    issuer: Issuer,
    caller: Caller,
    good_for: Duration,
    clock: Clock,
}

impl Demo {
    /// Tokens of `caller` by `issuer`, each good for `good_for`.
    #[must_use]
    pub fn new(issuer: Issuer, caller: Caller, good_for: Duration, clock: Clock) -> Self {
        Self { issuer, caller, good_for, clock }
    }

    /// Whether it is the page that asks, of a gateway that listens on `host`.
    pub(crate) fn is_asked_for(request: &Request, host: SocketAddr) -> bool {
        let named = request.headers().get(HOST).and_then(|value| Authority::try_from(value.as_bytes()).ok());
        let is_here = named.is_some_and(|named| {
            let name = named.host();
            named.port_u16().unwrap_or(80) == host.port() && (name == "localhost" || name == host.ip().to_string())
        });
        is_here && request.method() == Method::GET && request.uri().path() == PATH
    }

    /// The token and the tenant, in the form that the page's script reads.
    ///
    /// # Errors
    /// A key that cannot sign.
    pub(crate) fn answer(&self) -> Result<Response, Problem> {
        let now = self.clock.now();
        let time = UnixSeconds::try_from(self.good_for.as_secs()).unwrap_or(UnixSeconds::MAX);
        let token = self.issuer.token(&self.caller, now, now.saturating_add(time)).map_err(Problem::internal)?;
        let body = Json(json!({ "clientId": self.caller.client, "token": token }));
        Ok(([(X_CONTENT_TYPE_OPTIONS, "nosniff")], body).into_response())
    }
}
