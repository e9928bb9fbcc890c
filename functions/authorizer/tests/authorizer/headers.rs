//! The header with the token, and malformed events.

use authorizer::Reason;
use serde_json::{Value, json};

use crate::issuer::{SigningKey, answer, authorizer, claims, event, judge};

#[test]
fn header_name_and_scheme_are_case_insensitive_in_both_forms_of_the_event() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let token = key.token(&claims(&json!({})));
    for name in ["Authorization", "authorization", "AUTHORIZATION"] {
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let value = format!("{scheme} {token}");
            for (single, multi) in [
                (json!({ name: value }), json!({ name: [value] })),
                (json!({ name: value }), Value::Null),
                (json!({}), json!({ name: [value] })),
            ] {
                let mut event = event("");
                event["headers"] = single;
                event["multiValueHeaders"] = multi;
                assert!(answer(&authorizer, event.clone()).is_ok(), "{event}");
            }
        }
    }
}

#[test]
fn anything_except_one_bearer_token_is_refused() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let token = key.token(&claims(&json!({})));
    let good = format!("Bearer {token}");
    for (values, reason) in [
        (json!([]), Reason::NoToken),
        (json!([good, good]), Reason::ManyTokens),
        (json!([good, "Basic eDp5"]), Reason::ManyTokens),
        (json!([""]), Reason::NotBearer),
        (json!(["Bearer"]), Reason::NotBearer),
        (json!(["Bearer "]), Reason::MalformedToken),
        (json!([token]), Reason::NotBearer),
        (json!(["Basic eDp5"]), Reason::NotBearer),
        (json!([format!("Bearer\t{token}")]), Reason::NotBearer),
        (json!([format!("Bearer: {token}")]), Reason::NotBearer),
        (json!([format!("Bearer {good}")]), Reason::MalformedToken),
        (json!([format!("{good}, {good}")]), Reason::MalformedToken),
        (json!([format!("{good} x")]), Reason::MalformedToken),
        (json!(["Bearer é"]), Reason::NotBearer),
        (json!(["Bearer ..."]), Reason::MalformedToken),
        (json!(["Bearer a.b.c"]), Reason::MalformedToken),
        (json!([format!("Bearer {}", ".".repeat(9_000))]), Reason::MalformedToken),
    ] {
        let mut event = event("");
        event["headers"] = json!({});
        event["multiValueHeaders"] = json!({ "Authorization": values });
        assert!(answer(&authorizer, event.clone()).is_err());
        assert_eq!(judge(&authorizer, event).unwrap_err(), reason, "{values}");
    }
}

#[test]
fn an_event_that_is_not_from_the_gateway_is_refused() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let good = event(&format!("Bearer {}", key.token(&claims(&json!({})))));
    assert!(answer(&authorizer, good.clone()).is_ok());
    for event in [Value::Null, json!({}), json!([]), json!("x"), json!(7)] {
        assert!(answer(&authorizer, event).is_err());
    }
    for (member, value) in [
        ("headers", json!("x")),
        ("headers", json!({ "Authorization": 7 })),
        ("headers", json!({ "a b": "x" })),
        ("multiValueHeaders", json!({ "Authorization": ["Bearer \n"] })),
        ("requestContext", Value::Null),
        ("methodArn", Value::Null),
        ("methodArn", json!("")),
        ("methodArn", json!("*")),
        ("methodArn", json!("arn:aws:execute-api:eu-west-1:123456789012:abcdef1234")),
        ("methodArn", json!("arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod")),
        ("methodArn", json!("arn:aws:execute-api:eu-west-1:123456789012:*/prod/GET/x")),
        ("methodArn", json!("arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/*/GET/x")),
        ("methodArn", json!("arn:aws:execute-api:eu-west-1::abcdef1234/prod/GET/x")),
        ("methodArn", json!("arn:aws:lambda:eu-west-1:123456789012:abcdef1234/prod/GET/x")),
    ] {
        let mut event = good.clone();
        event[member] = value;
        assert!(answer(&authorizer, event.clone()).is_err(), "{event}");
    }
}
