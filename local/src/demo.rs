//! What the page of the reference opens with on this machine: a tenant to try the API with, and a token of it where the
//! gateway asks for one.
//!
//! Only the page gets it: a request of another site, or under another `Host`, finds nothing here (`site` says why).

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::Method;
use http::header::X_CONTENT_TYPE_OPTIONS;
use serde_json::json;
use shared::api::{Caller, Problem};
use shared::clock::Clock;
use shared::domain::{ClientId, UnixSeconds};

use crate::issuer::{Issuer, IssuerError};
use crate::site;

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
        let headers = request.headers();
        let is_page = site::is_addressed(headers, host) && !site::is_cross_origin(headers, host);
        is_page && request.method() == Method::GET && request.uri().path() == PATH
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
