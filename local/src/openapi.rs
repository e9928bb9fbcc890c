//! Builds the OpenAPI document from the table of operations, the docs beside the handlers, and the facts that apply to
//! every operation. The examples are responses of the API that a test has recorded.

mod links;
mod operation;

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};
use shared::api::fields::{address_shown_to, customer_shown_to};
use shared::api::problem::ProblemBody;
use shared::api::schema;
use shared::api::{Caller, Operation};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use crate::functions::FUNCTIONS;

/// The requests and responses by operation that `tests/tests/api/examples.rs` has recorded. Problems that most
/// operations share come first, by code. An operation only has the problems that differ from these.
const EXAMPLES: &str = include_str!("openapi/examples.json");

/// The OpenAPI 3.1 document.
///
/// # Panics
/// If an operation has no docs, or the examples are not JSON. The tests find both.
#[must_use]
pub fn document() -> Value {
    let examples: Value = serde_json::from_str(EXAMPLES).expect("the examples are JSON");
    let docs: HashMap<_, _> = FUNCTIONS.iter().flat_map(|function| (function.docs)()).collect();
    let mut paths = json!({});
    let mut schemas = BTreeMap::new();
    for operation in Operation::authenticated() {
        let docs = docs.get(&operation).unwrap_or_else(|| panic!("{} has no docs", operation.name()));
        schemas.extend(docs.schemas.iter().cloned());
        let mut described = operation::describe(operation, docs);
        complete(&mut described, operation, &examples);
        paths[operation.path()][operation.method().as_str().to_lowercase()] = described;
    }
    let parameters = links::parameters(&paths);
    let mut problems = Map::new();
    for described in fields(&mut paths).flat_map(fields) {
        links::add(described, &parameters);
        share_problems(described, &mut problems);
    }
    problems.sort_keys();
    json!({
        "openapi": "3.1.0",
        "info": info(),
        "paths": paths,
        "components": {
            "schemas": complete_schemas(schemas),
            "securitySchemes": { "bearer": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "A token of the tenant's issuer: signed with EdDSA, ES256 or RS256, with the claims `iss`, \
                                `aud`, `exp`, `clientId`, `role`, and `brandId` for an app or `customerId` for a passenger.",
            } },
            "headers": headers(),
            "responses": problems,
        },
        "servers": servers(),
        "tags": tags(),
    })
}

fn info() -> Value {
    json!({
        "title": "Customers API",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "The passenger records of a taxi and private-hire dispatch platform.",
        "description": "A customer is the passenger record of a tenant (`clientId`): one for each phone number. A booking \
                        matches an existing customer by phone, however the number is typed, or creates one. Every \
                        request is safe to retry. Errors are `application/problem+json` with a stable `code`.\n\n\
                        Start with [getting started](docs#tag/guide-getting-started) and [common \
                        tasks](docs#tag/guide-tasks). [Customer fields](docs#tag/guide-customer-fields) has a table of \
                        all fields, and [errors](docs#tag/guide-errors) explains every code.",
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
        { "name": "customers", "description": "Match or create, read, update, erase, find, search." },
        { "name": "links", "description": "A customer's accounts, account departments, brands and capabilities." },
        { "name": "tags", "description": "A customer's tags, which the tenant's rules may turn into priority." },
        { "name": "addresses", "description": "A customer's saved addresses." },
        { "name": "settings", "description": "The tenant's settings for customers." },
    ])
}

/// The schemas of the operations, and the schemas that they refer to. Only the fields that every role sees are required
/// in a record.
fn complete_schemas(described: BTreeMap<String, RefOr<Schema>>) -> Value {
    let mut all: Vec<_> = described.into_iter().collect();
    all.push((ProblemBody::name().into_owned(), ProblemBody::schema()));
    ProblemBody::schemas(&mut all);
    all.extend(schema::shared().map(|(name, schema)| (name.to_owned(), schema)));
    let mut schemas: Value = all.into_iter().map(|(name, schema)| (name, json!(schema))).collect();
    let passenger = Caller::from_parts("any", "passenger", None, Some("any")).expect("a caller").role;
    schemas["Customer"]["required"] = json!(customer_shown_to(&passenger));
    schemas["Address"]["required"] = json!(address_shown_to(&passenger));
    schemas
}

/// Adds the response headers and the examples to an operation.
fn complete(described: &mut Value, operation: Operation, examples: &Value) {
    let recorded = &examples[operation.name()];
    if let Some(body) = described.pointer_mut("/requestBody/content/application~1json") {
        add_examples(body, &recorded["request"]);
    }
    for (status, response) in described["responses"].as_object_mut().into_iter().flatten() {
        for header in headers_of(status, response, operation) {
            response["headers"][header] = json!({ "$ref": format!("#/components/headers/{header}") });
        }
        for content in response.get_mut("content").into_iter().flat_map(fields) {
            add_examples(content, &recorded[status.as_str()]);
        }
        add_problem_examples(response, &recorded["problems"], &examples["problems"]);
    }
}

/// Moves the problems of an operation into `problems`, under the names of their codes. Most operations share them. If
/// the examples differ, the name also contains the operation.
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

fn fields(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flatten().map(|(_, value)| value)
}

/// The headers of a response.
fn headers_of(status: &str, response: &Value, operation: Operation) -> Vec<&'static str> {
    let mut headers = vec!["X-Request-Id", "Cache-Control"];
    let schema = &response["content"]["application/json"]["schema"]["$ref"];
    if schema == "#/components/schemas/Customer" {
        headers.push("ETag");
    }
    if status == "201" {
        headers.push("Location");
    }
    if matches!(operation, Operation::CreateCustomer | Operation::CreateBrandCustomer)
        && matches!(status, "200" | "201")
    {
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
            "description": "The scheme to authenticate with. API Gateway renames the header of a function, so a `401` can lack it.",
            "required": false, "schema": { "type": "string", "const": "Bearer" },
        },
        "Retry-After": {
            "description": "How many seconds to wait before the request is sent again.", "required": true,
            "schema": { "type": "integer", "minimum": 1, "maximum": 3600 },
        },
    })
}

/// Adds recorded bodies, each with the name of its case as its summary.
fn add_examples(content: &mut Value, recorded: &Value) {
    let recorded = recorded.as_object().into_iter().flatten();
    let examples: Map<_, _> = recorded.map(|(case, body)| (key_of(case), example(case, body))).collect();
    if !examples.is_empty() {
        content["examples"] = Value::Object(examples);
    }
}

/// Adds an example for each code of a problem: the operation's own, or the shared one. Without examples, a page would
/// invent one from the schema, with a code of another status.
fn add_problem_examples(problem: &mut Value, own: &Value, shared: &Value) {
    let codes = problem["x-codes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let of_code = |code: &str| {
        let body = own.get(code).or_else(|| shared.get(code))?;
        Some((code.to_owned(), example(body["title"].as_str()?, body)))
    };
    let examples: Map<_, _> = codes.filter_map(of_code).collect();
    if !examples.is_empty() {
        problem["content"]["application/problem+json"]["examples"] = Value::Object(examples);
    }
}

fn example(summary: &str, body: &Value) -> Value {
    json!({ "summary": summary, "value": body })
}

/// The key of an example: `a-new-passenger` for "A new passenger".
fn key_of(summary: &str) -> String {
    let words = summary.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}
