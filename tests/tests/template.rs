//! What the linters of the template do not see.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

use std::collections::BTreeSet;

use local::functions::{FUNCTIONS, served};
use local::table::TEMPLATE;
use serde_yaml::Value;
use shared::api::{Code, Operation};

fn template() -> Value {
    serde_yaml::from_str(TEMPLATE).unwrap()
}

/// The functions of the template, by the name of their binary.
fn functions() -> Vec<(String, Value)> {
    let resources = template()["Resources"].as_mapping().unwrap().clone();
    let functions = resources.into_iter().filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    functions
        .map(|(_, function)| (function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap().to_owned(), function))
        .collect()
}

fn untagged(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => &tagged.value,
        other => other,
    }
}

#[test]
fn its_routes_are_those_of_the_code_each_on_its_function() {
    let mut declared = BTreeSet::new();
    for (operation, function) in served() {
        let (method, path) = (operation.method().to_string(), operation.path().to_owned());
        declared.insert((function, method, path, operation.name().to_lowercase()));
    }
    let functions = functions();
    let mut deployed = BTreeSet::new();
    for (binary, function) in &functions {
        for (name, event) in function["Properties"]["Events"].as_mapping().into_iter().flatten() {
            let route = &event["Properties"];
            assert_eq!((event["Type"].as_str(), untagged(&route["RestApiId"]).as_str()), (Some("Api"), Some("Api")));
            let text = |name: &str| route[name].as_str().unwrap().to_owned();
            let name = name.as_str().unwrap().to_lowercase();
            deployed.insert((binary.as_str(), text("Method"), text("Path"), name));
        }
    }
    assert_eq!(deployed, declared);
}

#[test]
fn every_function_is_built_from_its_crate_for_the_runtime_that_takes_rust() {
    let template = template();
    let globals = &template["Globals"]["Function"];
    assert_eq!(globals["Runtime"], "provided.al2023");
    assert_eq!(untagged(&globals["Architectures"][0]), "Architecture");
    assert_eq!(
        template["Parameters"]["Architecture"]["AllowedValues"],
        serde_yaml::from_str::<Value>("[arm64, x86_64]").unwrap()
    );
    let functions = functions();
    assert!(functions.len() > FUNCTIONS.len() - 1);
    for (binary, function) in functions {
        assert_eq!(function["Metadata"]["BuildMethod"], "rust-cargolambda", "{binary}");
        let properties = &function["Properties"];
        assert_eq!(properties["CodeUri"], format!("functions/{binary}"));
        assert_eq!(properties["Handler"], "bootstrap", "{binary}");
        for overridden in ["Runtime", "Architectures"] {
            assert_eq!(properties.get(overridden), None, "{binary}");
        }
    }
}

/// Every name that `!Ref`, `!GetAtt` or `!Sub` is about.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Tagged(tagged) => {
            let text = tagged.value.as_str().unwrap_or_default();
            match tagged.tag.to_string().as_str() {
                "!Ref" => _ = found.insert(text.to_owned()),
                "!GetAtt" => _ = found.insert(text.split('.').next().unwrap().to_owned()),
                "!Sub" => {
                    for part in text.split("${").skip(1) {
                        let name = part.split('}').next().unwrap();
                        found.insert(name.split('.').next().unwrap().to_owned());
                    }
                }
                "!If" | "!Condition" => {
                    let condition = tagged.value.as_str().or_else(|| tagged.value[0].as_str());
                    found.extend(condition.map(|name| format!("condition {name}")));
                }
                _ => {}
            }
            references(&tagged.value, found);
        }
        Value::Mapping(fields) => fields.iter().for_each(|(_, value)| references(value, found)),
        Value::Sequence(entries) => entries.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_is_to_something() {
    let template = template();
    let mut found = BTreeSet::new();
    references(&template, &mut found);
    assert!(found.len() > 10, "{found:?}");
    let is_there = |section: &str, name: &str| template[section].as_mapping().unwrap().contains_key(name);
    for name in found {
        let there = if let Some(condition) = name.strip_prefix("condition ") {
            is_there("Conditions", condition)
        } else {
            // SAM makes the stage of an API.
            let resource = name.strip_suffix(".Stage").unwrap_or(&name);
            name.starts_with("AWS::") || is_there("Resources", resource) || is_there("Parameters", &name)
        };
        assert!(there, "{name}");
    }
}

/// The statements of a function's role.
fn statements(function: &Value) -> Vec<Value> {
    let role = untagged(&function["Properties"]["Role"]).as_str().unwrap().strip_suffix(".Arn").unwrap().to_owned();
    let policies = template()["Resources"][role.as_str()]["Properties"]["Policies"].as_sequence().unwrap().clone();
    policies.iter().flat_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence().unwrap().clone()).collect()
}

#[test]
fn a_role_may_write_its_own_log_and_use_our_table_and_never_scan() {
    let mut roles = BTreeSet::new();
    for (binary, function) in functions() {
        assert!(roles.insert(untagged(&function["Properties"]["Role"]).as_str().unwrap().to_owned()), "{binary}");
        let own_log = untagged(&function["Properties"]["LoggingConfig"]["LogGroup"]).as_str().unwrap();
        for statement in statements(&function) {
            let actions = match &statement["Action"] {
                Value::Sequence(actions) => actions.clone(),
                action => vec![action.clone()],
            };
            let mut resources = BTreeSet::new();
            references(&statement["Resource"], &mut resources);
            let is_log = actions.iter().all(|action| action.as_str().unwrap().starts_with("logs:"));
            let wanted = if is_log { own_log } else { "CustomersTable" };
            assert_eq!(resources, BTreeSet::from([wanted.to_owned()]), "{binary}");
            for action in actions {
                let action = action.as_str().unwrap();
                assert!(is_log || action.starts_with("dynamodb:"), "{binary}: {action}");
                assert!(!action.contains('*') && !action.contains("Scan"), "{binary}: {action}");
            }
        }
    }
}

#[test]
fn access_logs_hold_neither_paths_nor_queries() {
    let format =
        template()["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"].as_str().unwrap().to_owned();
    for word in ["$context.path", "$context.authorizer.principalId", "$context.error.message", "querystring"] {
        assert!(!format.contains(word), "{word}");
    }
    assert!(format.contains("$context.resourcePath"));
    // Nor do traces: the gateway's would.
    assert_eq!(template()["Resources"]["Api"]["Properties"]["TracingEnabled"], false);
    serde_json::from_str::<Value>(&format).unwrap();
}

/// Every type of answer that API Gateway itself can give
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>).
const GATEWAY_RESPONSES: [&str; 21] = [
    "ACCESS_DENIED",
    "API_CONFIGURATION_ERROR",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "EXPIRED_TOKEN",
    "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT",
    "INVALID_API_KEY",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "THROTTLED",
    "UNAUTHORIZED",
    "UNSUPPORTED_MEDIA_TYPE",
    "WAF_FILTERED",
];

#[test]
fn every_gateway_response_is_a_problem_of_fixed_words() {
    let template = template();
    let responses = template["Resources"]["Api"]["Properties"]["GatewayResponses"].as_mapping().unwrap().clone();
    let names: Vec<_> = responses.keys().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names, GATEWAY_RESPONSES);
    for (name, response) in &responses {
        let body = response["ResponseTemplates"]["application/json"].as_str().unwrap();
        let problem: Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["status"], response["StatusCode"], "{name:?}");
        let code = Code::ALL.iter().find(|code| problem["code"] == code.as_str()).unwrap();
        assert_eq!(
            (problem["status"].as_u64(), problem["title"].as_str()),
            (Some(code.status().as_u16().into()), Some(code.title())),
            "{name:?}"
        );
        assert_eq!(problem["type"], format!("urn:problem-type:{}", code.as_str()), "{name:?}");
        assert_eq!(body.matches("$context").count(), 1, "{name:?}");
        assert_eq!(problem["requestId"], "$context.extendedRequestId");
        let headers = &response["ResponseParameters"]["Headers"];
        assert_eq!(headers["X-Request-Id"], "context.extendedRequestId");
        assert_eq!(headers["Content-Type"], "'application/problem+json'");
        assert_eq!(headers["Cache-Control"], "'no-store'");
        let status = problem["status"].as_u64().unwrap();
        assert_eq!(headers.get("Retry-After").is_some(), status == 429, "{name:?}");
        assert_eq!(headers.get("WWW-Authenticate").is_some(), status == 401, "{name:?}");
    }
    for (name, status, code) in [
        ("MISSING_AUTHENTICATION_TOKEN", 404, "route_not_found"),
        ("INVALID_API_KEY", 403, "tenant_not_onboarded"),
        ("ACCESS_DENIED", 403, "forbidden"),
        ("INVALID_SIGNATURE", 404, "route_not_found"),
        ("EXPIRED_TOKEN", 404, "route_not_found"),
        ("DEFAULT_4XX", 404, "route_not_found"),
        ("UNAUTHORIZED", 401, "unauthorized"),
        ("THROTTLED", 429, "too_many_requests"),
    ] {
        let problem: Value =
            serde_json::from_str(responses[name]["ResponseTemplates"]["application/json"].as_str().unwrap()).unwrap();
        assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(status), Some(code)), "{name}");
    }
}

#[test]
fn every_method_needs_the_key_that_the_authorizer_names() {
    let template = template();
    let api = &template["Resources"]["Api"]["Properties"];
    assert_eq!(api["ApiKeySourceType"], "AUTHORIZER");
    assert_eq!(api["Auth"]["ApiKeyRequired"], true);
    assert_eq!(api["Auth"]["DefaultAuthorizer"], "Tenant");
    for (binary, function) in functions() {
        for (name, event) in function["Properties"]["Events"].as_mapping().into_iter().flatten() {
            let auth = event["Properties"].get("Auth");
            let operation =
                Operation::ALL.iter().find(|operation| operation.name().eq_ignore_ascii_case(name.as_str().unwrap()));
            if operation.unwrap().is_public() {
                let everybody: Value = serde_yaml::from_str("{ Authorizer: NONE, ApiKeyRequired: false }").unwrap();
                assert_eq!(auth, Some(&everybody), "{name:?} of {binary} is called without a token");
            } else {
                assert_eq!(auth, None, "{name:?} of {binary} goes its own way");
            }
        }
    }
}

#[test]
fn every_public_operation_is_throttled() {
    let template = template();
    let settings = template["Resources"]["Api"]["Properties"]["MethodSettings"].as_sequence().unwrap();
    let of_all = settings.iter().find(|method| method["ResourcePath"] == "/*").unwrap();
    let public: Vec<_> = Operation::ALL.iter().filter(|operation| operation.is_public()).collect();
    for operation in &public {
        let route = operation.path();
        // In this place CloudFormation wants the slashes inside a path encoded as in a JSON pointer, the first one too.
        let path = format!("/{}", route.replace('/', "~1"));
        let is_own = |method: &&Value| {
            method["ResourcePath"] == path.as_str() && method["HttpMethod"] == operation.method().as_str()
        };
        let own = settings.iter().find(is_own).unwrap_or_else(|| panic!("{} is not throttled", operation.name()));
        assert!(own["ThrottlingRateLimit"].as_u64().is_some_and(|rate| rate > 0), "{route}");
        assert!(own["ThrottlingBurstLimit"].as_u64().is_some_and(|burst| burst > 0), "{route}");
        for (name, value) in of_all.as_mapping().unwrap() {
            let differs = ["HttpMethod", "ResourcePath"].iter().any(|own| name == own);
            assert!(differs || own[name] == *value, "{name:?} of {route}");
        }
    }
    assert_eq!(settings.len(), 1 + public.len());
}

#[test]
fn every_tier_is_a_plan_of_the_stage_that_tells_its_table() {
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap();
    let plans: Vec<_> =
        resources.values().filter(|resource| resource["Type"] == "AWS::ApiGateway::UsagePlan").collect();
    let mut tiers = Vec::new();
    for plan in plans {
        let plan = &plan["Properties"];
        let name = untagged(&plan["UsagePlanName"]).as_str().unwrap();
        tiers.push(name.strip_prefix("customers-${Stage}-").unwrap());
        let stage = &plan["ApiStages"][0];
        assert_eq!((untagged(&stage["ApiId"]), untagged(&stage["Stage"])), (&"Api".into(), &"Api.Stage".into()));
        assert_eq!(plan["Tags"][0]["Key"], "customers-table");
        assert_eq!(untagged(&plan["Tags"][0]["Value"]), "CustomersTable");
        for limit in ["RateLimit", "BurstLimit"] {
            assert!(template["Parameters"].get(untagged(&plan["Throttle"][limit])).is_some(), "{name}");
        }
    }
    assert_eq!(tiers, ["standard", "premium"]);
}
