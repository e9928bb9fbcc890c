//! The IAM policy of the methods that a caller may invoke.
//!
//! In the resource of a policy, `*` matches any characters, including `/`. It is used in two places:
//! - Staff may invoke every path below `/client/{their own}/` with the methods of their operations. The method is not a
//!   `*`, because a `*` could also match the beginning of another path that contains the tenant's id. The policy covers
//!   all operations with the same method. For an `integration` this includes deleting a customer, which the function
//!   refuses.
//! - For a passenger, a `*` takes the place of the brand and of the saved address. Such a resource also matches paths
//!   with more segments in this place, but no route has such a path. A customer id in a token never equals a fixed
//!   segment of a path (see `token`), so the segment after the brand can only be this customer. The functions check
//!   every request again with the same role table.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use lambda_http::aws_lambda_events::apigw::ApiGatewayCustomAuthorizerPolicy;
use lambda_http::aws_lambda_events::iam::{IamPolicyEffect, IamPolicyStatement};
use shared::api::{Caller, Operation, Role};
use shared::domain::ClientId;

/// The IAM action for calling a method.
pub const INVOKE: &str = "execute-api:Invoke";

/// A deployed stage of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ApiStage<'a> {
    /// `arn:{partition}:execute-api:{region}:{account}:{apiId}/{stage}`.
    arn: &'a str,
    name: &'a str,
}

impl<'a> ApiStage<'a> {
    /// The stage of a method's ARN, `…/{stage}/{METHOD}/{path}`.
    pub(crate) fn of(method_arn: &'a str) -> Option<Self> {
        let (api, rest) = method_arn.split_once('/')?;
        let (name, _) = rest.split_once('/')?;
        let plain =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let parts: Vec<_> = api.split(':').collect();
        let is_api = matches!(parts[..], ["arn", _, "execute-api", _, _, _]) && parts.iter().all(|part| plain(part));
        (is_api && plain(name)).then(|| Self { arn: &method_arn[..api.len() + 1 + name.len()], name })
    }

    /// `arn:{partition}:execute-api:{region}:{account}:{apiId}/{stage}`.
    pub(crate) fn arn(self) -> &'a str {
        self.arn
    }

    pub(crate) fn name(self) -> &'a str {
        self.name
    }

    /// The policy of a caller on this stage.
    pub(crate) fn policy(self, caller: &Caller) -> ApiGatewayCustomAuthorizerPolicy {
        let open = Operation::authenticated().filter(|operation| operation.is_open_to(&caller.role));
        // A set, because staff have one resource per method and not per operation.
        let resources: BTreeSet<_> = open
            .map(|operation| format!("{}/{}{}", self.arn, operation.method(), reach(caller, operation.path())))
            .collect();

        let mut statement = IamPolicyStatement::default();
        statement.action = vec![INVOKE.to_owned()];
        statement.resource = resources.into_iter().collect();
        if statement.resource.is_empty() {
            // A statement needs a resource, also for a role without operations.
            statement.effect = IamPolicyEffect::Deny;
            statement.resource.push(format!("{}/*", self.arn));
        }
        let mut policy = ApiGatewayCustomAuthorizerPolicy::default();
        policy.version = Some("2012-10-17".to_owned());
        policy.statement = vec![statement];
        policy
    }
}

/// The path that this caller may invoke: all paths of the tenant, or the route with the caller's own ids.
fn reach(caller: &Caller, path: &str) -> String {
    if caller.role.is_staff() {
        return format!("/client/{}/*", caller.client);
    }
    let own = |segment| match (segment, &caller.role) {
        ("{clientId}", _) => caller.client.as_str(),
        ("{brandId}", Role::App { brand }) => brand.as_str(),
        ("{customerId}", Role::Passenger { customer, .. }) => customer.as_str(),
        (segment, _) if segment.starts_with('{') => "*",
        (segment, _) => segment,
    };
    path.split('/').map(own).collect::<Vec<_>>().join("/")
}

/// The value of a tenant's API key for its office, which selects its usage plan: the SHA-256 of `{stage}/{clientId}` in
/// lower-case hex. It is not a secret and grants no access.
#[must_use]
pub fn usage_key(stage: &str, client: &ClientId) -> String {
    sha256_hex(&format!("{stage}/{client}"))
}

/// The value of a tenant's API key for its apps and passengers. It has its own usage plan. An app token is public, and
/// a flood of requests with it must not make the office's requests fail with 429.
#[must_use]
pub fn self_service_usage_key(stage: &str, client: &ClientId) -> String {
    sha256_hex(&format!("{stage}/{client}/self-service"))
}

fn sha256_hex(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
