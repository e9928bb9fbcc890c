//! Checks of the template that its linters do not make.

#![expect(clippy::unwrap_used, reason = "a test panics: that is how it fails")]

use std::collections::BTreeSet;

use authorizer::{ClaimNames, MAX_TOKEN_LIFETIME, PROVIDER_ROLES, Reason};
use local::functions::{FUNCTIONS, served};
use local::table::TEMPLATE;
use serde_yaml::Value;
use shared::api::cors::{AllowedOrigin, EXPOSED_HEADERS};
use shared::api::{Code, Operation, RoleName};
use shared::store::keys::{PHONE_INDEX, SEARCH_INDEXES};

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
fn every_route_of_the_code_is_on_its_function_and_there_is_no_other() {
    let mut declared = BTreeSet::new();
    for (operation, function) in served() {
        let (method, path) = (operation.method().to_string(), operation.path().to_owned());
        declared.insert((function, method, path, operation.name().to_lowercase()));
    }
    let functions = functions();
    let mut preflights = BTreeSet::new();
    let mut deployed = BTreeSet::new();
    for (binary, function) in &functions {
        for (name, event) in function["Properties"]["Events"].as_mapping().into_iter().flatten() {
            let route = &event["Properties"];
            assert_eq!((event["Type"].as_str(), untagged(&route["RestApiId"]).as_str()), (Some("Api"), Some("Api")));
            let text = |name: &str| route[name].as_str().unwrap().to_owned();
            let name = name.as_str().unwrap().to_lowercase();
            if text("Method") == "OPTIONS" {
                let (_, operation) = name.split_once("preflight").unwrap();
                let sibling = declared.iter().find(|(_, _, _, declared)| declared == operation).unwrap();
                assert_eq!((sibling.0, &sibling.2), (binary.as_str(), &text("Path")), "{name}");
                assert!(preflights.insert(text("Path")), "{name} is the second one of its path");
                continue;
            }
            deployed.insert((binary.as_str(), text("Method"), text("Path"), name));
        }
    }
    assert_eq!(deployed, declared);
    assert_eq!(preflights, paths());
}

/// Each path of the API.
fn paths() -> BTreeSet<String> {
    Operation::ALL.iter().map(|operation| operation.path().to_owned()).collect()
}

#[test]
fn every_function_is_built_from_its_crate_for_the_runtime_of_rust() {
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

/// The name of the table that the stack uses: its own table or the one in `ExistingTable`.
fn table() -> Value {
    serde_yaml::from_str("!If [OwnsTable, !Ref CustomersTable, !Ref ExistingTable]").unwrap()
}

/// Every value of a document, at every depth.
fn each<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    found.push(value);
    match value {
        Value::Tagged(tagged) => each(&tagged.value, found),
        Value::Mapping(fields) => fields.values().for_each(|value| each(value, found)),
        Value::Sequence(entries) => entries.iter().for_each(|value| each(value, found)),
        _ => {}
    }
}

/// The resources of a type, by their names.
fn resources_of(kind: &str) -> Vec<(String, Value)> {
    let resources = template()["Resources"].as_mapping().unwrap().clone();
    let of_kind = resources.into_iter().filter(|(_, resource)| resource["Type"] == kind);
    of_kind.map(|(name, resource)| (name.as_str().unwrap().to_owned(), resource["Properties"].clone())).collect()
}

/// Every name that a `!Ref`, `!GetAtt` or `!Sub` refers to.
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
fn every_reference_has_a_target() {
    let template = template();
    let mut found = BTreeSet::new();
    references(&template, &mut found);
    assert!(found.len() > 10, "{found:?}");
    let is_there = |section: &str, name: &str| template[section].as_mapping().unwrap().contains_key(name);
    for name in found {
        let there = if let Some(condition) = name.strip_prefix("condition ") {
            is_there("Conditions", condition)
        } else {
            // SAM creates the stage of an API and the alias of a function.
            let resource = name.strip_suffix(".Stage").or_else(|| name.strip_suffix(".Alias")).unwrap_or(&name);
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
            resources.retain(|name| !name.starts_with("AWS::") && !name.starts_with("condition "));
            let wanted = if is_log { &[own_log][..] } else { &["CustomersTable", "ExistingTable"] };
            assert_eq!(resources.iter().map(String::as_str).collect::<Vec<_>>(), wanted, "{binary}");
            for action in actions {
                let action = action.as_str().unwrap();
                assert!(is_log || action.starts_with("dynamodb:"), "{binary}: {action}");
                assert!(!action.contains('*') && !action.contains("Scan"), "{binary}: {action}");
            }
        }
    }
}

#[test]
fn access_logs_contain_no_paths_and_no_queries() {
    let format =
        template()["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"].as_str().unwrap().to_owned();
    for word in ["$context.path", "$context.authorizer.principalId", "$context.error.message", "querystring"] {
        assert!(!format.contains(word), "{word}");
    }
    assert!(format.contains("$context.resourcePath"));
    // The gateway's traces would contain them, so these are off.
    assert_eq!(template()["Resources"]["Api"]["Properties"]["TracingEnabled"], false);
    serde_json::from_str::<Value>(&format).unwrap();
}

/// Every type of response that API Gateway itself can return
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
        let origin: Value = serde_yaml::from_str(r#"!Sub "'${AllowedOrigin}'""#).unwrap();
        assert_eq!(headers["Access-Control-Allow-Origin"], origin, "{name:?}");
        assert_eq!(headers["Access-Control-Expose-Headers"], format!("'{EXPOSED_HEADERS}'"), "{name:?}");
        let status = problem["status"].as_u64().unwrap();
        // A throttled function or authorizer looks like these.
        let is_busy = ["AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE", "INTEGRATION_FAILURE"];
        let is_busy = is_busy.iter().any(|busy| name == busy);
        assert_eq!(headers.get("Retry-After").is_some(), status == 429 || is_busy, "{name:?}");
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
            if event["Properties"]["Method"] == "OPTIONS" || operation.unwrap().is_public() {
                let everybody: Value = serde_yaml::from_str("{ Authorizer: NONE, ApiKeyRequired: false }").unwrap();
                assert_eq!(auth, Some(&everybody), "{name:?} of {binary} is called without a token");
            } else {
                assert_eq!(auth, None, "{name:?} of {binary} goes its own way");
            }
        }
    }
}

#[test]
fn every_public_method_is_throttled() {
    let template = template();
    let settings = template["Resources"]["Api"]["Properties"]["MethodSettings"].as_sequence().unwrap();
    let of_all = settings.iter().find(|method| method["ResourcePath"] == "/*").unwrap();
    let public = Operation::ALL.iter().filter(|operation| operation.is_public());
    let public = public.map(|operation| (operation.method().to_string(), operation.path().to_owned()));
    let preflights = paths().into_iter().map(|path| ("OPTIONS".to_owned(), path));
    let public: Vec<_> = public.chain(preflights).collect();
    for (verb, route) in &public {
        // Here CloudFormation requires the slashes of a path, including the first, to be encoded as in a JSON pointer.
        let path = format!("/{}", route.replace('/', "~1"));
        let is_own = |method: &&Value| method["ResourcePath"] == path.as_str() && method["HttpMethod"] == verb.as_str();
        let own = settings.iter().find(is_own).unwrap_or_else(|| panic!("{verb} {route} is not throttled"));
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
fn pages_of_every_origin_may_call_the_api_unless_a_deployment_names_one() {
    let template = template();
    let parameter = &template["Parameters"]["AllowedOrigin"];
    assert!(parameter["Default"].as_str().unwrap().parse::<AllowedOrigin>().unwrap().is_any());
    let variable = &template["Globals"]["Function"]["Environment"]["Variables"]["ALLOWED_ORIGIN"];
    assert_eq!(*variable, serde_yaml::from_str::<Value>("!Ref AllowedOrigin").unwrap());
    // SAM's own preflights are mocks, which answer 500 because every media type is binary
    // (https://github.com/aws/serverless-application-model/issues/553).
    assert_eq!(template["Resources"]["Api"]["Properties"].get("Cors"), None);
    // Otherwise a new origin would not reach the gateway's own responses.
    assert_eq!(template["Resources"]["Api"]["Properties"]["AlwaysDeploy"], true);
}

#[test]
fn every_tier_and_self_service_is_a_plan_of_the_stage_and_names_its_table() {
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
        assert_eq!(plan["Tags"][0]["Value"], table());
        for limit in ["RateLimit", "BurstLimit"] {
            assert!(template["Parameters"].get(untagged(&plan["Throttle"][limit])).is_some(), "{name}");
        }
    }
    assert_eq!(tiers, ["standard", "premium", "self-service"]);
}

/// A parameter that is not set changes nothing.
#[test]
fn the_parameters_of_tokens_have_the_defaults_of_the_authorizer() {
    let parameters = &template()["Parameters"];
    let default = |name: &str| parameters[name]["Default"].as_str().unwrap().to_owned();
    let roles: Vec<_> = PROVIDER_ROLES.into_iter().map(RoleName::as_str).collect();
    assert_eq!(default("ProviderRoles"), roles.join(","));
    let names = ClaimNames {
        client: default("ClientIdClaim"),
        role: default("RoleClaim"),
        brand: default("BrandIdClaim"),
        customer: default("CustomerIdClaim"),
    };
    assert_eq!(names, ClaimNames::default());
    assert_eq!(parameters["MaxTokenLifetime"]["Default"].as_i64(), Some(MAX_TOKEN_LIFETIME));
    // Without these, no tokens are accepted. A deployment with neither or both of the first two is refused.
    for (name, value) in [("Jwks", ""), ("JwksUrl", ""), ("ServiceJwks", "")] {
        assert_eq!(default(name), value, "{name}");
    }
    let rule = serde_yaml::to_string(&template()["Rules"]["OneSourceOfKeys"]["Assertions"]).unwrap();
    assert!(rule.contains("Set Jwks or JwksUrl.") && rule.contains("Set only one of Jwks and JwksUrl."), "{rule}");
}

#[test]
fn every_parameter_of_tokens_reaches_the_authorizer() {
    let (_, authorizer) = functions().into_iter().find(|(binary, _)| binary == "authorizer").unwrap();
    let variables = &authorizer["Properties"]["Environment"]["Variables"];
    for (variable, value) in [
        ("JWT_ISSUER", "JwtIssuer"),
        ("JWT_AUDIENCE", "JwtAudience"),
        ("JWKS", "Jwks"),
        ("JWKS_URL", "JwksUrl"),
        ("PROVIDER_ROLES", "ProviderRoles"),
        ("CLIENT_ID_CLAIM", "ClientIdClaim"),
        ("ROLE_CLAIM", "RoleClaim"),
        ("BRAND_ID_CLAIM", "BrandIdClaim"),
        ("CUSTOMER_ID_CLAIM", "CustomerIdClaim"),
        ("SERVICE_JWKS", "ServiceJwks"),
        ("MAX_TOKEN_LIFETIME_SECONDS", "MaxTokenLifetime"),
    ] {
        assert_eq!(untagged(&variables[variable]).as_str(), Some(value), "{variable}");
    }
    // Without keys, the service's own issuer is not accepted: a token of it is 401 and never looks for keys.
    let issuer: Vec<_> = untagged(&variables["SERVICE_ISSUER"]).as_sequence().unwrap().iter().map(untagged).collect();
    let issuer: Vec<_> = issuer.iter().map(|value| value.as_str().unwrap()).collect();
    assert_eq!(issuer, ["AcceptsServiceTokens", "customers-${Stage}", ""]);
}

#[test]
fn the_stacks_own_table_is_used_only_without_an_existing_table() {
    let template = template();
    let mut all = Vec::new();
    each(&template["Resources"], &mut all);
    each(&template["Outputs"], &mut all);
    let names_table = |value: &Value| {
        let mut names = BTreeSet::new();
        references(value, &mut names);
        names.contains("CustomersTable")
    };
    let choices: Vec<_> = all
        .iter()
        .filter(|value| matches!(value, Value::Tagged(tagged) if tagged.tag == "!If" && tagged.value[0] == "OwnsTable"))
        .collect();
    for choice in &choices {
        let branches = untagged(choice);
        assert!(names_table(&branches[1]) && !names_table(&branches[2]), "{branches:?}");
        let mut names = BTreeSet::new();
        references(&branches[2], &mut names);
        assert!(names.contains("ExistingTable"), "{branches:?}");
    }
    let uses =
        |value: &&&Value| matches!(value, Value::Tagged(tagged) if !tagged.value.is_sequence()) && names_table(value);
    assert_eq!(all.iter().filter(uses).count(), choices.len(), "each use of the table is a choice");
    assert_eq!(template["Resources"]["CustomersTable"]["Condition"], "OwnsTable");
}

#[test]
fn only_functions_that_use_the_table_know_its_name() {
    let template = template();
    let for_all = template["Globals"]["Function"]["Environment"]["Variables"].as_mapping().unwrap();
    let names: Vec<_> = for_all.keys().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names, ["AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "ALLOWED_ORIGIN", "CONFIGURATION"]);
    for (binary, function) in functions() {
        let name = function["Properties"].get("Environment").and_then(|own| own["Variables"].get("TABLE_NAME"));
        let uses_table = FUNCTIONS.iter().any(|function| function.name == binary);
        assert_eq!(name, uses_table.then(table).as_ref(), "{binary}");
    }
}

#[test]
fn every_function_is_invoked_through_its_alias_and_every_change_moves_the_alias() {
    let template = template();
    let globals = &template["Globals"]["Function"];
    assert_eq!(globals["AutoPublishAlias"], "live");
    assert_eq!(untagged(&globals["DeploymentPreference"]["Type"]), "Rollout");
    for (binary, function) in functions() {
        assert_eq!(function["Properties"]["AutoPublishAliasAllProperties"], true, "{binary}");
    }
    let authorizer = &template["Resources"]["Api"]["Properties"]["Auth"]["Authorizers"]["Tenant"]["FunctionArn"];
    assert_eq!(*authorizer, serde_yaml::from_str::<Value>("!Ref AuthorizerFunction.Alias").unwrap());
}

/// The parameters that a part of the template depends on, also through conditions.
fn parameters_in(part: &Value) -> BTreeSet<String> {
    let template = template();
    let mut found = BTreeSet::new();
    references(part, &mut found);
    let (conditions, names): (Vec<_>, Vec<_>) = found.into_iter().partition(|name| name.starts_with("condition "));
    let conditions = conditions.iter().map(|name| &template["Conditions"][name.strip_prefix("condition ").unwrap()]);
    let mut parameters: BTreeSet<_> = conditions.flat_map(parameters_in).collect();
    parameters.extend(names.into_iter().filter(|name| template["Parameters"].get(name).is_some()));
    parameters
}

/// `.ci/template-cases` proves that a change publishes versions.
#[test]
fn a_changed_value_of_a_parameter_changes_every_version_of_a_function() {
    let template = template();
    let number = serde_yaml::from_str::<Value>("!GetAtt ConfigurationVersion.VersionNumber").unwrap();
    assert_eq!(template["Globals"]["Function"]["Environment"]["Variables"]["CONFIGURATION"], number);
    let description: Value = serde_yaml::from_str("!Sub configuration ${ConfigurationVersion.VersionNumber}").unwrap();
    let mut contained = BTreeSet::new();
    for (binary, function) in functions() {
        let mut versioned = function["Properties"].as_mapping().unwrap().clone();
        assert_eq!(versioned.remove("VersionDescription"), Some(description.clone()), "{binary}");
        // What belongs to the function, and not to its versions.
        versioned.remove("ReservedConcurrentExecutions");
        versioned.remove("Events");
        contained.extend(parameters_in(&versioned.into()));
    }
    let mut versioned = template["Globals"]["Function"].as_mapping().unwrap().clone();
    versioned.remove("DeploymentPreference").unwrap();
    contained.extend(parameters_in(&versioned.into()));
    let content = &template["Resources"]["ConfigurationVersion"]["Properties"]["Content"];
    assert_eq!(parameters_in(content), contained);
    for (line, name) in untagged(content).as_str().unwrap().lines().zip(contained) {
        assert_eq!(line, format!("{name}=${{{name}}}"));
    }
}

#[test]
fn every_alarm_can_fire_notifies_at_its_end_and_ignores_missing_data() {
    let alarms = resources_of("AWS::CloudWatch::Alarm");
    assert!(alarms.len() > 10, "{}", alarms.len());
    let topic: Value =
        serde_yaml::from_str(r#"!If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref "AWS::NoValue"]"#).unwrap();
    for (name, alarm) in alarms {
        assert_eq!((&alarm["AlarmActions"], &alarm["OKActions"]), (&topic, &topic), "{name}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}");
        assert!(alarm["AlarmDescription"].as_str().is_some_and(|text| text.ends_with('.')), "{name}");
        // CloudWatch's guide, "Using metric math": FILL can publish a value before the metric's own arrives, so an alarm that
        // needs all of its data points may never fire.
        let periods = alarm["EvaluationPeriods"].as_u64().unwrap();
        let expressions = alarm.get("Metrics").and_then(Value::as_sequence).into_iter().flatten();
        if expressions.filter_map(|metric| metric["Expression"].as_str()).any(|text| text.contains("FILL")) {
            assert!(alarm["DatapointsToAlarm"].as_u64().is_some_and(|needed| needed < periods), "{name}");
        }
    }
}

/// The functions whose metrics an alarm reads.
fn watched_by(alarm: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    references(&template()["Resources"][alarm]["Properties"]["Metrics"], &mut found);
    found
}

#[test]
fn the_alarms_about_functions_watch_all_of_their_functions() {
    let resources = resources_of("AWS::Serverless::Function");
    let all: BTreeSet<_> = resources.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(watched_by("FunctionThrottlesAlarm"), all);
    let globals = &template()["Globals"]["Function"];
    let slow = resources.iter().filter(|(_, function)| function.get("Timeout").is_none());
    assert_eq!(watched_by("DurationAlarm"), slow.map(|(name, _)| name.clone()).collect());
    let milliseconds = globals["Timeout"].as_u64().unwrap() * 1000;
    assert_eq!(template()["Resources"]["DurationAlarm"]["Properties"]["Threshold"], milliseconds * 8 / 10);
}

#[test]
fn throttling_of_every_index_raises_an_alarm_and_is_on_the_dashboard() {
    let template = template();
    let dashboard = &untagged(&template["Resources"]["Dashboard"]["Properties"]["DashboardBody"])[0];
    let indexes = SEARCH_INDEXES.map(|index| index.name);
    for (alarm, indexes) in [("TableThrottlesAlarm", &[PHONE_INDEX][..]), ("SearchThrottlesAlarm", &indexes)] {
        let metrics = template["Resources"][alarm]["Properties"]["Metrics"].as_sequence().unwrap();
        let both = |index| [("ReadThrottleEvents", index), ("WriteThrottleEvents", index)];
        for (metric, index) in indexes.iter().copied().flat_map(both) {
            let watching = metrics.iter().find(|watched| {
                let watched = &watched["MetricStat"]["Metric"];
                watched["MetricName"] == metric && watched["Dimensions"][1]["Value"] == index
            });
            let id = watching.unwrap_or_else(|| panic!("{alarm} does not watch {metric} of {index}"))["Id"].as_str();
            let summand = format!("FILL({}, 0)", id.unwrap());
            assert!(metrics[0]["Expression"].as_str().unwrap().contains(&summand), "{alarm}: {summand}");
            let shown =
                format!(r#"["AWS/DynamoDB","{metric}","TableName","${{Table}}","GlobalSecondaryIndexName","{index}""#);
            assert!(dashboard.as_str().unwrap().contains(&shown), "{shown}");
        }
    }
}

#[test]
fn every_metric_filter_matches_a_log_line_and_has_an_alarm() {
    let template = template();
    let access_log = template["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"].as_str().unwrap();
    let access_log: Value = serde_json::from_str(access_log).unwrap();
    let alarms = resources_of("AWS::CloudWatch::Alarm");
    for (name, filter) in resources_of("AWS::Logs::MetricFilter") {
        let pattern = filter["FilterPattern"].as_str().unwrap();
        let fields = pattern.split("$.").skip(1).map(|rest| rest.split(' ').next().unwrap());
        for field in fields {
            match untagged(&filter["LogGroupName"]).as_str().unwrap() {
                "AccessLogs" => assert!(access_log.get(field).is_some(), "{name}: {field}"),
                "AuthorizerLogs" => {
                    assert_eq!((field, pattern), ("reason", r#"{ $.reason = "unknown_key" }"#), "{name}");
                    assert_eq!(Reason::UnknownKey.code(), "unknown_key");
                }
                other => panic!("{name}: {other}"),
            }
        }
        let metric = &filter["MetricTransformations"][0];
        let has_alarm = |(_, alarm): &(String, Value)| {
            alarm.get("MetricName") == Some(&metric["MetricName"]) && alarm["Namespace"] == metric["MetricNamespace"]
        };
        assert!(alarms.iter().any(has_alarm), "{name} has no alarm");
    }
}

#[test]
fn the_dashboard_is_json_about_resources_of_the_stack() {
    let template = template();
    let body = &untagged(&template["Resources"]["Dashboard"]["Properties"]["DashboardBody"])[0];
    let mut text = String::new();
    for (index, part) in body.as_str().unwrap().split("${").enumerate() {
        let (name, rest) = if index == 0 { ("Table", part) } else { part.split_once('}').unwrap() };
        let known = ["Table", "AWS::Region"].contains(&name)
            || template["Resources"].get(name).is_some()
            || template["Parameters"].get(name).is_some();
        assert!(known, "{name}");
        text += rest;
    }
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    assert!(dashboard["widgets"].as_sequence().is_some_and(|widgets| widgets.len() > 5));
}

#[test]
fn the_accounts_role_for_logs_waits_for_a_resource_of_api_gateway() {
    let resources = &template()["Resources"];
    let account = &resources["GatewayAccount"];
    assert_eq!(account["DependsOn"], "GatewayFirst");
    let first = &resources["GatewayFirst"];
    assert_eq!((&first["Type"], &first["Properties"]["Enabled"]), (&"AWS::ApiGateway::ApiKey".into(), &false.into()));
    assert_eq!(first["Condition"], account["Condition"]);
}

#[test]
fn only_the_tokens_parameters_have_no_default() {
    let template = template();
    let mut without = Vec::new();
    for (name, parameter) in template["Parameters"].as_mapping().unwrap() {
        assert!(parameter["Description"].as_str().is_some_and(|text| text.ends_with('.')), "{name:?}");
        if parameter.get("Default").is_none() {
            without.push(name.as_str().unwrap());
        }
    }
    assert_eq!(without, ["JwtIssuer", "JwtAudience"]);
}
