//! Which tokens are accepted.

use authorizer::{Config, LEEWAY, MAX_TOKEN_LIFETIME, Reason};
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::issuer::{
    AUDIENCE, ISSUER, NOW, SigningKey, assert_refused, at, authorizer, base64url, claims, message, verdict,
};

fn operator() -> Value {
    claims(&json!({}))
}

#[test]
fn each_algorithm_is_accepted() {
    for key in [SigningKey::ed25519("k"), SigningKey::p256("k"), SigningKey::rsa("k")] {
        verdict(&authorizer(&[&key]), &key.token(&operator())).unwrap();
    }
}

#[test]
fn two_keys_work_at_once_and_a_removed_key_is_refused() {
    let (old, new) = (SigningKey::ed25519("2026-01"), SigningKey::ed25519("2026-02"));
    let both = authorizer(&[&old, &new]);
    verdict(&both, &old.token(&operator())).unwrap();
    verdict(&both, &new.token(&operator())).unwrap();
    assert_refused(&authorizer(&[&new]), &old.token(&operator()), Reason::UnknownKey);
}

#[test]
fn without_a_kid_exactly_one_key_must_fit() {
    let (ed, another, ec) = (SigningKey::ed25519("a"), SigningKey::ed25519("b"), SigningKey::p256("c"));
    let nameless = ed.token_with(&json!({ "alg": "EdDSA" }), &operator());
    verdict(&authorizer(&[&ed, &ec]), &nameless).unwrap();
    assert_refused(&authorizer(&[&ed, &another]), &nameless, Reason::NoKeyId);
    assert_refused(&authorizer(&[&ec]), &nameless, Reason::NoKeyId);
    assert_refused(&authorizer(&[&another]), &nameless, Reason::BadSignature);
}

#[test]
fn an_unknown_kid_is_refused_even_if_a_key_fits() {
    let key = SigningKey::ed25519("k");
    for kid in ["other", "", "K", "k "] {
        let token = key.token_with(&json!({ "alg": "EdDSA", "kid": kid }), &operator());
        assert_refused(&authorizer(&[&key]), &token, Reason::UnknownKey);
    }
}

#[test]
fn forgeries_are_refused() {
    for (key, other) in [
        (SigningKey::ed25519("k"), SigningKey::ed25519("k")),
        (SigningKey::p256("k"), SigningKey::p256("k")),
        (SigningKey::rsa("k"), SigningKey::rsa("k")),
    ] {
        let authorizer = authorizer(&[&key]);
        let token = key.token(&operator());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        // Changed claims with the original signature, a signature of an empty message, no signature, and a signature of
        // zeros.
        let raised = base64url(claims(&json!({ "role": "admin" })).to_string().as_bytes());
        assert_refused(&authorizer, &format!("{header}.{raised}.{signature}"), Reason::BadSignature);
        assert_refused(&authorizer, &format!("{signed}.{}", base64url(&key.sign(b""))), Reason::BadSignature);
        assert_refused(&authorizer, &format!("{signed}."), Reason::BadSignature);
        assert_refused(&authorizer, &format!("{signed}.{}", base64url(&[0; 64])), Reason::BadSignature);
        if key.algorithm() != "RS256" {
            assert_refused(&authorizer, &other.token(&operator()), Reason::BadSignature);
        }
    }
}

#[test]
fn a_token_cut_short_anywhere_is_refused() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let token = key.token(&operator());
    for length in 0..token.len() {
        verdict(&authorizer, &token[..length]).unwrap_err();
    }
    for longer in [format!("{token}A"), format!("{token}="), format!("{token}."), format!("{token}.x")] {
        verdict(&authorizer, &longer).unwrap_err();
    }
}

#[test]
fn only_the_algorithm_of_the_key_is_accepted() {
    let (ed, ec, rsa) = (SigningKey::ed25519("ed"), SigningKey::p256("ec"), SigningKey::rsa("rsa"));
    let authorizer = authorizer(&[&ed, &ec, &rsa]);
    for none in ["none", "None", "NONE", ""] {
        for kid in [json!("ed"), Value::Null] {
            let unsigned = message(&json!({ "alg": none, "kid": kid }), &operator().to_string());
            assert_refused(&authorizer, &format!("{unsigned}."), Reason::MalformedToken);
        }
    }
    for (key, kid) in [(&ed, "ec"), (&ec, "ed"), (&rsa, "ec"), (&ec, "rsa")] {
        let token = key.token_with(&json!({ "alg": key.algorithm(), "kid": kid }), &operator());
        assert_refused(&authorizer, &token, Reason::WrongAlgorithm);
    }
    for algorithm in ["RS384", "RS512", "PS256", "ES384", "HS256"] {
        let token = rsa.token_with(&json!({ "alg": algorithm, "kid": "rsa" }), &operator());
        assert_refused(&authorizer, &token, Reason::WrongAlgorithm);
    }
    let no_algorithm = rsa.token_with(&json!({ "kid": "rsa" }), &operator());
    assert_refused(&authorizer, &no_algorithm, Reason::MalformedToken);
}

#[test]
fn a_public_key_is_never_used_as_an_hmac_secret() {
    for key in [SigningKey::ed25519("k"), SigningKey::p256("k"), SigningKey::rsa("k")] {
        let authorizer = authorizer(&[&key]);
        for secret in [key.public_bytes(), key.jwk().to_string().into_bytes()] {
            for (header, reason) in [
                (json!({ "alg": "HS256", "kid": "k" }), Reason::WrongAlgorithm),
                (json!({ "alg": "HS256" }), Reason::NoKeyId),
            ] {
                let message = message(&header, &operator().to_string());
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
                assert_refused(&authorizer, &format!("{message}.{}", base64url(tag.as_ref())), reason);
            }
        }
    }
}

#[test]
fn a_key_inside_the_token_is_ignored() {
    let (key, own) = (SigningKey::ed25519("k"), SigningKey::ed25519("k"));
    let header = json!({ "alg": "EdDSA", "kid": "k", "jwk": own.jwk(), "jku": "https://evil.example/jwks" });
    assert_refused(&authorizer(&[&key]), &own.token_with(&header, &operator()), Reason::BadSignature);
}

#[test]
fn a_critical_extension_is_refused() {
    let key = SigningKey::ed25519("k");
    let header = json!({ "alg": "EdDSA", "kid": "k", "crit": ["b64"], "b64": false });
    assert_refused(&authorizer(&[&key]), &key.token_with(&header, &operator()), Reason::UnknownExtension);
}

#[test]
fn claims_are_required_and_compared() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    for (changed, reason) in [
        (json!({ "iss": null }), Reason::WrongIssuer),
        (json!({ "iss": "https://login.example/" }), Reason::WrongIssuer),
        (json!({ "iss": [ISSUER] }), Reason::MalformedClaims),
        (json!({ "aud": null }), Reason::WrongAudience),
        (json!({ "aud": "other" }), Reason::WrongAudience),
        (json!({ "aud": [] }), Reason::WrongAudience),
        (json!({ "aud": ["other", "Customers"] }), Reason::WrongAudience),
        (json!({ "aud": { "0": AUDIENCE } }), Reason::MalformedClaims),
        (json!({ "exp": null }), Reason::NoExpiry),
        (json!({ "exp": "1790000600" }), Reason::MalformedClaims),
        (json!({ "nbf": "0" }), Reason::MalformedClaims),
        (json!({ "clientId": null }), Reason::BadCaller),
        (json!({ "role": null }), Reason::BadCaller),
    ] {
        assert_refused(&authorizer, &key.token(&claims(&changed)), reason);
    }
    for changed in [json!({ "aud": ["other", AUDIENCE] }), json!({ "aud": [AUDIENCE] }), json!({ "sub": null })] {
        verdict(&authorizer, &key.token(&claims(&changed))).unwrap();
    }
}

#[test]
fn times_are_checked_to_the_second_of_the_leeway() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    for good in [
        json!({ "exp": NOW - LEEWAY + 1 }),
        json!({ "nbf": NOW + LEEWAY }),
        json!({ "nbf": 0 }),
        json!({ "exp": 1_790_000_000.5 }),
    ] {
        verdict(&authorizer, &key.token(&claims(&good))).unwrap_or_else(|reason| panic!("{good}: {reason:?}"));
    }
    for (bad, reason) in [
        (json!({ "exp": NOW - LEEWAY }), Reason::Expired),
        (json!({ "exp": 0 }), Reason::Expired),
        (json!({ "exp": i64::MIN }), Reason::Expired),
        (json!({ "exp": -1e300 }), Reason::Expired),
        (json!({ "nbf": NOW + LEEWAY + 1 }), Reason::NotYetValid),
        (json!({ "nbf": u64::MAX }), Reason::NotYetValid),
        (json!({ "exp": u64::MAX }), Reason::LifetimeTooLong),
        (json!({ "exp": 1e300 }), Reason::LifetimeTooLong),
    ] {
        assert_refused(&authorizer, &key.token(&claims(&bad)), reason);
    }
}

#[test]
fn a_lifetime_is_at_most_the_configured_one() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let max = MAX_TOKEN_LIFETIME;
    for good in [
        json!({ "iat": NOW, "exp": NOW + max }),
        json!({ "iat": NOW - max + 5, "exp": NOW + 5 }),
        json!({ "iat": NOW + LEEWAY, "exp": NOW + LEEWAY + max }),
        json!({ "exp": NOW + LEEWAY + max }),
    ] {
        verdict(&authorizer, &key.token(&claims(&good))).unwrap_or_else(|reason| panic!("{good}: {reason:?}"));
    }
    for bad in [
        json!({ "iat": NOW, "exp": NOW + max + 1 }),
        json!({ "iat": NOW - max, "exp": NOW + 1 }),
        json!({ "iat": 0, "exp": NOW + 1 }),
        json!({ "exp": NOW + LEEWAY + max + 1 }),
        // `exp` in milliseconds, with and without an `iat` in milliseconds.
        json!({ "exp": (NOW + 600) * 1000 }),
        json!({ "iat": NOW * 1000, "exp": NOW * 1000 + 600 }),
        json!({ "iat": i64::MIN, "exp": NOW + 1 }),
    ] {
        assert_refused(&authorizer, &key.token(&claims(&bad)), Reason::LifetimeTooLong);
    }
    assert_refused(&authorizer, &key.token(&claims(&json!({ "iat": "now" }))), Reason::MalformedClaims);
}

#[test]
fn ed25519_is_another_name_of_eddsa() {
    let (key, ec) = (SigningKey::ed25519("k"), SigningKey::p256("ec"));
    let token = |header: &Value| key.token_with(header, &operator());
    let (named, nameless) = (token(&json!({ "alg": "Ed25519", "kid": "k" })), token(&json!({ "alg": "Ed25519" })));
    verdict(&authorizer(&[&key, &ec]), &named).unwrap();
    verdict(&authorizer(&[&key, &ec]), &nameless).unwrap();

    let mut jwk = key.jwk();
    jwk["alg"] = json!("Ed25519");
    let set = json!({ "keys": [jwk] }).to_string();
    let authorizer = at(NOW, Config::new(ISSUER.to_owned(), AUDIENCE, &set).unwrap());
    for token in [&named, &nameless, &key.token(&operator())] {
        verdict(&authorizer, token).unwrap();
    }
    assert_refused(&authorizer, &token(&json!({ "alg": "Ed448", "kid": "k" })), Reason::MalformedToken);
}

#[test]
fn a_role_has_exactly_its_ids() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let of = |role: &str, brand: Value, customer: Value| {
        key.token(&claims(&json!({ "role": role, "brandId": brand, "customerId": customer })))
    };
    let (none, city, c1) = (Value::Null, json!("city"), json!("c1"));
    for (role, brand, customer) in [("operator", &none, &none), ("app", &city, &none), ("passenger", &none, &c1)] {
        verdict(&authorizer, &of(role, brand.clone(), customer.clone())).unwrap();
    }
    for role in ["operator", "integration", "admin", "app", "passenger", "root", "", "Operator", "app "] {
        for (brand, customer) in [(&none, &none), (&city, &none), (&none, &c1), (&city, &c1)] {
            let right = match role {
                "operator" | "integration" | "admin" => brand.is_null() && customer.is_null(),
                "app" => !brand.is_null() && customer.is_null(),
                "passenger" => brand.is_null() && !customer.is_null(),
                _ => false,
            };
            if !right {
                assert_refused(&authorizer, &of(role, brand.clone(), customer.clone()), Reason::BadCaller);
            }
        }
    }
}

#[test]
fn a_claim_that_is_not_an_id_is_refused() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let long = "x".repeat(65);
    let texts = [
        "*", "a*", "?", "a?", "a/b", "#", "", " ", "demo ", ".", "..", "${x}", "%2A", "a:b", "é", "a\u{0}", "a\n",
        &long,
    ];
    for text in texts {
        for changed in [
            json!({ "clientId": text }),
            json!({ "role": "app", "brandId": text }),
            json!({ "role": "passenger", "customerId": text }),
        ] {
            assert_refused(&authorizer, &key.token(&claims(&changed)), Reason::BadCaller);
        }
    }
    for value in [json!(7), json!(true), json!(["demo"]), json!({ "id": "demo" })] {
        for claim in ["clientId", "role", "brandId", "customerId"] {
            // A list of roles may contain names of other systems.
            let reason = if claim == "role" && value.is_array() { Reason::BadCaller } else { Reason::MalformedClaims };
            assert_refused(&authorizer, &key.token(&claims(&json!({ claim: value }))), reason);
        }
    }
    // A passenger whose id is `phone` could use the search.
    for word in ["phone", "customer", "addresses", "brand", "customersettings"] {
        let token = key.token(&claims(&json!({ "role": "passenger", "customerId": word })));
        assert_refused(&authorizer, &token, Reason::BadCaller);
    }
}

#[test]
fn malformed_or_repeated_claims_are_refused() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let twice = operator().to_string().replacen('{', r#"{"clientId":"other","#, 1);
    let deep = "[".repeat(5_000);
    for payload in ["", "null", "[]", "7", "\"x\"", "{", &twice, &deep] {
        let message = message(&json!({ "alg": "EdDSA", "kid": "k" }), payload);
        let token = format!("{message}.{}", base64url(&key.sign(message.as_bytes())));
        assert_refused(&authorizer, &token, Reason::MalformedClaims);
    }
}
