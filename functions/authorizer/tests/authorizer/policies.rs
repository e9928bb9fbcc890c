//! Which requests the gateway allows: every policy is checked against every route, with the caller's own ids, other
//! ids, and ids that equal a segment of a path.

use std::collections::BTreeSet;

use lambda_http::aws_lambda_events::apigw::ApiGatewayCustomAuthorizerResponse;
use local::iam::may_invoke;
use serde_json::{Value, json};
use shared::api::access::Scope;
use shared::api::{Caller, Operation};

use crate::issuer::{NOW, STAGE, SigningKey, answer, authorizer, claims, event, verdict};

const CLIENTS: [&str; 5] = ["demo", "demo2", "other", "client", "customer"];
const BRANDS: [&str; 5] = ["city", "night", "brand", "client", "customer"];
const CUSTOMERS: [&str; 8] = ["c1", "c2", "phone", "customer", "addresses", "brand", "client", "tag"];
const OTHERS: [&str; 5] = ["x1", "c1", "customer", "client", "addresses"];

/// A request to one of the routes.
struct Request {
    operation: Operation,
    client: &'static str,
    brand: Option<&'static str>,
    customer: Option<&'static str>,
    arn: String,
}

/// Every operation with every combination of ids.
fn requests() -> Vec<Request> {
    let mut all = Vec::new();
    for operation in Operation::authenticated() {
        let (method, template) = (operation.method(), operation.path());
        let mut open =
            vec![Request { operation, client: "", brand: None, customer: None, arn: format!("{STAGE}/{method}") }];
        for segment in template.split('/').skip(1) {
            let ids: &[&'static str] = match segment {
                "{clientId}" => &CLIENTS,
                "{brandId}" => &BRANDS,
                "{customerId}" => &CUSTOMERS,
                segment if segment.starts_with('{') => &OTHERS,
                word => &[word],
            };
            let longer = |request: &Request, id: &'static str| Request {
                operation,
                client: if segment == "{clientId}" { id } else { request.client },
                brand: if segment == "{brandId}" { Some(id) } else { request.brand },
                customer: if segment == "{customerId}" { Some(id) } else { request.customer },
                arn: format!("{}/{id}", request.arn),
            };
            open = open.iter().flat_map(|request| ids.iter().map(move |id| longer(request, id))).collect();
        }
        all.extend(open);
    }
    assert!(all.len() > 2_000);
    all
}

/// The authorizer's response to a token of this caller.
fn answer_to(
    client: &str,
    role: &str,
    brand: Option<&str>,
    customer: Option<&str>,
) -> ApiGatewayCustomAuthorizerResponse {
    let key = SigningKey::ed25519("k");
    let changed = json!({ "clientId": client, "role": role, "brandId": brand, "customerId": customer });
    verdict(&authorizer(&[&key]), &key.token(&claims(&changed))).unwrap()
}

/// All ARNs that the caller's policy allows, and all that the functions allow.
fn reach(
    client: &'static str,
    role: &str,
    brand: Option<&str>,
    customer: Option<&str>,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let policy = answer_to(client, role, brand, customer).policy_document;
    let caller = Caller::from_parts(client, role, brand, customer).unwrap();
    let (mut gateway, mut functions) = (BTreeSet::new(), BTreeSet::new());
    for request in requests() {
        if may_invoke(&policy, &request.arn) {
            gateway.insert(request.arn.clone());
        }
        let scope = Scope { client: request.client, brand: request.brand, customer: request.customer };
        if caller.authorize(request.operation, scope).is_ok() {
            functions.insert(request.arn);
        }
    }
    (gateway, functions)
}

#[test]
fn the_policy_of_an_app_or_passenger_allows_exactly_their_operations() {
    for client in CLIENTS {
        for brand in BRANDS {
            let (gateway, functions) = reach(client, "app", Some(brand), None);
            assert_eq!(gateway, functions, "the app of {brand}");
        }
        for customer in ["c1", "c2"] {
            let (gateway, functions) = reach(client, "passenger", None, Some(customer));
            assert_eq!(gateway, functions, "{customer}");
            assert!(!gateway.is_empty());
            assert!(gateway.iter().all(|arn| arn.contains(&format!("/client/{client}/"))));
        }
    }
}

#[test]
fn a_role_without_operations_is_denied_everything() {
    let policy = answer_to("demo", "app", Some("city"), None).policy_document;
    assert_eq!(serde_json::to_value(&policy.statement).unwrap()[0]["Effect"], "Deny");
    assert_eq!(policy.statement[0].resource, [format!("{STAGE}/*")]);
}

#[test]
fn the_policy_of_staff_allows_their_methods_in_their_own_tenant() {
    for client in CLIENTS {
        for role in ["operator", "integration", "admin"] {
            let (gateway, functions) = reach(client, role, None, None);
            assert!(gateway.is_superset(&functions));
            // The policy cannot distinguish the operations of one method: the DELETE of a link from that of a customer, and
            // the PUT of a block from that of the settings.
            for arn in gateway.difference(&functions) {
                let deleted = arn.strip_prefix(&format!("{STAGE}/DELETE/client/{client}/customer/"));
                let is_deletion = role == "integration" && deleted.is_some_and(|deleted| !deleted.contains('/'));
                let is_settings = role != "admin" && *arn == format!("{STAGE}/PUT/client/{client}/customersettings");
                assert!(is_deletion || is_settings, "{role} {arn}");
            }
            assert!(!functions.is_empty());
            assert!(gateway.iter().all(|arn| arn.split('/').nth(4) == Some(client)), "{role} of {client}");
        }
    }
}

#[test]
fn no_other_method_stage_api_or_account_is_allowed() {
    for (role, brand, customer) in
        [("operator", None, None), ("admin", None, None), ("app", Some("city"), None), ("passenger", None, Some("c1"))]
    {
        let policy = answer_to("demo", role, brand, customer).policy_document;
        for request in requests() {
            let (_, rest) = request.arn.strip_prefix(STAGE).unwrap().split_once('/').unwrap();
            let (_, path) = rest.split_once('/').unwrap();
            for method in ["HEAD", "PATCH", "OPTIONS", "*", ""] {
                assert!(!may_invoke(&policy, &format!("{STAGE}/{method}/{path}")));
            }
            for (this, other) in
                [("/prod", "/prod2"), ("/prod", "/dev"), ("abcdef1234", "abcdef12345"), ("123456789012", "1")]
            {
                assert!(!may_invoke(&policy, &format!("{}/{rest}", STAGE.replace(this, other))));
            }
        }
    }
}

#[test]
fn every_resource_names_the_stage_the_method_and_the_tenant() {
    for (role, brand, customer, resources) in [
        (
            "operator",
            None,
            None,
            vec!["DELETE/client/demo/*", "GET/client/demo/*", "POST/client/demo/*", "PUT/client/demo/*"],
        ),
        (
            "integration",
            None,
            None,
            vec!["DELETE/client/demo/*", "GET/client/demo/*", "POST/client/demo/*", "PUT/client/demo/*"],
        ),
        (
            "admin",
            None,
            None,
            vec!["DELETE/client/demo/*", "GET/client/demo/*", "POST/client/demo/*", "PUT/client/demo/*"],
        ),
        (
            "passenger",
            None,
            Some("c1"),
            vec![
                "DELETE/client/demo/customer/c1/addresses/*",
                "GET/client/demo/brand/*/customer/c1",
                "GET/client/demo/brand/*/customer/c1/addresses",
                "GET/client/demo/customer/c1",
                "GET/client/demo/customer/c1/addresses",
                "POST/client/demo/brand/*/customer/c1",
                "POST/client/demo/customer/c1",
                "POST/client/demo/customer/c1/addresses",
            ],
        ),
    ] {
        let policy = serde_json::to_value(answer_to("demo", role, brand, customer).policy_document).unwrap();
        let resources: Vec<_> = resources.into_iter().map(|resource| format!("{STAGE}/{resource}")).collect();
        let statement = json!([{ "Action": ["execute-api:Invoke"], "Effect": "Allow", "Resource": resources }]);
        assert_eq!(policy, json!({ "Version": "2012-10-17", "Statement": statement }), "{role}");
    }
}

#[test]
fn the_response_does_not_depend_on_the_requested_path() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    let good = event(&format!("Bearer {}", key.token(&claims(&json!({ "role": "passenger", "customerId": "c1" })))));
    let first = answer(&authorizer, good.clone()).unwrap();
    for request in requests() {
        let mut event = good.clone();
        event["methodArn"] = request.arn.into();
        assert_eq!(answer(&authorizer, event).unwrap(), first);
    }
}

#[test]
fn the_partition_and_the_stage_are_those_of_the_request() {
    let key = SigningKey::ed25519("k");
    let mut event = event(&format!("Bearer {}", key.token(&claims(&json!({})))));
    let stage = "arn:aws-cn:execute-api:cn-north-1:123456789012:zyx/dev_2";
    event["methodArn"] = json!(format!("{stage}/GET/client/demo/customer/c1"));
    let policy = answer(&authorizer(&[&key]), event).unwrap().policy_document;
    let resources = &policy.statement[0].resource;
    assert!(!resources.is_empty());
    assert!(resources.iter().all(|resource| resource.starts_with(&format!("{stage}/"))));
}

#[test]
fn the_context_has_only_strings_and_only_the_ids_of_the_role() {
    let exp = (NOW + 600).to_string();
    for (role, brand, customer, context) in [
        ("operator", None, None, json!({ "clientId": "demo", "role": "operator", "subject": "u-1", "exp": exp })),
        (
            "app",
            Some("city"),
            None,
            json!({ "clientId": "demo", "role": "app", "brandId": "city", "subject": "u-1", "exp": exp }),
        ),
        (
            "passenger",
            None,
            Some("c1"),
            json!({ "clientId": "demo", "role": "passenger", "customerId": "c1", "subject": "u-1", "exp": exp }),
        ),
    ] {
        let answer = answer_to("demo", role, brand, customer);
        assert_eq!(answer.context, context);
        assert_eq!(answer.principal_id, Some(format!("demo/{role}/u-1")));
        // printf prod/demo | sha256sum, printf prod/demo/self-service | sha256sum
        let key = match role {
            "operator" => "ab8231f8e05e24e249206845292a4f732ad2de7c86a812582541755effa72d41",
            _ => "c190eecf1ce3d7a392af05d77ba7b017521e7a7382c58344092b1cd80a8872cb",
        };
        assert_eq!(answer.usage_identifier_key.as_deref(), Some(key), "{role}");
    }
}

#[test]
fn a_subject_that_is_not_an_id_is_left_out() {
    let key = SigningKey::ed25519("k");
    let authorizer = authorizer(&[&key]);
    for subject in [Value::Null, json!(""), json!("ann@example.com"), json!("auth0|1"), json!("a/b"), json!("a\n")] {
        let answer = verdict(&authorizer, &key.token(&claims(&json!({ "sub": subject })))).unwrap();
        assert_eq!(answer.principal_id.as_deref(), Some("demo/operator"));
        assert_eq!(answer.context.get("subject"), None, "{subject}");
    }
}
