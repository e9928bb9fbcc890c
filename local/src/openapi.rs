//! The API reference: the functions' own declarations put together, with what holds for every operation added. Roles come
//! from the role table, so that they cannot drift from it; examples are answers of the API, recorded by a test.

mod links;

use serde_json::{Map, Value, json};
use shared::api::access::Operation;
use shared::api::fields::{address_shown_to, customer_shown_to};
use shared::api::problem::ProblemBody;
use shared::api::schema;
use shared::api::{Caller, Role};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::functions::FUNCTIONS;

/// Requests and their answers by operation, as `tests/tests/api/examples.rs` recorded them. Of the problems those that
/// most operations share stand first, by code; an operation has those of its own that differ.
const EXAMPLES: &str = include_str!("openapi/examples.json");

/// The OpenAPI 3.1 document.
///
/// # Panics
/// If a declaration is not JSON: a fault that the tests find.
#[must_use]
pub fn document() -> Value {
    let mut merged = OpenApi::default();
    for (_, routes) in FUNCTIONS {
        merged.merge(routes().into_openapi());
    }
    let mut document = serde_json::to_value(merged).expect("an OpenAPI document is JSON");
    document["info"] = info();
    document["servers"] = servers();
    document["tags"] = tags();
    complete_schemas(&mut document["components"]["schemas"]);
    document["components"]["securitySchemes"] = json!({ "bearer": {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
        "description": "A token of the tenant's issuer: signed with EdDSA, ES256 or RS256, with the claims `iss`, `aud`, \
                        `exp`, `clientId`, `role`, and `brandId` for an app or `customerId` for a passenger.",
    } });

    document["components"]["headers"] = headers();

    let mut problems = Map::new();
    let parameters = links::parameters(&document["paths"]);
    let examples: Value = serde_json::from_str(EXAMPLES).expect("the examples are JSON");
    for item in fields(&mut document["paths"]) {
        for operation in fields(item) {
            complete(operation, &examples);
            links::add(operation, &parameters);
            share_problems(operation, &mut problems);
        }
    }
    problems.sort_keys();
    document["components"]["responses"] = Value::Object(problems);
    document
}

fn info() -> Value {
    json!({
        "title": "Customers API",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "The passenger records of a taxi and private-hire dispatch platform.",
        "description": "A customer is a passenger whom a tenant (`clientId`) knows: one for each phone number. A booking \
                        matches an existing customer by phone, however the number is typed, or creates one. Every \
                        request may be repeated safely. Errors are `application/problem+json` with a stable `code`.",
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    })
}

fn servers() -> Value {
    json!([
        { "url": "http://127.0.0.1:3000", "description": "`cargo run -p local`" },
        {
            "url": "https://{apiId}.execute-api.{region}.amazonaws.com/{stage}",
            "description": "A deployment; its outputs name the address.",
            "variables": {
                "apiId": { "default": "api", "description": "The id that API Gateway gave the API." },
                "region": { "default": "eu-west-1", "description": "The AWS region." },
                "stage": { "default": "dev", "description": "The stage." },
            },
        },
    ])
}

fn tags() -> Value {
    json!([
        { "name": "customers", "description": "Match or create, read, update, erase, find by phone." },
        { "name": "links", "description": "A customer's accounts, account departments, brands and capabilities." },
        { "name": "tags", "description": "A customer's tags, which the tenant's rules may turn into priority." },
        { "name": "addresses", "description": "A customer's saved addresses." },
        { "name": "settings", "description": "The tenant's settings that bear on customers." },
    ])
}

/// A record is shown without what is kept from the caller's role, so only the rest is sure to be there.
fn complete_schemas(schemas: &mut Value) {
    let mut add = |name: &str, schema: RefOr<Schema>| {
        schemas[name] = serde_json::to_value(schema).expect("a schema is JSON");
    };
    add(&ProblemBody::name(), ProblemBody::schema());
    let mut nested = Vec::new();
    ProblemBody::schemas(&mut nested);
    for (name, schema) in nested {
        add(&name, schema);
    }
    for (name, schema) in schema::shared() {
        add(name, schema);
    }
    let passenger = Caller::from_parts("any", "passenger", None, Some("any")).expect("a caller").role;
    schemas["Customer"]["required"] = json!(customer_shown_to(&passenger));
    schemas["Address"]["required"] = json!(address_shown_to(&passenger));
}

/// Adds to one operation what its declaration leaves to the edge and the gateway.
fn complete(operation: &mut Value, examples: &Value) {
    let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let roles = roles_of(&name);
    if let Some(summary) = operation["summary"].as_str() {
        operation["summary"] = json!(summary.trim_end_matches('.'));
    }
    let described = operation["description"].as_str().map(|text| prose(text) + "\n\n").unwrap_or_default();
    operation["description"] = json!(format!("{described}Roles: {}.", roles.join(", ")));
    // OpenAPI 3.1 lets a scheme that knows no scopes name roles here: all that are required, so that each of those of which
    // one is enough stands by itself.
    operation["security"] = roles.iter().map(|role| json!({ "bearer": [role] })).collect();

    let recorded = &examples[&name];
    if let Some(body) = operation.pointer_mut("/requestBody/content/application~1json") {
        add_examples(body, &recorded["request"]);
    }
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        for header in headers_of(status, response, &name) {
            response["headers"][header] = json!({ "$ref": format!("#/components/headers/{header}") });
        }
        for content in response.get_mut("content").into_iter().flat_map(fields) {
            add_examples(content, &recorded[status.as_str()]);
        }
        add_problem_examples(response, &recorded["problems"], &examples["problems"]);
    }
}

/// Moves the problems into `problems`, each under the codes that it stands for. Most operations have the same; one whose
/// examples differ is named for its operation too.
fn share_problems(operation: &mut Value, problems: &mut Map<String, Value>) {
    let operation_id = operation["operationId"].clone();
    for response in fields(&mut operation["responses"]) {
        let codes = response["x-codes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut name = codes.collect::<Vec<_>>().join(".");
        if !name.is_empty() {
            if problems.get(&name).is_some_and(|shared| shared != response) {
                let operation_id = operation_id.as_str().expect("every operation has an id");
                name = format!("{name}.{operation_id}");
            }
            let problem = std::mem::replace(response, json!({ "$ref": format!("#/components/responses/{name}") }));
            problems.insert(name, problem);
        }
    }
}

fn roles_of(operation: &str) -> Vec<&'static str> {
    let operation = Operation::named(operation).expect("every route is in the role table");
    let parts = [
        ("operator", None, None),
        ("integration", None, None),
        ("admin", None, None),
        ("app", Some("any"), None),
        ("passenger", None, Some("any")),
    ];
    let roles =
        parts.map(|(role, brand, customer)| Caller::from_parts("any", role, brand, customer).expect("a caller"));
    roles.iter().map(|caller| &caller.role).filter(|role| operation.is_open_to(role)).map(Role::name).collect()
}

fn fields(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flatten().map(|(_, value)| value)
}

/// The headers that an answer carries.
fn headers_of(status: &str, response: &Value, operation: &str) -> Vec<&'static str> {
    let mut headers = vec!["X-Request-Id", "Cache-Control"];
    let schema = &response["content"]["application/json"]["schema"]["$ref"];
    if schema == "#/components/schemas/Customer" {
        headers.push("ETag");
    }
    if status == "201" {
        headers.push("Location");
    }
    if matches!(operation, "createCustomer" | "createBrandCustomer") && matches!(status, "200" | "201") {
        headers.push("Customer-Match");
    }
    match status {
        "401" => headers.push("WWW-Authenticate"),
        "429" | "503" => headers.push("Retry-After"),
        _ => {}
    }
    headers
}

fn headers() -> Value {
    json!({
        "X-Request-Id": {
            "description": "The request's id in the logs; one that a client sends is ignored.", "required": true,
            "schema": { "type": "string", "minLength": 1, "maxLength": 100 }, "example": "JKJaXmPLvHcESHA=",
        },
        "Cache-Control": {
            "description": "Records are personal.", "required": true, "schema": { "type": "string", "const": "no-store" },
        },
        "ETag": {
            "description": "The record's version, for `If-Match` on an update.", "required": true,
            "schema": { "type": "string", "maxLength": 21, "pattern": "^\"[1-9][0-9]*\"$" }, "example": "\"7\"",
        },
        "Location": {
            "description": "The new resource, relative to the request's path: `customer/{customerId}` after a create, \
                            `addresses/{savedAddressId}` after a save.",
            "required": true, "schema": { "type": "string", "minLength": 1, "maxLength": 80 },
        },
        "Customer-Match": {
            "description": "Whether the phone was known.", "required": true,
            "schema": { "type": "string", "enum": ["created", "matched"] },
        },
        "WWW-Authenticate": {
            "description": "How to say who calls.", "required": true, "schema": { "type": "string", "const": "Bearer" },
        },
        "Retry-After": {
            "description": "How many seconds to wait before the request is sent again.", "required": true,
            "schema": { "type": "integer", "minimum": 1, "maximum": 3600 },
        },
    })
}

/// Adds recorded bodies, each under the name of its case.
fn add_examples(content: &mut Value, recorded: &Value) {
    let Some(recorded) = recorded.as_object().filter(|recorded| !recorded.is_empty()) else { return };
    let examples: Map<_, _> = recorded.iter().map(|(name, value)| (name.clone(), json!({ "value": value }))).collect();
    content["examples"] = Value::Object(examples);
}

/// Adds an example of each code that a problem stands for: the operation's own, or the one that all share. Without them a
/// page makes one up out of the schema, with a code that belongs to another status.
fn add_problem_examples(problem: &mut Value, own: &Value, shared: &Value) {
    let codes = problem["x-codes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let example = |code: &str| Some((code.to_owned(), own.get(code).or_else(|| shared.get(code))?.clone()));
    let examples: Map<_, _> = codes.filter_map(example).collect();
    if !examples.is_empty() {
        add_examples(&mut problem["content"]["application/problem+json"], &Value::Object(examples));
    }
}

/// A doc comment as prose: the lines of a paragraph joined to one, an empty line between two paragraphs.
fn prose(doc: &str) -> String {
    doc.lines()
        .map(str::trim)
        .fold(String::new(), |text, line| match line {
            "" if text.is_empty() || text.ends_with('\n') => text,
            "" => text + "\n\n",
            line if text.is_empty() || text.ends_with('\n') => text + line,
            line => text + " " + line,
        })
        .trim_end()
        .to_owned()
}
