//! The public keys of an issuer. Each key is for one algorithm.
//!
//! A configured set and a published one are read differently. Someone chose each configured key, so a key that cannot
//! verify a token is an error. A provider also publishes keys for other purposes, so such a key is ignored, as RFC
//! 7517, section 5, recommends.

use std::collections::HashSet;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::reason::Reason;

/// The keys of one issuer. There is at least one, and no two have the same `kid`.
#[derive(Debug)]
pub struct KeySet(Vec<VerificationKey>);

/// A public key and the only algorithm that it verifies.
#[derive(Debug)]
pub(crate) struct VerificationKey {
    id: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) decoding: DecodingKey,
    /// The public key itself, encoded in one way for each kind of key, so that keys can be compared.
    public: Vec<u8>,
}

/// An error in a key set. `place` counts the keys from 1.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    #[error("is not a JWK set: line {line}, column {column}")]
    NotAJwkSet { line: usize, column: usize },
    #[error("has no keys")]
    Empty,
    #[error("has a key {place} that {problem}")]
    Key { place: usize, problem: &'static str },
    #[error("has no key that verifies EdDSA, ES256 or RS256")]
    NoneUsable,
}

#[derive(Deserialize)]
struct JwkSet<T> {
    keys: Vec<T>,
}

/// A JWK (RFC 7517, RFC 7518 section 6, RFC 8037).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    kid: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    /// The private part of a private key that was configured by mistake.
    d: Option<IgnoredAny>,
}

impl KeySet {
    /// Reads a JWK set. A key that cannot verify tokens is an error, because ignoring it would hide a mistake in the
    /// configuration.
    ///
    /// # Errors
    /// Names the first key that is not a public signature key for EdDSA (Ed25519), ES256 or RS256 (2048 to 8192 bits),
    /// or that has the `kid` of another key. The error does not repeat the text, because it may contain a private key.
    pub fn parse(json: &str) -> Result<Self, KeySetError> {
        let mut ids = HashSet::new();
        let mut keys = Vec::new();
        for (index, jwk) in members(json.as_bytes())?.into_iter().enumerate() {
            let wrong = |problem| KeySetError::Key { place: index + 1, problem };
            let key = VerificationKey::read(jwk).map_err(wrong)?;
            if key.id.as_ref().is_some_and(|id| !ids.insert(id.clone())) {
                return Err(wrong("has the kid of another"));
            }
            keys.push(key);
        }
        Ok(Self(keys))
    }

    /// Reads the JWK set that the issuer with this `iss` publishes. Ignores keys that are not for its tokens.
    ///
    /// # Errors
    /// If the text is not a JWK set, or if no key is usable.
    pub(crate) fn published(json: &[u8], issuer: &str) -> Result<Self, KeySetError> {
        let mut ids = HashSet::new();
        let is_of_issuer = |jwk: &Value| jwk["issuer"].as_str().is_none_or(|template| is_issuer(template, issuer));
        let keys: Vec<_> = members::<Value>(json)?
            .into_iter()
            .filter(is_of_issuer)
            .filter_map(|jwk| VerificationKey::read(serde_json::from_value(jwk).ok()?).ok())
            .filter(|key| key.id.as_ref().is_none_or(|id| ids.insert(id.clone())))
            .collect();
        if keys.is_empty() { Err(KeySetError::NoneUsable) } else { Ok(Self(keys)) }
    }

    /// Whether a key is in both sets, with the same or another `kid`.
    pub(crate) fn shares_a_key_with(&self, other: &Self) -> bool {
        self.0.iter().any(|key| other.0.iter().any(|of_other| of_other.public == key.public))
    }

    /// The key for a token with this `kid` and this `alg`.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<&VerificationKey, Reason> {
        let mut fitting = self.0.iter().filter(|key| match id {
            Some(id) => key.id.as_deref() == Some(id),
            None => key.algorithm == algorithm,
        });
        match (fitting.next(), fitting.next()) {
            (Some(key), None) if key.algorithm == algorithm => Ok(key),
            (Some(_), None) => Err(Reason::WrongAlgorithm),
            _ if id.is_some() => Err(Reason::UnknownKey),
            _ => Err(Reason::NoKeyId),
        }
    }
}

fn members<T: DeserializeOwned>(json: &[u8]) -> Result<Vec<T>, KeySetError> {
    let set: JwkSet<T> = serde_json::from_slice(json)
        .map_err(|error| KeySetError::NotAJwkSet { line: error.line(), column: error.column() })?;
    if set.keys.is_empty() { Err(KeySetError::Empty) } else { Ok(set.keys) }
}

/// Microsoft Entra ID publishes keys of several issuers at one address. Each key has a member `issuer`, in which
/// `{tenantid}` means any tenant
/// (<https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer>).
fn is_issuer(template: &str, issuer: &str) -> bool {
    let Some((before, after)) = template.split_once("{tenantid}") else { return template == issuer };
    let tenant = issuer.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    tenant.is_some_and(|tenant| !tenant.is_empty() && !tenant.contains('/'))
}

impl VerificationKey {
    fn read(jwk: Jwk) -> Result<Self, &'static str> {
        if jwk.kty == "oct" {
            return Err("is symmetric");
        }
        if jwk.d.is_some() {
            return Err("is private");
        }
        if jwk.usage.is_some_and(|usage| usage != "sig") {
            return Err("has a use other than sig");
        }
        if jwk.key_ops.is_some_and(|operations| !operations.iter().any(|operation| operation == "verify")) {
            return Err("has key_ops without verify");
        }
        let (algorithm, names, (decoding, public)): (_, &[_], _) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => (Algorithm::EdDSA, &["EdDSA", "Ed25519"], ed25519(bytes(jwk.x)?)?),
            ("EC", Some("P-256")) => (Algorithm::ES256, &["ES256"], p256(&bytes(jwk.x)?, &bytes(jwk.y)?)?),
            ("RSA", None) => (Algorithm::RS256, &["RS256"], rsa(bytes(jwk.n)?, &bytes(jwk.e)?)?),
            _ => return Err("is neither OKP with Ed25519, nor EC with P-256, nor RSA"),
        };
        if jwk.alg.is_some_and(|given| !names.contains(&given.as_str())) {
            return Err("has an alg that is not EdDSA (or Ed25519), ES256 or RS256, as its kty demands");
        }
        Ok(Self { id: jwk.kid, algorithm, decoding, public })
    }
}

fn bytes(text: Option<String>) -> Result<Vec<u8>, &'static str> {
    let text = text.ok_or("lacks a member of its kty")?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| "has a member that is not base64url without padding")
}

fn ed25519(x: Vec<u8>) -> Result<(DecodingKey, Vec<u8>), &'static str> {
    ParsedPublicKey::new(&ED25519, &x).map_err(|_| "is not an Ed25519 key")?;
    Ok((DecodingKey::from_ed_der(&x), x))
}

fn p256(x: &[u8], y: &[u8]) -> Result<(DecodingKey, Vec<u8>), &'static str> {
    // Uncompressed form (SEC 1, 2.3.3). Each coordinate must have its full length, because otherwise it is unclear
    // where y begins.
    let point = [&[4], x, y].concat();
    if (x.len(), y.len()) != (32, 32) || ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).is_err() {
        return Err("is not a point of P-256");
    }
    Ok((DecodingKey::from_ec_der(&point), point))
}

fn rsa(n: Vec<u8>, e: &[u8]) -> Result<(DecodingKey, Vec<u8>), &'static str> {
    let unused = n.first().map_or(0, |first| first.leading_zeros() as usize);
    if !(2048..=8192).contains(&(n.len() * 8 - unused)) {
        return Err("has an RSA modulus that is not of 2048 to 8192 bits");
    }
    // FIPS 186-5 requires an odd exponent of at least 65537, and AWS-LC accepts at most 32 bits.
    if !(3..=4).contains(&e.len()) || e[0] == 0 || e[e.len() - 1].is_multiple_of(2) {
        return Err("has an RSA exponent that is even, below 65537 or over 32 bits");
    }
    RsaPublicKeyComponents { n: &n[..], e }
        .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        .map_err(|_| "is not an RSA key")?;
    // Only the modulus is compared, because its factors give the private key for every exponent.
    Ok((DecodingKey::from_rsa_raw_components(&n, e), n))
}
