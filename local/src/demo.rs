//! What the page of the reference opens with on this machine: a tenant and a customer to try the API with, and a token
//! where the gateway asks for one.
//!
//! Only the page gets it: a request of another site, or under another `Host`, finds nothing here (`site` says why).

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

/// Where the page asks for it. On AWS nothing is there, and the page goes on without.
const PATH: &str = "/docs/demo.json";

/// The demo customer's phone, the same one in every region that the tenant may set. No example registers it, so that the
/// examples answer as the guides say.
const PHONE: &str = "+353 85 012 3456";
const BRAND: &str = "city";
const ACCOUNT: &str = "acme";

/// The demo customer could not be matched or created.
#[derive(Debug, thiserror::Error)]
#[error("the demo customer was answered with {0}")]
struct NoCustomer(String);

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

    /// The tenant, a customer of it, and the token if there is one, in the form that the page's script reads.
    ///
    /// # Errors
    /// A customer that cannot be created, or a key that cannot sign.
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

    /// The id of the demo customer, who is matched or created as by a booking.
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
