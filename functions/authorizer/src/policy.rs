//! What a caller may invoke, as an IAM policy.
//!
//! In a policy's resource `*` stands for any characters, `/` included, and is met in two places:
//! - Staff may invoke, by each method that they have an operation for, everything below `/client/{their own}/`. The
//!   method is written out, so the tenant stands at a fixed place: below `*` it could be found further on in the path.
//!   Within the tenant it also covers what else goes by the same method: for an `integration` the deletion of a
//!   customer, which the function refuses.
//! - A passenger's brand and saved address are any. Such a resource also covers paths in which more segments stand in
//!   their place, and none of these is a route, whatever the ids: a customer's id in a token is never a word of a path
//!   (see `token`), so what follows the brand is that customer and nothing else.
//!
//! The functions check every request again, by the same role table.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use lambda_http::aws_lambda_events::apigw::ApiGatewayCustomAuthorizerPolicy;
use lambda_http::aws_lambda_events::iam::IamPolicyStatement;
use shared::api::{Caller, Operation, Role};
use shared::domain::ClientId;

/// The action of calling a method.
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

    pub(crate) fn name(self) -> &'a str {
        self.name
    }

    /// The policy of a caller on this stage.
    pub(crate) fn policy(self, caller: &Caller) -> ApiGatewayCustomAuthorizerPolicy {
        let open = Operation::authenticated().filter(|operation| operation.is_open_to(&caller.role));
        // A set, since staff have one resource per method and not per operation.
        let resources: BTreeSet<_> = open
            .map(|operation| format!("{}/{}{}", self.arn, operation.method(), reach(caller, operation.path())))
            .collect();

        let mut statement = IamPolicyStatement::default();
        statement.action = vec![INVOKE.to_owned()];
        statement.resource = resources.into_iter().collect();
        let mut policy = ApiGatewayCustomAuthorizerPolicy::default();
        policy.version = Some("2012-10-17".to_owned());
        policy.statement = vec![statement];
        policy
    }
}

/// How much of a route is this caller's: all of its tenant, or the route with the caller's own ids.
fn reach(caller: &Caller, path: &str) -> String {
    if caller.role.is_staff() {
        return format!("/client/{}/*", caller.client);
    }
    let own = |segment| match (segment, &caller.role) {
        ("{clientId}", _) => caller.client.as_str(),
        ("{brandId}", Role::App { brand }) => brand.as_str(),
        ("{customerId}", Role::Passenger { customer }) => customer.as_str(),
        (segment, _) if segment.starts_with('{') => "*",
        (segment, _) => segment,
    };
    path.split('/').map(own).collect::<Vec<_>>().join("/")
}

/// The value of a tenant's API key, which puts it under its usage plan: the SHA-256 of `{stage}/{clientId}`, in
/// lower-case hex. It is no secret and opens nothing.
#[must_use]
pub fn usage_key(stage: &str, client: &ClientId) -> String {
    let hash = digest(&SHA256, format!("{stage}/{client}").as_bytes());
    hash.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // A String takes all that is written to it.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
