//! Finds the bearer token in a request and verifies it.
//!
//! Two issuers have their own keys and roles (RFC 8725, 3.8): the platform's provider and this service. The `iss` of a
//! token names its issuer. From then on, only this issuer's keys and roles are used.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, crypto};
use lambda_http::aws_lambda_events::apigw::ApiGatewayCustomAuthorizerRequestTypeRequest;
use serde::Deserialize;
use serde::de::IgnoredAny;
use shared::api::caller::{LEEWAY, has_expired};
use shared::api::{Caller, RoleName};
use shared::domain::{Subject, UnixSeconds};

use crate::claims::Claims;
use crate::config::{Config, Issuer, Kind};
use crate::policy::ApiStage;
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
    typ: Option<String>,
    crit: Option<IgnoredAny>,
}

/// The `typ` of an access token (RFC 9068, section 2.1).
const ACCESS_TOKEN: &str = "at+jwt";

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

/// Verifies `token` at the time `now`. Before the signature has been verified, only the header and `iss` are used, to
/// choose the key.
///
/// `jsonwebtoken` verifies the signature. Its `decode` is not used, because it does not know `Ed25519`, has its own
/// clock and rounds times.
pub(crate) async fn verify(
    token: &str,
    stage: ApiStage<'_>,
    config: &Config,
    now: UnixSeconds,
) -> Result<VerifiedToken, Reason> {
    let parts: Vec<_> = token.splitn(4, '.').collect();
    let [header, claims, signature] = parts[..] else { return Err(Reason::MalformedToken) };
    let message = &token[..header.len() + 1 + claims.len()];
    let header: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| Reason::MalformedToken)?;
    if header.crit.is_some() {
        return Err(Reason::UnknownExtension);
    }
    let algorithm = algorithm(&header.alg)?;
    let claims = Claims::parse(&bytes(claims)?)?;
    let issuer = claims.text("iss")?.and_then(|iss| config.issuer(iss)).ok_or(Reason::WrongIssuer)?;

    let kid = header.kid.as_deref();
    let keys = issuer.keys.current(kid, algorithm, stage, now).await?;
    let key = keys.find(kid, algorithm)?;
    match crypto::verify(signature, message.as_bytes(), &key.decoding, key.algorithm) {
        Ok(true) => check(&header, &claims, issuer, config, now),
        Ok(false) => Err(Reason::BadSignature),
        Err(_) => Err(Reason::MalformedToken),
    }
}

/// In RFC 9864, `Ed25519` is EdDSA with this curve. No other curve is accepted here, so both names mean the same.
fn algorithm(name: &str) -> Result<Algorithm, Reason> {
    if name == "Ed25519" { Ok(Algorithm::EdDSA) } else { name.parse().map_err(|_| Reason::MalformedToken) }
}

fn bytes(part: &str) -> Result<Vec<u8>, Reason> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Reason::MalformedToken)
}

/// Checks the claims of a token whose signature is valid.
fn check(
    header: &Header,
    claims: &Claims,
    issuer: &Issuer,
    config: &Config,
    now: UnixSeconds,
) -> Result<VerifiedToken, Reason> {
    let (is_access_token, is_for_us) = match issuer.kind {
        Kind::Service => (header.typ.as_deref() == Some(ACCESS_TOKEN), claims.is_for(&issuer.audiences)?),
        Kind::Provider => {
            let client_id = claims.text("client_id")?;
            // Access tokens of Cognito have a `client_id` and no `aud`.
            let is_for_us = claims
                .is_for(&issuer.audiences)?
                .or(client_id.map(|id| issuer.audiences.iter().any(|audience| audience == id)));
            (is_access_token(header.typ.as_deref(), claims)?, is_for_us)
        }
    };
    if !is_access_token {
        return Err(Reason::NotAccessToken);
    }
    if is_for_us != Some(true) {
        return Err(Reason::WrongAudience);
    }
    let exp = claims.time("exp")?.ok_or(Reason::NoExpiry)?;
    if has_expired(exp, now) {
        return Err(Reason::Expired);
    }
    if claims.time("nbf")?.is_some_and(|nbf| nbf > now.saturating_add(LEEWAY)) {
        return Err(Reason::NotYetValid);
    }
    let lifetime = exp.saturating_sub(claims.latest_start(now)?);
    let caller = claims.caller(&issuer.claims)?;
    let caller = match issuer.kind {
        Kind::Service => claims.session_of(caller)?,
        // A provider's `sid`, such as Keycloak's, is one of its own sessions.
        Kind::Provider => caller,
    };
    let role = caller.role.role_name();
    // The service's app tokens are compiled into apps, so they stay valid as long as the app is used.
    let is_exempt = issuer.kind == Kind::Service && role == RoleName::App;
    if lifetime > config.max_token_lifetime && !is_exempt {
        return Err(Reason::LifetimeTooLong);
    }
    if !issuer.roles.contains(&role) {
        return Err(Reason::RoleNotAllowed);
    }
    let subject = claims.text("sub")?.and_then(|subject| Subject::parse(subject.to_owned()).ok());
    Ok(VerifiedToken { caller: Caller { subject, ..caller }, exp })
}

/// Whether a token of the provider is for an API. An ID token is signed by the same keys, but is only for the client in
/// which someone has logged in.
///
/// RFC 9068 marks an access token in its header, Cognito in the claim `token_use`, Keycloak in the claim `typ`. In a
/// token without such a mark, these claims belong to an ID token: they bind it to a log-in (`OpenID` Connect Core 1.0,
/// sections 2 and 3.3.2.11). Marks come first, because access tokens of older versions of Keycloak have a `nonce` too.
fn is_access_token(typ: Option<&str>, claims: &Claims) -> Result<bool, Reason> {
    let typ = typ.map(str::to_ascii_lowercase);
    let header = match typ.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ)) {
        None | Some("jwt") => None,
        Some(typ) => Some(typ == ACCESS_TOKEN),
    };
    let token_use = claims.text("token_use")?.map(|token_use| token_use == "access");
    let kind = claims.text("typ")?.map(|kind| kind == "Bearer");
    let marks = [header, token_use, kind];
    let has_claims_of_an_id_token = ["nonce", "at_hash", "c_hash"].into_iter().any(|name| claims.has(name));
    Ok(!marks.contains(&Some(false)) && (marks.contains(&Some(true)) || !has_claims_of_an_id_token))
}
