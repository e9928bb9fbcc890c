//! What the page of the reference opens with on this machine: a tenant to try the API with, and a token of it where the
//! gateway asks for one.
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
use shared::domain::{ClientId, UnixSeconds};

use crate::issuer::{Issuer, IssuerError};

/// Where the page asks for it. On AWS nothing is there, and the page goes on without.
const PATH: &str = "/docs/demo.json";

/// What the page is told.
#[derive(Debug)]
pub struct Demo {
    client: ClientId,
    tokens: Option<Tokens>,
}

/// Signs the page's tokens: a new one each time that it is loaded, so that no page opens with one that has expired.
#[derive(Debug)]
struct Tokens {
    issuer: Issuer,
    caller: Caller,
    good_for: Duration,
    clock: Clock,
}

impl Demo {
    /// The tenant `client` alone, where nobody is asked for a token.
    #[must_use]
    pub fn open(client: ClientId) -> Self {
        Self { client, tokens: None }
    }

    /// The tenant of `caller`, and tokens of `caller` by `issuer`, each good for `good_for`.
    #[must_use]
    pub fn with_tokens(issuer: Issuer, caller: Caller, good_for: Duration, clock: Clock) -> Self {
        Self { client: caller.client.clone(), tokens: Some(Tokens { issuer, caller, good_for, clock }) }
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

    /// The tenant, and the token if there is one, in the form that the page's script reads.
    ///
    /// # Errors
    /// A key that cannot sign.
    pub(crate) fn answer(&self) -> Result<Response, Problem> {
        let mut told = json!({ "clientId": self.client });
        if let Some(tokens) = &self.tokens {
            told["token"] = tokens.sign().map_err(Problem::internal)?.into();
        }
        Ok(([(X_CONTENT_TYPE_OPTIONS, "nosniff")], Json(told)).into_response())
    }
}

impl Tokens {
    fn sign(&self) -> Result<String, IssuerError> {
        let now = self.clock.now();
        let time = UnixSeconds::try_from(self.good_for.as_secs()).unwrap_or(UnixSeconds::MAX);
        self.issuer.token(&self.caller, now, now.saturating_add(time))
    }
}
