//! The claims of a token (RFC 7519, section 4), and the caller that they describe.

use serde_json::{Map, Number, Value};
use shared::api::caller::LEEWAY;
use shared::api::operation::is_path_word;
use shared::api::unambiguous::Unambiguous;
use shared::api::{Caller, Role, RoleName};
use shared::domain::UnixSeconds;

use crate::config::ClaimNames;
use crate::reason::Reason;

/// The payload of a token. A name that occurs twice is refused, because JSON does not define which of its values
/// counts.
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// Reads a payload.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, Reason> {
        match serde_json::from_slice(json) {
            Ok(Unambiguous(Value::Object(claims))) => Ok(Self(claims)),
            _ => Err(Reason::MalformedClaims),
        }
    }

    /// A claim with a text. A claim with `null` counts as missing.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Reason> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Reason::MalformedClaims),
        }
    }

    /// A claim with a `NumericDate`.
    pub(crate) fn time(&self, name: &str) -> Result<Option<UnixSeconds>, Reason> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Number(date)) => Ok(Some(seconds(date))),
            Some(_) => Err(Reason::MalformedClaims),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether `aud` is one of these audiences, or a list that contains one. `None` if the token has no `aud`.
    pub(crate) fn is_for(&self, audiences: &[String]) -> Result<Option<bool>, Reason> {
        match self.get("aud") {
            None => Ok(None),
            Some(Value::String(one)) => Ok(Some(audiences.contains(one))),
            Some(Value::Array(many)) => {
                let many = texts(many)?;
                Ok(Some(audiences.iter().any(|audience| many.contains(&audience.as_str()))))
            }
            Some(_) => Err(Reason::MalformedClaims),
        }
    }

    /// The start of the token's lifetime: the time of issue (`iat`, RFC 7519, section 4.1.6), or `now` if that is
    /// earlier or there is no `iat`. So an `iat` in the future, for example in milliseconds, does not shorten the
    /// lifetime.
    pub(crate) fn latest_start(&self, now: UnixSeconds) -> Result<UnixSeconds, Reason> {
        let latest = now.saturating_add(LEEWAY);
        Ok(self.time("iat")?.map_or(latest, |iat| iat.min(latest)))
    }

    /// The caller that the claims with these names describe, without a subject.
    pub(crate) fn caller(&self, names: &ClaimNames) -> Result<Caller, Reason> {
        let (client, role) = (self.text(&names.client)?, self.role(&names.role)?);
        let (brand, customer) = (self.text(&names.brand)?, self.text(&names.customer)?);
        let (Some(client), Some(role)) = (client, role) else { return Err(Reason::BadCaller) };
        let caller = Caller::from_parts(client, role.as_str(), brand, customer).ok_or(Reason::BadCaller)?;
        match &caller.role {
            // `…/customer/phone` finds a customer by phone. A passenger with this id could call it.
            Role::Passenger { customer, .. } if is_path_word(customer.as_str()) => Err(Reason::BadCaller),
            _ => Ok(caller),
        }
    }

    /// `caller` with the session that the claims name, as in tokens of this service: a passenger's token always belongs to
    /// a session, and no other token does.
    pub(crate) fn session_of(&self, caller: Caller) -> Result<Caller, Reason> {
        match (self.text("sid")?, self.get("epoch")) {
            (None, None) if caller.role.role_name() != RoleName::Passenger => Ok(caller),
            (Some(id), Some(epoch)) => {
                let epoch = epoch.as_u64().ok_or(Reason::MalformedClaims)?;
                caller.in_session(id, epoch).ok_or(Reason::BadCaller)
            }
            _ => Err(Reason::NoSession),
        }
    }

    /// The one role in a claim: a name, or a list with exactly one name of a role. Providers also list groups and roles
    /// that this service does not know. Two known roles are ambiguous.
    fn role(&self, name: &str) -> Result<Option<RoleName>, Reason> {
        match self.get(name) {
            Some(Value::Array(many)) => {
                let mut known = texts(many)?.into_iter().filter_map(RoleName::named);
                let role = known.next();
                if known.next().is_some() { Err(Reason::ManyRoles) } else { Ok(role) }
            }
            _ => Ok(self.text(name)?.and_then(RoleName::named)),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

fn texts(many: &[Value]) -> Result<Vec<&str>, Reason> {
    many.iter().map(Value::as_str).collect::<Option<_>>().ok_or(Reason::MalformedClaims)
}

/// A `NumericDate` (RFC 7519 section 2), which may have a fraction.
fn seconds(date: &Number) -> UnixSeconds {
    #[expect(clippy::cast_possible_truncation, reason = "it saturates, and the fraction is dropped")]
    let floor = |date: f64| date.floor() as UnixSeconds;
    date.as_i64().unwrap_or_else(|| date.as_f64().map_or(0, floor))
}
