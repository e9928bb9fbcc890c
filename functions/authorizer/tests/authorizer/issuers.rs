//! The two issuers: each has its own keys and roles, and neither can act as the other.

use authorizer::{ClaimNames, Config, MAX_TOKEN_LIFETIME, Reason};
use serde_json::{Value, json};
use shared::api::RoleName;

use crate::issuer::{
    AUDIENCE, ISSUER, NOW, SigningKey, assert_refused, at, base64url, claims, config, jwks, message, verdict,
};

const SERVICE: &str = "customers-prod";

/// A configuration with a key for each issuer.
fn both(provider: &SigningKey, service: &SigningKey) -> Config {
    config(&[provider]).with_service(SERVICE.to_owned(), &jwks(&[service])).unwrap()
}

/// The claims of a caller with this role, and with the ids that it has.
fn caller(issuer: &str, role: &str) -> Value {
    // The audience of this service's tokens is their issuer.
    let audience = if issuer == ISSUER { AUDIENCE } else { issuer };
    let mut changed = json!({ "iss": issuer, "aud": audience, "role": role });
    match role {
        "app" => changed["brandId"] = json!("city"),
        "passenger" => {
            changed["customerId"] = json!("c1");
            if issuer == SERVICE {
                changed["sid"] = json!("s1");
                changed["epoch"] = json!(3);
            }
        }
        _ => {}
    }
    claims(&changed)
}

/// A token of this service, with these members of its header changed.
fn service_token(key: &SigningKey, changed: &Value, claims: &Value) -> String {
    let mut header = json!({ "typ": "at+jwt", "alg": key.algorithm(), "kid": "k" });
    for (name, value) in changed.as_object().unwrap() {
        header[name] = value.clone();
    }
    key.token_with(&header, claims)
}

#[test]
fn each_issuer_asserts_its_own_roles_and_no_other() {
    let (provider, service) = (SigningKey::ed25519("k"), SigningKey::p256("k"));
    let authorizer = at(NOW, both(&provider, &service));
    for role in RoleName::ALL.map(RoleName::as_str) {
        let of_provider = provider.token(&caller(ISSUER, role));
        let of_service = service_token(&service, &json!({}), &caller(SERVICE, role));
        let (good, bad) = match role {
            "operator" | "integration" | "admin" => (of_provider, of_service),
            _ => (of_service, of_provider),
        };
        verdict(&authorizer, &good).unwrap_or_else(|reason| panic!("{role}: {reason:?}"));
        assert_refused(&authorizer, &bad, Reason::RoleNotAllowed);
    }
}

#[test]
fn the_provider_asserts_the_configured_roles_and_no_other() {
    let key = SigningKey::ed25519("k");
    let authorizer = at(NOW, config(&[&key]).with_provider_roles(vec![RoleName::Operator, RoleName::Passenger]));
    for role in RoleName::ALL.map(RoleName::as_str) {
        let token = key.token(&caller(ISSUER, role));
        match role {
            "operator" | "passenger" => _ = verdict(&authorizer, &token).unwrap(),
            _ => assert_refused(&authorizer, &token, Reason::RoleNotAllowed),
        }
    }
}

#[test]
fn a_key_of_one_issuer_never_verifies_a_token_of_the_other() {
    let service = &SigningKey::ed25519("k");
    for (kid, reason) in [("k", Reason::BadSignature), ("p", Reason::UnknownKey)] {
        let provider = &SigningKey::ed25519(kid);
        let authorizer = at(NOW, both(provider, service));
        let (app, operator) = (caller(SERVICE, "app"), caller(ISSUER, "operator"));
        // The header names the key that signed.
        let by_provider = provider.token_with(&json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": kid }), &app);
        assert_refused(&authorizer, &by_provider, reason);
        assert_refused(&authorizer, &service_token(service, &json!({ "typ": "JWT" }), &operator), reason);
        // The header names no key, and each issuer has exactly one key for the algorithm.
        let nameless = |key: &SigningKey, claims| key.token_with(&json!({ "typ": "at+jwt", "alg": "EdDSA" }), claims);
        assert_refused(&authorizer, &nameless(provider, &app), Reason::BadSignature);
        assert_refused(&authorizer, &nameless(service, &operator), Reason::BadSignature);
        verdict(&authorizer, &nameless(service, &app)).unwrap();
        verdict(&authorizer, &nameless(provider, &operator)).unwrap();
    }
}

#[test]
fn another_algorithm_does_not_select_the_key_of_the_other_issuer() {
    let (provider, service) = (SigningKey::rsa("k"), SigningKey::ed25519("k"));
    let authorizer = at(NOW, both(&provider, &service));
    let app = caller(SERVICE, "app");
    let by_provider = provider.token_with(&json!({ "typ": "at+jwt", "alg": "RS256", "kid": "k" }), &app);
    assert_refused(&authorizer, &by_provider, Reason::WrongAlgorithm);
    let by_provider = provider.token_with(&json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "k" }), &app);
    assert_refused(&authorizer, &by_provider, Reason::BadSignature);
    let unsigned = message(&json!({ "typ": "at+jwt", "alg": "none", "kid": "k" }), &app.to_string());
    assert_refused(&authorizer, &format!("{unsigned}."), Reason::MalformedToken);
}

#[test]
fn a_token_has_one_issuer() {
    let (provider, service) = (SigningKey::ed25519("k"), SigningKey::ed25519("s"));
    let authorizer = at(NOW, both(&provider, &service));
    let sign = |payload: &str| {
        let message = message(&json!({ "alg": "EdDSA", "kid": "k" }), payload);
        format!("{message}.{}", base64url(&provider.sign(message.as_bytes())))
    };
    let twice = caller(ISSUER, "operator").to_string().replacen('{', &format!(r#"{{"iss":"{SERVICE}","#), 1);
    assert_refused(&authorizer, &sign(&twice), Reason::MalformedClaims);
    let list =
        caller(ISSUER, "operator").to_string().replace(&format!("\"{ISSUER}\""), &json!([ISSUER, SERVICE]).to_string());
    assert_refused(&authorizer, &sign(&list), Reason::MalformedClaims);
    for issuer in ["customers-dev", "customers-prod/", "Customers-prod", ""] {
        assert_refused(&authorizer, &service_token(&service, &json!({}), &caller(issuer, "app")), Reason::WrongIssuer);
    }
}

#[test]
fn tokens_of_the_service_are_refused_without_its_keys() {
    let key = SigningKey::ed25519("k");
    let authorizer = at(NOW, config(&[&key]));
    assert_refused(&authorizer, &service_token(&key, &json!({}), &caller(SERVICE, "app")), Reason::WrongIssuer);
}

#[test]
fn a_token_of_the_service_has_the_type_of_an_access_token() {
    let (provider, service) = (SigningKey::ed25519("k"), SigningKey::ed25519("k"));
    let authorizer = at(NOW, both(&provider, &service));
    let passenger = caller(SERVICE, "passenger");
    verdict(&authorizer, &service_token(&service, &json!({}), &passenger)).unwrap();
    for typ in [Value::Null, json!("JWT"), json!("refresh+jwt"), json!("at+jwt ")] {
        let token = service_token(&service, &json!({ "typ": typ }), &passenger);
        assert_refused(&authorizer, &token, Reason::NotAccessToken);
    }
}

#[test]
fn a_passengers_token_of_the_service_belongs_to_a_session() {
    let (provider, service) = (SigningKey::ed25519("k"), SigningKey::ed25519("k"));
    let authorizer = at(NOW, both(&provider, &service));
    let verdict_on = |role: &str, changed: &Value| {
        let mut claims = caller(SERVICE, role);
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        verdict(&authorizer, &service_token(&service, &json!({}), &claims))
    };
    let context = verdict_on("passenger", &json!({})).unwrap().context;
    assert_eq!((&context["sid"], &context["epoch"]), (&json!("s1"), &json!("3")));
    for (role, changed, reason) in [
        ("passenger", json!({ "sid": null, "epoch": null }), Reason::NoSession),
        ("passenger", json!({ "sid": null }), Reason::NoSession),
        ("passenger", json!({ "epoch": null }), Reason::NoSession),
        ("passenger", json!({ "sid": 7 }), Reason::MalformedClaims),
        ("passenger", json!({ "sid": "s 1" }), Reason::BadCaller),
        ("passenger", json!({ "epoch": "3" }), Reason::MalformedClaims),
        ("passenger", json!({ "epoch": -1 }), Reason::MalformedClaims),
        ("passenger", json!({ "epoch": 0.5 }), Reason::MalformedClaims),
        ("app", json!({ "sid": "s1", "epoch": 0 }), Reason::BadCaller),
        ("app", json!({ "sid": "s1" }), Reason::NoSession),
    ] {
        assert_eq!(verdict_on(role, &changed).unwrap_err(), reason, "{role} {changed}");
    }
    let context = verdict_on("app", &json!({})).unwrap().context;
    assert_eq!((context.get("sid"), context.get("epoch")), (None, None));
}

#[test]
fn a_session_of_the_provider_is_not_one_of_this_service() {
    let key = SigningKey::ed25519("k");
    let authorizer = at(NOW, config(&[&key]).with_provider_roles(vec![RoleName::Passenger]));
    let mut claims = caller(ISSUER, "passenger");
    claims["sid"] = json!("s1");
    claims["epoch"] = json!(0);
    let context = verdict(&authorizer, &key.token(&claims)).unwrap().context;
    assert_eq!((context.get("sid"), context.get("epoch")), (None, None));
}

#[test]
fn a_token_of_the_service_names_its_audience_in_aud() {
    let (provider, service) = (SigningKey::ed25519("k"), SigningKey::ed25519("k"));
    let authorizer = at(NOW, both(&provider, &service));
    let mut claims = caller(SERVICE, "passenger");
    claims.as_object_mut().unwrap().remove("aud");
    claims["client_id"] = json!(SERVICE);
    assert_refused(&authorizer, &service_token(&service, &json!({}), &claims), Reason::WrongAudience);
    // The provider's audience may change. The app tokens in shipped apps may not.
    claims["aud"] = json!(AUDIENCE);
    assert_refused(&authorizer, &service_token(&service, &json!({}), &claims), Reason::WrongAudience);
}

#[test]
fn a_token_of_the_provider_is_for_one_of_the_configured_audiences() {
    let key = SigningKey::ed25519("k");
    let config = Config::new(ISSUER.to_owned(), "web,mobile", &jwks(&[&key])).unwrap();
    let authorizer = at(NOW, config);
    for good in
        [json!({ "aud": "web" }), json!({ "aud": ["x", "mobile"] }), json!({ "aud": null, "client_id": "mobile" })]
    {
        verdict(&authorizer, &key.token(&claims(&good))).unwrap_or_else(|reason| panic!("{good}: {reason:?}"));
    }
    for bad in [json!({ "aud": "web,mobile" }), json!({ "aud": "x", "client_id": "web" }), json!({ "aud": [] })] {
        assert_refused(&authorizer, &key.token(&claims(&bad)), Reason::WrongAudience);
    }
}

#[test]
fn only_app_tokens_of_the_service_may_exceed_the_maximum_lifetime() {
    let (provider, service) = (SigningKey::ed25519("k"), SigningKey::ed25519("k"));
    let config = both(&provider, &service).with_provider_roles(RoleName::ALL.to_vec());
    let authorizer = at(NOW, config);
    let long = |issuer, role| {
        let mut claims = caller(issuer, role);
        claims["iat"] = json!(NOW);
        claims["exp"] = json!(NOW + MAX_TOKEN_LIFETIME + 1);
        claims
    };
    verdict(&authorizer, &service_token(&service, &json!({}), &long(SERVICE, "app"))).unwrap();
    let passenger = service_token(&service, &json!({}), &long(SERVICE, "passenger"));
    assert_refused(&authorizer, &passenger, Reason::LifetimeTooLong);
    assert_refused(&authorizer, &provider.token(&long(ISSUER, "app")), Reason::LifetimeTooLong);
    let mut expired = caller(SERVICE, "app");
    expired["exp"] = json!(NOW - 60);
    assert_refused(&authorizer, &service_token(&service, &json!({}), &expired), Reason::Expired);
}

#[test]
fn the_claims_of_the_service_have_fixed_names() {
    let (provider, service) = (SigningKey::ed25519("k"), SigningKey::ed25519("k"));
    let names = ClaimNames { role: "https://example.com/role".to_owned(), ..ClaimNames::default() };
    let authorizer = at(NOW, both(&provider, &service).with_claims(names).unwrap());
    verdict(&authorizer, &service_token(&service, &json!({}), &caller(SERVICE, "app"))).unwrap();
}

#[test]
fn a_key_in_both_sets_is_refused_at_start_under_any_kid() {
    for key in [SigningKey::ed25519("k"), SigningKey::p256("k"), SigningKey::rsa("k")] {
        let mut renamed = key.jwk();
        renamed["kid"] = json!("other");
        for jwk in [key.jwk(), renamed] {
            let set = json!({ "keys": [SigningKey::ed25519("more").jwk(), jwk] }).to_string();
            let refused =
                config(&[&SigningKey::p256("first"), &key]).with_service(SERVICE.to_owned(), &set).unwrap_err();
            let said = "the environment variable JWKS has a key that is also in SERVICE_JWKS";
            assert_eq!(refused.to_string(), said, "{jwk}");
        }
    }
}

#[test]
fn the_issuers_must_have_different_names() {
    let (provider, service) = (SigningKey::ed25519("k"), SigningKey::ed25519("k"));
    let refused = config(&[&provider]).with_service(ISSUER.to_owned(), &jwks(&[&service])).unwrap_err();
    let said = "the environment variable JWT_ISSUER is the name of this service's own issuer (SERVICE_ISSUER)";
    assert_eq!(refused.to_string(), said);
}
