//! Authentication in the gateway: it asks the authorizer, and applies the returned policy as API Gateway does.

use std::panic::AssertUnwindSafe;

use authorizer::{Authorizer, Failure};
use futures_util::FutureExt as _;
use http::header::{AUTHORIZATION, ORIGIN};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use shared::api::access::forbidden;
use shared::api::cors::AllowedOrigin;
use shared::api::{Code, Problem};

use crate::event::{self, Routed};
use crate::iam::may_invoke;
use crate::site;

/// The stage in the ARN of a method. The functions get the stage `$default`; see `event`.
const STAGE_ARN: &str = "arn:aws:execute-api:local:000000000000:local/local";

const OTHER_SITE: &str = "With --open, web pages of other sites are refused. Call the address that `local` printed, allow the page's origin with --allow-origin, or start `local` without --open.";

/// How the gateway authenticates callers.
#[derive(Debug)]
pub enum Access {
    /// With bearer tokens and the deployed authorizer. It is called for every request. API Gateway would cache its
    /// response for up to five minutes.
    Tokens(Authorizer),
    /// Without authentication: every caller is an admin of the tenant in the path. Requests from web pages of other
    /// sites are refused unless their origin is allowed, because no token keeps them out.
    Open,
}

/// The authorizer panicked. The panic hook has logged where.
#[derive(Debug, thiserror::Error)]
#[error("the authorizer panicked")]
struct Panicked;

impl Access {
    /// The context of the caller for the function.
    ///
    /// # Errors
    /// The gateway's 401 and 403.
    pub(crate) async fn context(
        &self,
        parts: &Parts,
        routed: &Routed<'_>,
        allowed: Option<&AllowedOrigin>,
    ) -> Result<Value, Problem> {
        match self {
            Self::Tokens(authorizer) => ask(authorizer, parts, routed).await,
            Self::Open => {
                let is_of_site = site::is_addressed(&parts.headers, routed.host);
                let mut origins = parts.headers.get_all(ORIGIN).iter();
                let is_allowed = origins.all(|origin| allowed.is_some_and(|allowed| allowed.allows(origin)));
                if !is_of_site || (site::is_cross_origin(&parts.headers, routed.host) && !is_allowed) {
                    return Err(Problem::new(Code::Forbidden, OTHER_SITE));
                }
                let tenant = routed.path_parameters.iter().find(|(name, _)| name == "clientId");
                let tenant = tenant.map(|(_, id)| percent_decode_str(id).decode_utf8_lossy());
                Ok(json!({ "clientId": tenant, "role": "admin", "exp": i64::MAX.to_string() }))
            }
        }
    }
}

async fn ask(authorizer: &Authorizer, parts: &Parts, routed: &Routed<'_>) -> Result<Value, Problem> {
    if !parts.headers.contains_key(AUTHORIZATION) {
        // The header is the identity source in the template, so without it API Gateway does not call the authorizer.
        return Err(unauthorized());
    }
    let method_arn = format!("{STAGE_ARN}/{}{}", parts.method, parts.uri.path());
    let event = event::for_authorizer(parts, routed, &method_arn);
    let asked = AssertUnwindSafe(authorizer.answer(event)).catch_unwind().await;
    let answer = asked.map_err(|_| Problem::internal(Panicked))?.map_err(|failure| match failure {
        Failure::Unauthorized => unauthorized(),
        Failure::KeysUnavailable => Problem::internal(failure),
    })?;
    if !may_invoke(&answer.policy_document, &method_arn) {
        return Err(forbidden());
    }
    let mut context = answer.context;
    context["principalId"] = json!(answer.principal_id);
    Ok(context)
}

fn unauthorized() -> Problem {
    let detail = "Send a valid token as `Authorization: Bearer`. `cargo run -p local -- token --help` says how to get one. A \
                  token is valid only for a `local` that uses the key it was signed with.";
    Problem::new(Code::Unauthorized, detail)
}
