//! Invalid configurations and their error messages.

use std::process::Command;

use authorizer::Config;
use serde_json::{Value, json};

use crate::issuer::{AUDIENCE, ISSUER, SigningKey, base64url, jwks};

fn refusal(issuer: &str, audience: &str, jwks: &str) -> String {
    Config::new(issuer.to_owned(), audience, jwks).unwrap_err().to_string()
}

fn with(mut jwk: Value, member: &str, value: Value) -> Value {
    jwk[member] = value;
    jwk
}

#[test]
fn a_malformed_key_set_is_refused() {
    for (jwks, problem) in [
        ("", "is not a JWK set: line 1, column 0"),
        ("{}", "is not a JWK set: line 1, column 2"),
        ("{\"keys\":\n 7}", "is not a JWK set: line 2, column 2"),
        (r#"{"keys":[{"kid":"k"}]}"#, "is not a JWK set: line 1, column 20"),
        (r#"{"keys":[]}"#, "has no keys"),
    ] {
        assert_eq!(refusal(ISSUER, AUDIENCE, jwks), format!("the environment variable JWKS {problem}"));
    }
}

#[test]
fn an_unusable_key_is_refused_and_named_by_its_position() {
    let (ed, ec, rsa) = (SigningKey::ed25519("a").jwk(), SigningKey::p256("b").jwk(), SigningKey::rsa("c").jwk());
    let short = |bits: usize| with(rsa.clone(), "n", json!(base64url(&vec![0xff; bits / 8])));
    let alg = "has an alg that is not EdDSA (or Ed25519), ES256 or RS256, as its kty demands";
    let kind = "is neither OKP with Ed25519, nor EC with P-256, nor RSA";
    let size = "has an RSA modulus that is not of 2048 to 8192 bits";
    let exponent = "has an RSA exponent that is even, below 65537 or over 32 bits";
    let encoding = "has a member that is not base64url without padding";
    for (jwk, problem) in [
        (json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "s" }), "is symmetric"),
        (with(ed.clone(), "d", json!("c2VjcmV0")), "is private"),
        (with(ed.clone(), "use", json!("enc")), "has a use other than sig"),
        (with(ed.clone(), "key_ops", json!(["sign"])), "has key_ops without verify"),
        (with(ed.clone(), "alg", json!("ES256")), alg),
        (with(ed.clone(), "alg", json!("HS256")), alg),
        (with(rsa.clone(), "alg", json!("RS512")), alg),
        (with(rsa.clone(), "alg", json!("none")), alg),
        (with(ed.clone(), "crv", json!("Ed448")), kind),
        (with(ec.clone(), "crv", json!("P-384")), kind),
        (json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" }), kind),
        (with(ed.clone(), "x", Value::Null), "lacks a member of its kty"),
        (with(ed.clone(), "x", json!("AA==")), encoding),
        (with(ed.clone(), "x", json!("AA")), "is not an Ed25519 key"),
        (with(ec.clone(), "x", ec["y"].clone()), "is not a point of P-256"),
        (with(ec.clone(), "y", json!("AA")), "is not a point of P-256"),
        (short(1024), size),
        (short(2040), size),
        (short(8200), size),
        (with(rsa.clone(), "n", json!("")), size),
        (with(rsa.clone(), "e", json!("AQ")), exponent),
        (with(rsa.clone(), "e", json!("Aw")), exponent),
        (with(rsa.clone(), "e", json!("AQAA")), exponent),
        (with(rsa.clone(), "e", json!("")), exponent),
        (with(ed.clone(), "kid", json!("first")), "has the kid of another"),
    ] {
        let set = json!({ "keys": [SigningKey::ed25519("first").jwk(), jwk] }).to_string();
        let said = refusal(ISSUER, AUDIENCE, &set);
        assert_eq!(said, format!("the environment variable JWKS has a key 2 that {problem}"), "{jwk}");
    }
}

#[test]
fn an_issuer_or_audience_with_white_space_is_refused() {
    let keys = jwks(&[&SigningKey::ed25519("k")]);
    for wrong in ["", " ", "x\n", "a b"] {
        // Also as one of several.
        assert!(
            refusal(ISSUER, &format!("web,{wrong}"), &keys).starts_with("the environment variable JWT_AUDIENCE is")
        );
        assert_eq!(
            refusal(wrong, AUDIENCE, &keys),
            "the environment variable JWT_ISSUER is empty or has white space in it"
        );
        assert_eq!(
            refusal(ISSUER, wrong, &keys),
            "the environment variable JWT_AUDIENCE is empty or has white space in it"
        );
    }
}

#[test]
fn the_function_does_not_start_without_its_variables() {
    let keys = jwks(&[&SigningKey::ed25519("k")]);
    let variables =
        [("JWT_ISSUER", ISSUER), ("JWT_AUDIENCE", AUDIENCE), ("JWKS", &keys), ("MAX_TOKEN_LIFETIME_SECONDS", "0")];
    for set in 0..=variables.len() {
        let mut command = Command::new(env!("CARGO_BIN_EXE_authorizer"));
        let output = command.env_clear().envs(variables[..set].iter().copied()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let named = variables.get(set).map_or("MAX_TOKEN_LIFETIME_SECONDS is not a number", |(name, _)| name);
        assert!(!output.status.success() && said.contains(named), "{set}: {said}");
    }
}

/// Starts the function with these variables changed, and returns its output. It must fail to start.
fn output_of_failed_start(changed: &[(&str, &str)]) -> String {
    let keys = jwks(&[&SigningKey::ed25519("k")]);
    let good = [
        ("JWT_ISSUER", ISSUER),
        ("JWT_AUDIENCE", AUDIENCE),
        ("JWKS", &keys),
        // This value is wrong, so that the start also fails if all other variables are right.
        ("MAX_TOKEN_LIFETIME_SECONDS", "0"),
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_authorizer"));
    command.env_clear().envs(good).envs(changed.iter().copied());
    let output = command.output().unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_wrong_variable_of_an_issuer_is_named() {
    let (url, keys) = ("https://login.example/keys", jwks(&[&SigningKey::ed25519("s")]));
    for (changed, said) in [
        (&[("JWKS", "")][..], "JWKS is not set, and JWKS_URL is not set either"),
        (&[("JWKS_URL", url)], "JWKS and JWKS_URL are both set; set one of them"),
        (&[("JWKS", ""), ("JWKS_URL", "http://x.example")], "JWKS_URL is not a URL that begins with https://"),
        (&[("PROVIDER_ROLES", "operator,root")], "PROVIDER_ROLES is not a list of roles"),
        (&[("PROVIDER_ROLES", "operator,,admin")], "PROVIDER_ROLES is not a list of roles"),
        (&[("ROLE_CLAIM", "my role")], "ROLE_CLAIM is empty or has white space in it"),
        (&[("BRAND_ID_CLAIM", "clientId")], "BRAND_ID_CLAIM names the same claim as another variable"),
        (&[("SERVICE_JWKS", &keys)], "SERVICE_ISSUER is not set"),
        (&[("SERVICE_JWKS_URL", url)], "SERVICE_ISSUER is not set"),
        (&[("SERVICE_ISSUER", ISSUER)], "JWT_ISSUER is the name of this service's own issuer"),
        (
            &[("SERVICE_JWKS", &keys), ("SERVICE_JWKS_URL", url), ("SERVICE_ISSUER", "customers-prod")],
            "SERVICE_JWKS and SERVICE_JWKS_URL are both set",
        ),
        (
            &[("SERVICE_JWKS_URL", "keys"), ("SERVICE_ISSUER", "customers-prod")],
            "SERVICE_JWKS_URL is not a URL that begins with https://",
        ),
        (&[("SERVICE_JWKS", "{}"), ("SERVICE_ISSUER", "customers-prod")], "SERVICE_JWKS is not a JWK set"),
        (&[("SERVICE_JWKS", &keys), ("SERVICE_ISSUER", ISSUER)], "JWT_ISSUER is the name of this service's own issuer"),
    ] {
        let output = output_of_failed_start(changed);
        assert!(output.contains(&format!("the environment variable {said}")), "{changed:?}: {output}");
    }
}

#[test]
fn an_optional_variable_may_be_empty() {
    let (keys, url) = (jwks(&[&SigningKey::ed25519("s")]), "https://login.example/keys?a=1");
    let empty = ["JWKS_URL", "PROVIDER_ROLES", "CLIENT_ID_CLAIM", "ROLE_CLAIM", "BRAND_ID_CLAIM", "CUSTOMER_ID_CLAIM"];
    let empty: Vec<_> = empty
        .into_iter()
        .chain(["SERVICE_ISSUER", "SERVICE_JWKS", "SERVICE_JWKS_URL"])
        .map(|name| (name, ""))
        .collect();
    for changed in [
        &empty[..],
        &[("JWKS", ""), ("JWKS_URL", url)],
        &[("PROVIDER_ROLES", "operator, passenger"), ("ROLE_CLAIM", "https://example.com/role")],
        &[("SERVICE_JWKS", &keys), ("SERVICE_ISSUER", "customers-prod")],
        &[("SERVICE_JWKS", ""), ("SERVICE_JWKS_URL", url), ("SERVICE_ISSUER", "customers-prod")],
        &[("SERVICE_JWKS", ""), ("SERVICE_JWKS_URL", ""), ("SERVICE_ISSUER", "customers-prod")],
    ] {
        let output = output_of_failed_start(changed);
        assert!(output.contains("MAX_TOKEN_LIFETIME_SECONDS is not a number"), "{changed:?}: {output}");
    }
}
