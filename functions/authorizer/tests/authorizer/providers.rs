//! Tokens of identity providers: names of claims, lists of roles, ID tokens.

use std::collections::HashMap;

use authorizer::{Authorizer, ClaimNames, Config, HttpsUrl, Reason};
use serde_json::{Value, json};
use shared::api::RoleName;

use crate::issuer::{
    AUDIENCE, NOW, SigningKey, assert_refused, at, authorizer, base64url, claims, config, jwks, message, verdict,
};

/// Names below a prefix, as Auth0 recommends them.
fn prefixed() -> ClaimNames {
    let [client, role, brand, customer] =
        ["clientId", "role", "brandId", "customerId"].map(|name| format!("https://example.com/{name}"));
    ClaimNames { client, role, brand, customer }
}

#[test]
fn claims_may_have_a_prefix() {
    let key = SigningKey::ed25519("k");
    let authorizer =
        at(NOW, config(&[&key]).with_provider_roles(RoleName::ALL.to_vec()).with_claims(prefixed()).unwrap());
    let token = |changed: Value| {
        let mut changed = changed;
        changed["clientId"] = Value::Null;
        changed["role"] = Value::Null;
        key.token(&claims(&changed))
    };
    for (role, id, context) in [
        ("operator", None, json!({ "clientId": "demo", "role": "operator" })),
        ("app", Some("brandId"), json!({ "clientId": "demo", "role": "app", "brandId": "x1" })),
        ("passenger", Some("customerId"), json!({ "clientId": "demo", "role": "passenger", "customerId": "x1" })),
    ] {
        let mut changed = json!({ "https://example.com/clientId": "demo", "https://example.com/role": role });
        if let Some(id) = id {
            changed[format!("https://example.com/{id}")] = json!("x1");
        }
        let mut said = verdict(&authorizer, &token(changed)).unwrap().context;
        for also in ["subject", "exp"] {
            said.as_object_mut().unwrap().remove(also);
        }
        assert_eq!(said, context);
    }
}

/// Users of a provider may be able to set claims with other names.
#[test]
fn only_the_configured_names_count() {
    let key = SigningKey::ed25519("k");
    let authorizer = at(NOW, config(&[&key]).with_claims(prefixed()).unwrap());
    let both = json!({
        "https://example.com/clientId": "demo", "https://example.com/role": "operator",
        "clientId": "other", "role": "admin", "brandId": "city", "customerId": "c1",
    });
    let said = verdict(&authorizer, &key.token(&claims(&both))).unwrap().context;
    assert_eq!((&said["clientId"], &said["role"]), (&json!("demo"), &json!("operator")));
    let bare = json!({ "clientId": "demo", "role": "operator" });
    assert_refused(&authorizer, &key.token(&claims(&bare)), Reason::BadCaller);
    for missing in ["https://example.com/clientId", "https://example.com/role"] {
        let mut one = both.clone();
        one[missing] = Value::Null;
        assert_refused(&authorizer, &key.token(&claims(&one)), Reason::BadCaller);
    }
    // And the other way round.
    let authorizer = at(NOW, config(&[&key]));
    let said = verdict(&authorizer, &key.token(&claims(&json!({ "https://example.com/role": "admin" })))).unwrap();
    assert_eq!(said.context["role"], json!("operator"));
}

#[test]
fn a_repeated_claim_is_refused_under_any_name() {
    let key = SigningKey::ed25519("k");
    let authorizer = at(NOW, config(&[&key]).with_claims(prefixed()).unwrap());
    let good = json!({ "https://example.com/clientId": "demo", "https://example.com/role": "operator" });
    for (name, value) in [
        ("https://example.com/role", json!("admin")),
        (r"https:\/\/example.com\/role", json!("admin")),
        (r"\u0061ud", json!(AUDIENCE)),
        ("exp", json!(NOW + 1)),
        ("sub", json!("u-2")),
        ("iss", json!("x")),
        ("other", json!(1)),
    ] {
        let twice = claims(&good).to_string().replacen('{', &format!(r#"{{"{name}":{value},"other":2,"#), 1);
        let message = message(&json!({ "alg": "EdDSA", "kid": "k" }), &twice);
        let token = format!("{message}.{}", base64url(&key.sign(message.as_bytes())));
        assert_refused(&authorizer, &token, Reason::MalformedClaims);
    }
}

#[test]
fn a_list_of_roles_must_contain_exactly_one_known_role() {
    let key = SigningKey::ed25519("k");
    let authorizer = at(NOW, config(&[&key]));
    let token = |role: Value| key.token(&claims(&json!({ "role": role })));
    for list in [json!(["operator"]), json!(["offline_access", "operator", "Admin", "admins"])] {
        let said = verdict(&authorizer, &token(list)).unwrap();
        assert_eq!(said.context["role"], json!("operator"));
    }
    for (list, reason) in [
        (json!([]), Reason::BadCaller),
        (json!(["offline_access"]), Reason::BadCaller),
        (json!(["Operator", "operator "]), Reason::BadCaller),
        (json!(["operator", "admin"]), Reason::ManyRoles),
        (json!(["admin", "x", "operator"]), Reason::ManyRoles),
        (json!(["operator", "operator"]), Reason::ManyRoles),
        // The provider may not assert this role, but it still counts as a second role.
        (json!(["operator", "passenger"]), Reason::ManyRoles),
        (json!(["passenger"]), Reason::BadCaller),
        (json!(["operator", 7]), Reason::MalformedClaims),
        (json!(["operator", null]), Reason::MalformedClaims),
        (json!([["operator"]]), Reason::MalformedClaims),
        (json!({ "operator": true }), Reason::MalformedClaims),
        (json!("operator admin"), Reason::BadCaller),
        (json!("operator,admin"), Reason::BadCaller),
    ] {
        assert_refused(&authorizer, &token(list), reason);
    }
}

#[test]
fn without_aud_the_client_id_is_the_audience() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let token = |aud: Value, client: Value| key.token(&claims(&json!({ "aud": aud, "client_id": client })));
    verdict(&authorizer, &token(Value::Null, json!(AUDIENCE))).unwrap();
    verdict(&authorizer, &token(json!(AUDIENCE), json!("other"))).unwrap();
    for (aud, client) in [
        (Value::Null, Value::Null),
        (Value::Null, json!("other")),
        (Value::Null, json!("")),
        (json!("other"), json!(AUDIENCE)),
        (json!(""), json!(AUDIENCE)),
        (json!([]), json!(AUDIENCE)),
        (json!(["other"]), json!(AUDIENCE)),
    ] {
        assert_refused(&authorizer, &token(aud, client), Reason::WrongAudience);
    }
    for (aud, client) in [(Value::Null, json!([AUDIENCE])), (json!([AUDIENCE, 7]), Value::Null)] {
        assert_refused(&authorizer, &token(aud, client), Reason::MalformedClaims);
    }
}

#[test]
fn each_mark_of_an_id_token_is_refused() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let token = |typ: &Value, changed: &Value| {
        let mut header = json!({ "alg": "EdDSA", "kid": "k" });
        if !typ.is_null() {
            header["typ"] = typ.clone();
        }
        key.token_with(&header, &claims(changed))
    };
    for (typ, changed) in [
        (Value::Null, json!({})),
        (json!("JWT"), json!({})),
        (json!("jwt"), json!({})),
        (json!("application/jwt"), json!({})),
        (json!("at+jwt"), json!({})),
        (json!("application/at+jwt"), json!({})),
        (json!("JWT"), json!({ "token_use": "access" })),
        (json!("JWT"), json!({ "typ": "Bearer" })),
        // The mark of an access token has precedence over claims that ID tokens also have.
        (json!("JWT"), json!({ "typ": "Bearer", "nonce": "n-1" })),
        (json!("at+jwt"), json!({ "nonce": "n-1" })),
    ] {
        verdict(&authorizer, &token(&typ, &changed)).unwrap_or_else(|reason| panic!("{typ} {changed}: {reason:?}"));
    }
    for (typ, changed) in [
        (json!("JWT"), json!({ "token_use": "id" })),
        (json!("JWT"), json!({ "typ": "ID" })),
        (json!("JWT"), json!({ "typ": "Refresh" })),
        (json!("JWT"), json!({ "typ": "Logout" })),
        // The token is bound to a key of the client, which this API does not support.
        (json!("JWT"), json!({ "typ": "DPoP" })),
        (json!("JWT"), json!({ "nonce": "n-1" })),
        (Value::Null, json!({ "at_hash": "h" })),
        (json!("JWT"), json!({ "c_hash": "h" })),
        (json!("at+jwt"), json!({ "token_use": "id" })),
        (json!("at+jwt"), json!({ "typ": "ID" })),
        (json!("logout+jwt"), json!({})),
        (json!("secevent+jwt"), json!({})),
        (json!("dpop+jwt"), json!({ "token_use": "access" })),
        (json!(""), json!({})),
    ] {
        assert_refused(&authorizer, &token(&typ, &changed), Reason::NotAccessToken);
    }
    assert_refused(&authorizer, &token(&json!("JWT"), &json!({ "token_use": ["access"] })), Reason::MalformedClaims);
}

/// The recipes of the guide. Each section has parameters and the payload of a token.
const GUIDE: &str = include_str!("../../../../docs/identity-providers.md");

struct Recipe {
    provider: &'static str,
    parameters: HashMap<&'static str, &'static str>,
    payload: Value,
}

fn recipes() -> Vec<Recipe> {
    let block = |section: &'static str, language: &str| {
        let (_, after) = section.split_once(&format!("```{language}\n"))?;
        Some(after.split_once("\n```")?.0)
    };
    let sections = GUIDE.split("\n## ").skip(1).filter_map(|section| {
        let parameters = block(section, "yaml")?.lines().map(|line| line.split_once(": ").unwrap()).collect();
        let payload = serde_json::from_str(block(section, "json").unwrap()).unwrap();
        Some(Recipe { provider: section.lines().next().unwrap(), parameters, payload })
    });
    sections.collect()
}

impl Recipe {
    /// The authorizer with these parameters, at the time that the token was issued. It gets the key directly, because a
    /// test cannot reach the provider.
    fn authorizer(&self, key: &SigningKey) -> Authorizer {
        let of = |name: &str, default: &str| self.parameters.get(name).map_or(default, |value| *value).to_owned();
        let known = ["JwtIssuer", "JwtAudience", "JwksUrl", "ClientIdClaim", "RoleClaim"];
        assert!(self.parameters.keys().all(|name| known.contains(name)), "{:?}", self.parameters);
        assert!(HttpsUrl::parse(self.parameters["JwksUrl"]).is_some());
        let config = Config::new(of("JwtIssuer", ""), &of("JwtAudience", ""), &jwks(&[key])).unwrap();
        let names = ClaimNames {
            client: of("ClientIdClaim", "clientId"),
            role: of("RoleClaim", "role"),
            ..ClaimNames::default()
        };
        at(self.payload["iat"].as_i64().unwrap(), config.with_claims(names).unwrap())
    }

    /// The payload with these claims changed. A `null` removes the claim.
    fn with(&self, changed: &Value) -> Value {
        let mut payload = self.payload.clone();
        for (name, value) in changed.as_object().unwrap() {
            match value {
                Value::Null => _ = payload.as_object_mut().unwrap().remove(name),
                value => payload[name] = value.clone(),
            }
        }
        payload
    }
}

#[test]
fn the_token_of_each_recipe_is_accepted_with_its_parameters() {
    let key = SigningKey::rsa("k");
    let recipes = recipes();
    let providers: Vec<_> = recipes.iter().map(|recipe| recipe.provider).collect();
    assert_eq!(providers, ["Amazon Cognito", "Auth0", "Keycloak", "Microsoft Entra ID"]);
    for recipe in recipes {
        let authorizer = recipe.authorizer(&key);
        // Cognito has no `typ`, and Auth0 has one of two.
        for typ in [Value::Null, json!("JWT"), json!("at+jwt")] {
            let mut header = json!({ "alg": "RS256", "kid": "k", "typ": typ });
            if typ.is_null() {
                header.as_object_mut().unwrap().remove("typ");
            }
            let said = verdict(&authorizer, &key.token_with(&header, &recipe.payload));
            let said = said.unwrap_or_else(|reason| panic!("{}: {reason:?}", recipe.provider)).context;
            assert_eq!((&said["clientId"], &said["role"]), (&json!("demo"), &json!("operator")), "{}", recipe.provider);
        }
    }
}

#[test]
fn each_parameter_of_a_recipe_is_needed() {
    let key = SigningKey::rsa("k");
    for recipe in recipes() {
        for (name, value, reason) in [
            ("JwtIssuer", "https://other.example", Reason::WrongIssuer),
            ("JwtAudience", "other", Reason::WrongAudience),
            ("ClientIdClaim", "other", Reason::BadCaller),
            ("RoleClaim", "other", Reason::BadCaller),
        ] {
            let mut changed =
                Recipe { parameters: recipe.parameters.clone(), payload: recipe.payload.clone(), ..recipe };
            changed.parameters.insert(name, value);
            assert_refused(&changed.authorizer(&key), &key.token(&recipe.payload), reason);
        }
    }
}

/// ID tokens of the same log-in, with all claims that an access token needs, including `aud`.
#[test]
fn the_id_token_of_each_provider_is_refused() {
    let key = SigningKey::rsa("k");
    for recipe in recipes() {
        let changed = match recipe.provider {
            "Amazon Cognito" => json!({
                "token_use": "id", "aud": "1example23456789", "client_id": null, "scope": null, "version": null,
                "cognito:username": "orla", "username": null, "email": "orla@example.com", "at_hash": "h",
            }),
            "Auth0" => json!({ "nonce": "n-1", "azp": null, "scope": null, "name": "Orla", "sid": "s-1" }),
            "Keycloak" => json!({ "typ": "ID", "nonce": "n-1", "at_hash": "h", "realm_access": null, "scope": null }),
            "Microsoft Entra ID" => json!({ "nonce": "n-1", "azp": null, "azpacr": null, "scp": null, "rh": "0.A" }),
            other => panic!("{other}"),
        };
        assert_refused(&recipe.authorizer(&key), &key.token(&recipe.with(&changed)), Reason::NotAccessToken);
    }
}

/// Before version 25, all tokens of Keycloak had the `nonce` of the log-in.
#[test]
fn an_access_token_of_an_older_keycloak_is_accepted() {
    let key = SigningKey::rsa("k");
    let keycloak = recipes().into_iter().find(|recipe| recipe.provider == "Keycloak").unwrap();
    verdict(&keycloak.authorizer(&key), &key.token(&keycloak.with(&json!({ "nonce": "n-1" })))).unwrap();
}
