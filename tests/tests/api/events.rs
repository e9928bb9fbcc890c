//! The events in `events/`, one for each operation and one for the authorizer, run against their functions on a seeded
//! table.
//!
//! The authorizer's event contains a token that is valid until the year 2100. It is signed with the key of RFC 8037,
//! appendix A.1. The private part of this key is public, so no deployment may trust it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use api_tests::{Answer, NOW, TestApp, events};
use authorizer::{Authorizer, Config};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use local::functions::served;
use serde_json::{Value, json};
use shared::api::{Operation, RoleName};
use shared::clock::Clock;

/// The private part of the key (`d`).
const PRIVATE_KEY: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

/// 1 January 2100.
const EXPIRY: i64 = 4_102_444_800;

/// The `Authorization` header with these claims.
fn bearer(mut claims: Value) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let mut all = json!({ "iss": events::ISSUER, "aud": events::AUDIENCE, "exp": EXPIRY });
    all.as_object_mut().unwrap().append(claims.as_object_mut().unwrap());
    let header = json!({ "typ": "JWT", "alg": "EdDSA", "kid": "rfc8037" });
    let message = format!("{}.{}", encode(header.to_string().as_bytes()), encode(all.to_string().as_bytes()));
    let key = Ed25519KeyPair::from_seed_unchecked(&URL_SAFE_NO_PAD.decode(PRIVATE_KEY).unwrap()).unwrap();
    format!("Bearer {message}.{}", encode(key.sign(message.as_bytes()).as_ref()))
}

fn authorizer() -> Authorizer {
    let config = Config::new(events::ISSUER.to_owned(), events::AUDIENCE, events::JWKS).unwrap();
    // Events of every role have a token of this one issuer.
    let config = config.with_max_token_lifetime(EXPIRY).with_provider_roles(RoleName::ALL.to_vec());
    Authorizer::new(config, Clock::manual(Arc::new(AtomicI64::new(NOW))))
}

#[tokio::test]
async fn every_operation_has_an_event_that_its_function_answers() {
    for (operation, function) in served() {
        let app = TestApp::start().await;
        events::seed(&app.dynamodb, app.table()).await;
        let mut event = events::named(operation.name());
        let route = (&event["httpMethod"], &event["resource"]);
        assert_eq!(route, (&json!(operation.method().as_str()), &json!(operation.path())));
        // On Lambda, the variable AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH removes the stage from the path. It is not set
        // here.
        event["requestContext"]["stage"] = json!("$default");

        let answer = local::gateway::invoke(app.function(function), &event).await.unwrap();
        events::assert_answer(operation, &Answer::read(answer).await);
    }
}

#[test]
fn there_is_an_event_for_each_operation_for_the_authorizer_and_for_a_preflight() {
    let names: BTreeSet<_> = events::all().into_iter().map(|(name, _)| name).collect();
    let operations = Operation::ALL.iter().map(|operation| operation.name());
    assert_eq!(names, operations.chain([events::AUTHORIZER, events::PREFLIGHT]).map(str::to_owned).collect());
}

#[tokio::test]
async fn the_authorizer_answers_its_event() {
    let answer = authorizer().answer(events::named(events::AUTHORIZER)).await.unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap(), events::authorizer_answer());
}

#[test]
fn the_token_in_the_authorizers_event_is_reproducible() {
    let event = events::named(events::AUTHORIZER);
    let value = bearer(json!({ "clientId": "demo", "role": "operator" }));
    assert_eq!(event["headers"]["Authorization"], json!(value));
    assert_eq!(event["multiValueHeaders"]["Authorization"], json!([value]));
}

/// The gateway adds the principal and the latency to the authorizer's context.
#[tokio::test]
async fn every_operations_event_has_the_context_of_the_authorizer() {
    let template = events::named(events::AUTHORIZER);
    let of_operations =
        |(name, _): &(String, Value)| Operation::named(name).is_some_and(|operation| !operation.is_public());
    for (name, event) in events::all().into_iter().filter(of_operations) {
        let mut said = event["requestContext"]["authorizer"].clone();
        let mut claims = said.clone();
        for not_a_claim in ["exp", "principalId", "integrationLatency"] {
            claims.as_object_mut().unwrap().remove(not_a_claim).unwrap_or_else(|| panic!("{name}: {not_a_claim}"));
        }
        let mut asked = template.clone();
        asked["headers"] = json!({ "Authorization": bearer(claims) });
        asked["multiValueHeaders"] = Value::Null;
        let answer = authorizer().answer(asked).await.unwrap();

        let said = said.as_object_mut().unwrap();
        assert_eq!(said.remove("principalId"), answer.principal_id.map(Value::from), "{name}");
        assert!(said.remove("integrationLatency").unwrap().is_u64(), "{name}");
        assert_eq!(json!(said), answer.context, "{name}");
    }
}
