//! The function `authorizer`: reads the caller from a bearer token and returns the IAM policy for this caller.
//!
//! The token is a JWT (RFC 7519), signed with EdDSA (also named Ed25519, RFC 9864), ES256 or RS256 by a key of its
//! issuer. There are two issuers, each with its own keys and roles: the platform's provider, and this service for apps
//! and passengers. These claims identify the caller. All are strings except `epoch`, and all except `role` are ids (1 to 64
//! characters from `A-Z a-z 0-9 _ -`). The provider may name them differently ([`ClaimNames`]):
//!
//! | claim | which callers have it |
//! |---|---|
//! | `clientId` | all callers: the tenant |
//! | `role` | all callers: `operator`, `integration`, `admin`, `app` or `passenger`, or a list with one of them |
//! | `brandId` | only an `app` |
//! | `customerId` | only a `passenger` |
//! | `sid`, `epoch` | only a `passenger` of this service: the session, and the record's epoch when it was issued (a number) |
//!
//! `iss`, `aud` (one or a list; for the provider also `client_id`) and `exp` are required, and `nbf` is checked. Clocks
//! may differ by [`LEEWAY`] seconds. The time from `iat`, or from now without an `iat`, to `exp` is at most
//! `MAX_TOKEN_LIFETIME_SECONDS`, except for this service's app tokens. A token without a `kid` is accepted if exactly
//! one key of its issuer has its algorithm. ID tokens are refused.
//!
//! If anything is wrong with the token, the function fails with the error `Unauthorized`, which the gateway turns into
//! 401. The log has the reason. If the issuer's keys cannot be fetched, it fails with another error, which the gateway
//! turns into 500.

mod claims;
mod config;
mod https;
mod keys;
mod policy;
mod published;
mod reason;
mod service_keys;
mod token;

use lambda_http::aws_lambda_events::apigw::{
    ApiGatewayCustomAuthorizerRequestTypeRequest, ApiGatewayCustomAuthorizerResponse,
};
use lambda_http::lambda_runtime;
use lambda_http::{LambdaEvent, service_fn};
use serde_json::{Map, Value};
use shared::api::{Caller, Role};
use shared::clock::Clock;
use shared::domain::{SessionClaim, UnixSeconds};
use shared::telemetry;

pub use config::{ClaimNames, Config, MAX_TOKEN_LIFETIME, PROVIDER_ROLES};
pub use https::HttpsUrl;
pub use keys::{KeySet, KeySetError};
pub use policy::{INVOKE, self_service_usage_key, usage_key};
pub use reason::{Failure, Reason};
pub use shared::api::caller::LEEWAY;

use policy::ApiStage;
use token::VerifiedToken;

/// Authenticates the caller of a request.
#[derive(Debug)]
pub struct Authorizer {
    config: Config,
    clock: Clock,
}

impl Authorizer {
    #[must_use]
    pub fn new(config: Config, clock: Clock) -> Self {
        Self { config, clock }
    }

    /// Fetches the provider's keys if they are published. Lambda gives a function more processor time at its start than
    /// during a request, so the start is the best time for it. If it fails, the first request tries again.
    pub async fn prepare(&self) {
        self.config.prepare(self.clock.now()).await;
    }

    /// Responds to the gateway's event. A refusal is logged with its reason.
    ///
    /// # Errors
    /// [`Failure::Unauthorized`] if the token or the event is not valid, and [`Failure::KeysUnavailable`].
    pub async fn answer(&self, event: Value) -> Result<ApiGatewayCustomAuthorizerResponse, Failure> {
        let context = &event["requestContext"];
        let request_id = [&context["extendedRequestId"], &context["requestId"]].into_iter().find_map(Value::as_str);
        let request_id = request_id.unwrap_or_default().to_owned();
        let answer = match serde_json::from_value(event) {
            Ok(request) => self.authorize(&request).await,
            Err(_) => Err(Reason::MalformedEvent),
        };
        answer.map_err(|reason| {
            tracing::info!(target: telemetry::TARGET, reason = reason.code(), request_id, "unauthorized");
            reason.into()
        })
    }

    /// The caller's policy and context. They depend only on the token, the API and the stage, because the gateway
    /// caches them and uses them for other requests with the same token.
    ///
    /// # Errors
    /// The first error in the token.
    pub async fn authorize(
        &self,
        request: &ApiGatewayCustomAuthorizerRequestTypeRequest,
    ) -> Result<ApiGatewayCustomAuthorizerResponse, Reason> {
        let stage = request.method_arn.as_deref().and_then(ApiStage::of).ok_or(Reason::MalformedEvent)?;
        let VerifiedToken { caller, exp } =
            token::verify(token::bearer(request)?, stage, &self.config, self.clock.now()).await?;

        let mut response = ApiGatewayCustomAuthorizerResponse::default();
        response.principal_id = Some(principal(&caller));
        response.policy_document = stage.policy(&caller);
        response.context = context(&caller, exp);
        let usage_key = if caller.role.is_staff() { usage_key } else { self_service_usage_key };
        response.usage_identifier_key = Some(usage_key(stage.name(), &caller.client));
        Ok(response)
    }
}

/// Runs the function on AWS Lambda until the environment ends.
///
/// # Errors
/// If the configuration is missing or invalid, or if the runtime fails.
pub async fn run() -> Result<(), lambda_http::Error> {
    telemetry::init(&[], None);
    let authorizer = &Authorizer::new(Config::from_env()?, Clock::system());
    authorizer.prepare().await;
    let answer = |event: LambdaEvent<Value>| async move { authorizer.answer(event.payload).await };
    lambda_runtime::run(service_fn(answer)).await
}

/// The caller in the gateway's log: `{clientId}/{role}`, and the token's subject if it is an id. Other subjects are
/// left out, because they may be e-mail addresses.
fn principal(caller: &Caller) -> String {
    let subject = caller.subject.as_ref().map(|subject| format!("/{}", subject.as_str())).unwrap_or_default();
    format!("{}/{}{subject}", caller.client, caller.role.name())
}

/// The caller, as the functions get it. The gateway does not allow nested values and passes all values as strings.
fn context(caller: &Caller, exp: UnixSeconds) -> Value {
    let mut context = Map::new();
    let mut set = |name: &str, value: String| context.insert(name.to_owned(), value.into());
    set("clientId", caller.client.to_string());
    set("role", caller.role.name().to_owned());
    match &caller.role {
        Role::App { brand } => _ = set("brandId", brand.to_string()),
        Role::Passenger { customer, session } => {
            set("customerId", customer.to_string());
            if let Some(SessionClaim { id, epoch }) = session {
                set("sid", id.to_string());
                set("epoch", epoch.to_string());
            }
        }
        Role::Operator | Role::Integration | Role::Admin => {}
    }
    if let Some(subject) = &caller.subject {
        set("subject", subject.as_str().to_owned());
    }
    set("exp", exp.to_string());
    Value::Object(context)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use futures_util::FutureExt as _;
    use serde_json::json;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    // It is a unit test, because it captures the log and other tests of its process would write to it.
    #[test]
    fn a_refusal_logs_one_line_with_reason_and_request_id_and_no_part_of_the_token() {
        let captured = Captured::default();
        let writer = captured.clone();
        let subscriber = tracing_subscriber::registry().with(telemetry::layer(move || writer.clone(), &[], None));
        // RFC 8037, appendix A.2.
        let jwks = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        let config = Config::new("issuer".to_owned(), "audience", jwks).unwrap();
        let refused = tracing::subscriber::with_default(subscriber, || {
            let authorizer = Authorizer::new(config, Clock::system());
            let answer = authorizer.answer(json!({
                "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/client/demo/customer/c1",
                "headers": { "authorization": "Bearer secret.secret.secret" },
                "requestContext": { "requestId": "r-1", "extendedRequestId": "x-1" },
            }));
            answer.now_or_never().unwrap()
        });
        assert_eq!(refused, Err(Failure::Unauthorized));
        let mut line: Map<String, Value> = serde_json::from_slice(&captured.0.lock().unwrap()).unwrap();
        line.remove("timestamp").unwrap();
        let said =
            json!({ "level": "INFO", "message": "unauthorized", "reason": "malformed_token", "request_id": "x-1" });
        assert_eq!(Value::Object(line), said);
    }
}
