//! Finds the bearer token in a request and verifies it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, crypto};
use lambda_http::aws_lambda_events::apigw::ApiGatewayCustomAuthorizerRequestTypeRequest;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Number;
use shared::api::Caller;
use shared::api::Role;
use shared::api::caller::{LEEWAY, has_expired};
use shared::api::operation::is_path_word;
use shared::domain::{Subject, UnixSeconds};

use crate::config::Config;
use crate::reason::Reason;

/// The content of a valid token.
pub(crate) struct VerifiedToken {
    pub(crate) caller: Caller,
    pub(crate) exp: UnixSeconds,
}

/// The fields of a JOSE header (RFC 7515, section 4.1) that are read.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

/// The claims that are read. Other claims are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    iss: Option<String>,
    aud: Option<Audience>,
    exp: Option<Number>,
    nbf: Option<Number>,
    iat: Option<Number>,
    sub: Option<String>,
    client_id: Option<String>,
    role: Option<String>,
    brand_id: Option<String>,
    customer_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The token of a request. The event contains the headers in two forms, and only `multiValueHeaders` shows that a
/// header was sent twice.
pub(crate) fn bearer(request: &ApiGatewayCustomAuthorizerRequestTypeRequest) -> Result<&str, Reason> {
    let forms = [&request.multi_value_headers, &request.headers];
    let headers = forms.into_iter().find(|headers| headers.contains_key(AUTHORIZATION)).ok_or(Reason::NoToken)?;
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(Reason::ManyTokens) };
    let value = value.to_str().map_err(|_| Reason::NotBearer)?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim_matches(' ')),
        _ => Err(Reason::NotBearer),
    }
}

/// Verifies `token` at the time `now`. The claims are read only after the signature has been verified.
///
/// `jsonwebtoken` verifies the signature. Its `decode` is not used, because it does not know `Ed25519`, has its own
/// clock and rounds times.
pub(crate) fn verify(token: &str, config: &Config, now: UnixSeconds) -> Result<VerifiedToken, Reason> {
    let parts: Vec<_> = token.splitn(4, '.').collect();
    let [header, claims, signature] = parts[..] else { return Err(Reason::MalformedToken) };
    let message = &token[..header.len() + 1 + claims.len()];
    let header: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| Reason::MalformedToken)?;
    if header.crit.is_some() {
        return Err(Reason::UnknownExtension);
    }
    let key = config.keys.find(header.kid.as_deref(), algorithm(&header.alg)?)?;
    match crypto::verify(signature, message.as_bytes(), &key.decoding, key.algorithm) {
        Ok(true) => {}
        Ok(false) => return Err(Reason::BadSignature),
        Err(_) => return Err(Reason::MalformedToken),
    }
    let claims: Claims = serde_json::from_slice(&bytes(claims)?).map_err(|_| Reason::MalformedClaims)?;
    claims.check(config, now)
}

/// RFC 9864 names EdDSA with the curve Ed25519 `Ed25519`. No other curve is accepted here, so both names mean the same.
fn algorithm(name: &str) -> Result<Algorithm, Reason> {
    if name == "Ed25519" { Ok(Algorithm::EdDSA) } else { name.parse().map_err(|_| Reason::MalformedToken) }
}

fn bytes(part: &str) -> Result<Vec<u8>, Reason> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Reason::MalformedToken)
}

impl Claims {
    fn check(self, config: &Config, now: UnixSeconds) -> Result<VerifiedToken, Reason> {
        if self.iss.as_ref() != Some(&config.issuer) {
            return Err(Reason::WrongIssuer);
        }
        let ours = match &self.aud {
            None => false,
            Some(Audience::One(audience)) => *audience == config.audience,
            Some(Audience::Many(audiences)) => audiences.contains(&config.audience),
        };
        if !ours {
            return Err(Reason::WrongAudience);
        }
        let exp = self.exp.as_ref().map(seconds).ok_or(Reason::NoExpiry)?;
        if has_expired(exp, now) {
            return Err(Reason::Expired);
        }
        if self.nbf.as_ref().map(seconds).is_some_and(|nbf| nbf > now.saturating_add(LEEWAY)) {
            return Err(Reason::NotYetValid);
        }
        if exp.saturating_sub(self.latest_start(now)) > config.max_token_lifetime {
            return Err(Reason::LifetimeTooLong);
        }
        let caller = self.caller().ok_or(Reason::BadCaller)?;
        let subject = self.sub.and_then(|subject| Subject::parse(subject).ok());
        Ok(VerifiedToken { caller: Caller { subject, ..caller }, exp })
    }

    /// The latest possible start of the token's lifetime: its `iat` (RFC 7519, section 4.1.6), but not later than now.
    /// Otherwise an `iat` in the future, for example in milliseconds, would make a long lifetime look short.
    fn latest_start(&self, now: UnixSeconds) -> UnixSeconds {
        let latest = now.saturating_add(LEEWAY);
        self.iat.as_ref().map_or(latest, |iat| seconds(iat).min(latest))
    }

    fn caller(&self) -> Option<Caller> {
        let (client, role) = (self.client_id.as_deref()?, self.role.as_deref()?);
        let caller = Caller::from_parts(client, role, self.brand_id.as_deref(), self.customer_id.as_deref())?;
        match &caller.role {
            // `…/customer/phone` is the search and not a customer. This service never issues such an id.
            Role::Passenger { customer } if is_path_word(customer.as_str()) => None,
            _ => Some(caller),
        }
    }
}

/// Reads a `NumericDate` (RFC 7519, section 2), which may have a fraction.
fn seconds(date: &Number) -> UnixSeconds {
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and the fraction is dropped on purpose")]
    let floor = |date: f64| date.floor() as UnixSeconds;
    date.as_i64().unwrap_or_else(|| date.as_f64().map_or(0, floor))
}
