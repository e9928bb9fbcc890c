//! The keys of this service, which its operation `getJwks` publishes.
//!
//! The template cannot tell the authorizer where that is: the API needs the authorizer, so the address of the API would
//! be a circular dependency of the stack. The event of a request names the API, so the address follows from the first
//! token of this service. Tokens of the provider never cause a fetch of these keys.

use std::sync::{Arc, Mutex, PoisonError};

use crate::https::HttpsUrl;
use crate::keys::KeySet;
use crate::policy::ApiStage;
use crate::published::PublishedKeys;

/// The keys that the API of a request publishes.
#[derive(Debug)]
pub(crate) struct ServiceKeys {
    issuer: String,
    /// The configured keys of the provider, which may not be this service's too.
    reserved: Option<Arc<KeySet>>,
    /// The stage of the last request, and its keys. There is one stage, except for a test from the console.
    last: Mutex<Option<(String, Arc<PublishedKeys>)>>,
}

impl ServiceKeys {
    pub(crate) fn new(issuer: String, reserved: Option<Arc<KeySet>>) -> Self {
        Self { issuer, reserved, last: Mutex::default() }
    }

    /// The keys that this stage publishes. `None` if the event names no region or API.
    pub(crate) fn of(&self, stage: ApiStage<'_>) -> Option<Arc<PublishedKeys>> {
        // A poisoned lock is safe to use: each change replaces the whole value.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((arn, keys)) = &*last
            && arn == stage.arn()
        {
            return Some(Arc::clone(keys));
        }
        let mut keys = PublishedKeys::new(HttpsUrl::parse(&jwks_url(stage)?)?, self.issuer.clone());
        if let Some(reserved) = &self.reserved {
            keys.reserve(Arc::clone(reserved));
        }
        let keys = Arc::new(keys);
        *last = Some((stage.arn().to_owned(), Arc::clone(&keys)));
        Some(keys)
    }
}

/// The address of the operation `getJwks` of a stage: `arn:{partition}:execute-api:{region}:{account}:{apiId}/{stage}`.
fn jwks_url(stage: ApiStage<'_>) -> Option<String> {
    let (api, name) = stage.arn().split_once('/')?;
    let parts: Vec<_> = api.split(':').collect();
    let [_, partition, _, region, _, id] = parts[..] else { return None };
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    Some(format!("https://{id}.execute-api.{region}.{suffix}/{name}/.well-known/jwks.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(method_arn: &str) -> Option<String> {
        jwks_url(ApiStage::of(method_arn)?)
    }

    #[test]
    fn the_address_of_the_keys_follows_from_the_event() {
        assert_eq!(
            url("arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/client/demo/customer/c1").unwrap(),
            "https://abcdef1234.execute-api.eu-west-1.amazonaws.com/prod/.well-known/jwks.json"
        );
        assert_eq!(
            url("arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef1234/dev/GET/x").unwrap(),
            "https://abcdef1234.execute-api.cn-north-1.amazonaws.com.cn/dev/.well-known/jwks.json"
        );
    }

    #[test]
    fn the_keys_of_a_stage_are_kept_until_another_stage_is_served() {
        let keys = ServiceKeys::new("customers-prod".to_owned(), None);
        let of = |stage: &str| {
            let arn = format!("arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/{stage}/GET/x");
            keys.of(ApiStage::of(&arn).unwrap()).unwrap()
        };
        let first = of("prod");
        assert!(Arc::ptr_eq(&first, &of("prod")));
        assert!(!Arc::ptr_eq(&first, &of("test-invoke-stage")));
    }
}
