//! An issuer of valid and invalid tokens, and an authorizer that trusts it. The tokens are assembled here and signed
//! with AWS-LC, so that they do not depend on the library that reads them.

use std::sync::atomic::AtomicI64;
use std::sync::{Arc, LazyLock};

use authorizer::{Authorizer, Config, Reason};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use lambda_http::aws_lambda_events::apigw::ApiGatewayCustomAuthorizerResponse;
use serde_json::{Value, json};
use shared::api::RoleName;
use shared::clock::Clock;

/// The current time in all tests, in Unix seconds.
pub(crate) const NOW: i64 = 1_790_000_000;
pub(crate) const ISSUER: &str = "https://login.example";
pub(crate) const AUDIENCE: &str = "customers";
pub(crate) const STAGE: &str = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod";

/// A key pair.
pub(crate) struct SigningKey {
    id: Option<&'static str>,
    pair: Pair,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(&'static RsaKeyPair),
}

impl SigningKey {
    pub(crate) fn ed25519(id: &'static str) -> Self {
        Self { id: Some(id), pair: Pair::Ed25519(Ed25519KeyPair::generate().unwrap()) }
    }

    pub(crate) fn p256(id: &'static str) -> Self {
        Self { id: Some(id), pair: Pair::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()) }
    }

    /// All tests share one RSA key, because generating one takes long.
    pub(crate) fn rsa(id: &'static str) -> Self {
        static PAIR: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
        Self { id: Some(id), pair: Pair::Rsa(&PAIR) }
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Ed25519(_) => "EdDSA",
            Pair::P256(_) => "ES256",
            Pair::Rsa(_) => "RS256",
        }
    }

    pub(crate) fn public_bytes(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Pair::P256(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let bytes = self.public_bytes();
        let mut jwk = match &self.pair {
            Pair::Ed25519(_) => json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(&bytes) }),
            Pair::P256(_) => {
                json!({ "kty": "EC", "crv": "P-256", "x": base64url(&bytes[1..33]), "y": base64url(&bytes[33..]) })
            }
            Pair::Rsa(pair) => {
                let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({ "kty": "RSA", "n": base64url(&parts.n), "e": base64url(&parts.e) })
            }
        };
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm());
        if let Some(id) = self.id {
            jwk["kid"] = json!(id);
        }
        jwk
    }

    /// A token with these claims.
    pub(crate) fn token(&self, claims: &Value) -> String {
        let mut header = json!({ "typ": "JWT", "alg": self.algorithm() });
        if let Some(id) = self.id {
            header["kid"] = json!(id);
        }
        self.token_with(&header, claims)
    }

    /// A token with this header, signed by this key even if the header names another one.
    pub(crate) fn token_with(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, &claims.to_string());
        let signature = self.sign(message.as_bytes());
        format!("{message}.{}", base64url(&signature))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::P256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }
}

/// The signed part of a token.
pub(crate) fn message(header: &Value, claims: &str) -> String {
    format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.as_bytes()))
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The text of a JWK set.
pub(crate) fn jwks(keys: &[&SigningKey]) -> String {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() }).to_string()
}

/// The configuration for a provider with these keys.
pub(crate) fn config(keys: &[&SigningKey]) -> Config {
    Config::new(ISSUER.to_owned(), AUDIENCE, &jwks(keys)).unwrap()
}

/// An authorizer for a provider that has these keys and may assert every role. Its clock always shows [`NOW`].
pub(crate) fn authorizer(keys: &[&SigningKey]) -> Authorizer {
    at(NOW, config(keys).with_provider_roles(RoleName::ALL.to_vec()))
}

/// An authorizer whose clock always shows `now`.
pub(crate) fn at(now: i64, config: Config) -> Authorizer {
    Authorizer::new(config, Clock::manual(Arc::new(AtomicI64::new(now))))
}

/// The claims of an operator of `demo` with these changes. `null` removes a claim.
pub(crate) fn claims(changed: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 600, "sub": "u-1", "clientId": "demo", "role": "operator",
    });
    for (name, value) in changed.as_object().unwrap() {
        match value {
            Value::Null => _ = claims.as_object_mut().unwrap().remove(name),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

/// The gateway's event for a request with this `Authorization` header.
pub(crate) fn event(authorization: &str) -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE}/GET/client/demo/customer/c1"),
        "resource": "/client/{clientId}/customer/{customerId}",
        "path": "/client/demo/customer/c1",
        "httpMethod": "GET",
        "headers": { "Authorization": authorization },
        "multiValueHeaders": { "Authorization": [authorization] },
        "requestContext": { "requestId": "r-1", "stage": "prod" },
    })
}

/// The authorizer's answer to an event. It does not wait, because the keys are configured.
pub(crate) fn answer(
    authorizer: &Authorizer,
    event: Value,
) -> Result<ApiGatewayCustomAuthorizerResponse, authorizer::Failure> {
    authorizer.answer(event).now_or_never().expect("an answer without waiting")
}

/// The authorizer's decision about an event, without waiting.
pub(crate) fn judge(authorizer: &Authorizer, event: Value) -> Result<ApiGatewayCustomAuthorizerResponse, Reason> {
    let request = serde_json::from_value(event).unwrap();
    authorizer.authorize(&request).now_or_never().expect("an answer without waiting")
}

/// The authorizer's decision about a token.
pub(crate) fn verdict(authorizer: &Authorizer, token: &str) -> Result<ApiGatewayCustomAuthorizerResponse, Reason> {
    judge(authorizer, event(&format!("Bearer {token}")))
}

/// Asserts that a token is refused for this reason, and that the gateway only gets `Unauthorized`.
#[track_caller]
pub(crate) fn assert_refused(authorizer: &Authorizer, token: &str, reason: Reason) {
    assert_eq!(verdict(authorizer, token).unwrap_err(), reason, "{token}");
    let told = answer(authorizer, event(&format!("Bearer {token}"))).unwrap_err();
    let told = serde_json::to_value(lambda_http::lambda_runtime::Diagnostic::from(told)).unwrap();
    assert_eq!(told, json!({ "errorType": "Unauthorized", "errorMessage": "Unauthorized" }));
}
