//! Builds the description of one operation from its docs, the table of operations and the rules of the pipeline.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use shared::api::docs::{Docs, QueryParameter, Success};
use shared::api::path::PathParameter;
use shared::api::problem::ProblemBody;
use shared::api::schema::Described as _;
use shared::api::{Code, Operation, RoleName, etag};
use shared::domain::{CustomerId, Tag};
use utoipa::ToSchema as _;

/// Problems of every operation, from the gateway, the pipeline or the store. `route_not_found` occurs if a path
/// parameter is empty or contains a slash, because that makes another path. `validation_failed` occurs if the operation
/// does not evaluate a condition that was sent.
const OF_ANY_REQUEST: &[Code] = &[
    Code::InvalidPath,
    Code::Unauthorized,
    Code::Forbidden,
    Code::TenantNotOnboarded,
    Code::RouteNotFound,
    Code::ValidationFailed,
    Code::TooManyRequests,
    Code::Internal,
    Code::BadGateway,
    Code::Unavailable,
    Code::GatewayTimeout,
];

/// Further problems of a request with a body.
const OF_A_BODY: &[Code] = &[Code::MalformedJson, Code::PayloadTooLarge, Code::UnsupportedMediaType];

/// Further problems of a passenger's request: what the record says about the passenger.
const OF_A_PASSENGER: &[Code] = &[Code::SessionEnded, Code::CustomerBlocked, Code::CustomerInactive];

/// Further problems of a request with a condition.
const OF_A_CONDITION: &[Code] = &[Code::PreconditionFailed];

/// The description of the operation, without examples, response headers and links.
pub(super) fn describe(operation: Operation, docs: &Docs) -> Value {
    let roles: Vec<_> = operation.roles().iter().map(|role| role.as_str()).collect();
    let paragraphs = docs.paragraphs.iter().map(|paragraph| format!("{paragraph}\n\n"));
    let mut described = json!({
        "tags": [docs.tag],
        "summary": docs.summary,
        "description": format!("{}Roles: {}.", paragraphs.collect::<String>(), roles.join(", ")),
        "operationId": operation.name(),
        "parameters": parameters(operation, docs),
    });
    if let Some(body) = &docs.body {
        let content = json!({ "application/json": { "schema": reference(body) } });
        described["requestBody"] = json!({ "content": content, "required": true });
    }
    described["responses"] = responses(operation, docs);
    // In OpenAPI 3.1, a scheme without scopes may list roles here. All roles in one entry would be required together,
    // so each role has its own entry.
    described["security"] = roles.iter().map(|role| json!({ "bearer": [role] })).collect();
    described
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn parameters(operation: Operation, docs: &Docs) -> Value {
    let path = operation.path_parameters().map(|name| {
        let parameter = PathParameter::named(name);
        // All ids have the same form.
        let schema = if parameter.is_id() { CustomerId::schema() } else { Tag::schema() };
        json!({ "name": name, "in": "path", "description": parameter.about(), "required": true, "schema": schema })
    });
    let query = docs.query.iter().map(|QueryParameter { name, about, is_required, schema, example }| {
        let mut parameter = json!({
            "name": name, "in": "query", "description": about, "required": is_required, "schema": schema,
            "example": example,
        });
        // A list is one parameter with commas between its values.
        if example.is_array() {
            parameter["style"] = json!("form");
            parameter["explode"] = json!(false);
        }
        parameter
    });
    path.chain(query).chain(etag::described_condition(operation)).collect()
}

fn responses(operation: Operation, docs: &Docs) -> Value {
    let body = if docs.body.is_some() { OF_A_BODY } else { &[] };
    let condition = if operation.condition().is_some() { OF_A_CONDITION } else { &[] };
    let passenger = if operation.roles().contains(&RoleName::Passenger) { OF_A_PASSENGER } else { &[] };
    let mut problems: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in [OF_ANY_REQUEST, passenger, body, docs.problems, condition].into_iter().flatten() {
        problems.entry(code.status().as_u16()).or_default().push(*code);
    }
    let problems = problems.into_iter().map(|(status, codes)| (status, problem(&codes)));
    let all: BTreeMap<_, _> = docs.responses.iter().map(success).chain(problems).collect();
    Value::Object(all.into_iter().map(|(status, response)| (status.to_string(), response)).collect::<Map<_, _>>())
}

fn success(Success { status, about, schema }: &Success) -> (u16, Value) {
    let mut response = json!({ "description": about });
    if let Some(schema) = schema {
        response["content"] = json!({ "application/json": { "schema": reference(schema) } });
    }
    (*status, response)
}

/// A problem with one of these codes. Each code links to its place in the error guide, relative to the document's address:
/// the site at `/docs` has the guides.
fn problem(codes: &[Code]) -> Value {
    let titles = codes.iter().map(|code| {
        let (name, title) = (code.as_str(), code.title());
        format!("[`{name}`](docs#tag/guide-errors.{name}): {title}.")
    });
    let titles: Vec<_> = titles.collect();
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    json!({
        "description": titles.join(" "),
        "content": { "application/problem+json": { "schema": reference(&ProblemBody::name()) } },
        "x-codes": names,
    })
}
