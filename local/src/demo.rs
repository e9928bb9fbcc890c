//! The demo values of the documentation site on this machine: a tenant and a customer to try the API with, and a token
//! if the gateway needs one.
//!
//! Only the page gets them. A request from another site or with another `Host` gets a 404 (see `site`).

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::Method;
use http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use serde_json::{Value, json};
use shared::api::{Caller, Problem};
use shared::clock::Clock;
use shared::domain::{ClientId, UnixSeconds};

use crate::gateway::{CallerContext, Gateway};
use crate::issuer::{Issuer, IssuerError};
use crate::site;

/// The path of the values. It does not exist on AWS, where the page works without them.
const PATH: &str = "/docs/demo.json";

/// The demo customer's phone in international form, so that it does not depend on the tenant's region. No example uses
/// it, so that the examples in the guides get the documented responses.
const PHONE: &str = "+353 85 012 3456";
const BRAND: &str = "city";
const ACCOUNT: &str = "acme";

/// The demo customer could not be matched or created.
#[derive(Debug, thiserror::Error)]
#[error("the demo customer could not be created: {0}")]
struct NoCustomer(String);

/// The demo values.
#[derive(Debug)]
pub struct Demo {
    client: ClientId,
    tokens: Option<Tokens>,
}

/// Signs tokens for the page. Each load of the page gets a new token, so that it never starts with an expired one.
#[derive(Debug)]
struct Tokens {
    issuer: Issuer,
    caller: Caller,
    good_for: Duration,
    clock: Clock,
}

impl Demo {
    /// Demo values of the tenant `client`, without tokens.
    #[must_use]
    pub fn open(client: ClientId) -> Self {
        Self { client, tokens: None }
    }

    /// Demo values of the caller's tenant, with tokens of `caller` that are valid for `good_for`.
    #[must_use]
    pub fn with_tokens(issuer: Issuer, caller: Caller, good_for: Duration, clock: Clock) -> Self {
        Self { client: caller.client.clone(), tokens: Some(Tokens { issuer, caller, good_for, clock }) }
    }

    /// Whether the request is for the demo values and comes from the page. The gateway listens on `host`.
    pub(crate) fn is_asked_for(request: &Request, host: SocketAddr) -> bool {
        let headers = request.headers();
        let is_page = site::is_addressed(headers, host) && !site::is_cross_origin(headers, host);
        is_page && request.method() == Method::GET && request.uri().path() == PATH
    }

    /// The values in the form that the page's script reads.
    ///
    /// # Errors
    /// If the customer cannot be created, or if the key cannot sign.
    pub(crate) async fn answer(&self, gateway: &Gateway, request_id: &str) -> Result<Response, Problem> {
        let mut told = json!({
            "clientId": self.client,
            "brandId": BRAND,
            "accountId": ACCOUNT,
            "customerId": self.customer(gateway, request_id).await?,
            "phone": PHONE,
        });
        if let Some(tokens) = &self.tokens {
            told["token"] = tokens.sign().map_err(Problem::internal)?.into();
        }
        Ok(([(X_CONTENT_TYPE_OPTIONS, "nosniff")], Json(told)).into_response())
    }

    /// Matches or creates the demo customer, and returns the id.
    async fn customer(&self, gateway: &Gateway, request_id: &str) -> Result<Value, Problem> {
        let customer = json!({
            "phone": PHONE, "firstName": "Demo", "lastName": "Passenger", "defaultAccount": { "id": ACCOUNT },
        });
        let admin = json!({ "clientId": self.client, "role": "admin", "exp": i64::MAX.to_string() });
        let request = Request::post(format!("/client/{}/brand/{BRAND}/customer", self.client))
            .header(CONTENT_TYPE, "application/json")
            .extension(CallerContext(admin))
            .body(Body::from(customer.to_string()))
            .expect("its parts are valid");
        let response = gateway.answer(request, request_id).await?;
        let is_success = response.status().is_success();
        let body = to_bytes(response.into_body(), usize::MAX).await.map_err(Problem::internal)?;
        let body: Value = serde_json::from_slice(&body).map_err(Problem::internal)?;
        if is_success { Ok(body["id"].clone()) } else { Err(Problem::internal(NoCustomer(body.to_string()))) }
    }
}

impl Tokens {
    fn sign(&self) -> Result<String, IssuerError> {
        let now = self.clock.now();
        let time = UnixSeconds::try_from(self.good_for.as_secs()).unwrap_or(UnixSeconds::MAX);
        self.issuer.token(&self.caller, now, now.saturating_add(time))
    }
}
