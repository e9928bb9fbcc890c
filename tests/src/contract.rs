//! Compares the API with its reference: the OpenAPI document must describe every response that a test gets.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{Answer, formats};

/// A documented operation.
struct Operation {
    id: String,
    /// The responses by status.
    responses: HashMap<u16, Documented>,
}

/// A documented response.
struct Documented {
    /// The schema of the body; `None` for an empty body.
    schema: Option<Validator>,
    /// The codes, if the response is a problem.
    codes: Vec<String>,
    headers: Vec<String>,
}

struct Contract {
    /// The operations by path and method.
    routes: matchit::Router<HashMap<String, Operation>>,
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let document = local::openapi::document();
    let mut routes = matchit::Router::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let methods = item.as_object().expect("operations").iter();
        let methods = methods.map(|(method, operation)| (method.to_uppercase(), operation_of(&document, operation)));
        routes.insert(path, methods.collect()).expect("a route");
    }
    Contract { routes }
});

fn operation_of(document: &Value, operation: &Value) -> Operation {
    let responses = operation["responses"].as_object().expect("responses").iter();
    Operation {
        id: operation["operationId"].as_str().expect("an id").to_owned(),
        responses: responses
            .map(|(status, response)| (status.parse().expect("a status"), documented(document, response)))
            .collect(),
    }
}

fn documented(document: &Value, response: &Value) -> Documented {
    let response = match response["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).expect("a response"),
        None => response,
    };
    let content = response["content"].as_object().and_then(|content| content.values().next());
    let schema = content.map(|content| {
        let schema = json!({ "allOf": [content["schema"]], "components": document["components"] });
        formats::validator(&schema)
    });
    let codes = response["x-codes"].as_array().into_iter().flatten();
    let headers = response["headers"].as_object().into_iter().flatten();
    Documented {
        schema,
        codes: codes.map(|code| code.as_str().expect("text").to_owned()).collect(),
        headers: headers.map(|(name, _)| name.clone()).collect(),
    }
}

/// Asserts that the document describes this response: its status, code, headers and body. Returns the id of the
/// operation, or `None` if the document has no operation with this method and path.
///
/// # Panics
/// If the document does not describe the response.
pub(crate) fn check(method: &str, path: &str, answer: &Answer) -> Option<&'static str> {
    let path = path.split('?').next().expect("a split has a first part");
    let operation = CONTRACT.routes.at(path).ok()?.value.get(method)?;
    let Some(documented) = operation.responses.get(&answer.status) else {
        panic!("the reference has no {} for {method} {path}: {answer:?}", answer.status)
    };
    if answer.status >= 400 {
        assert!(documented.codes.iter().any(|code| code == answer.code()), "{method} {path}: no {answer:?}");
    }
    for name in &documented.headers {
        assert!(answer.header(name).is_some(), "{method} {path} has no {name}: {answer:?}");
    }
    for name in ["etag", "location", "customer-match", "retry-after", "www-authenticate"] {
        let told = documented.headers.iter().any(|header| header.eq_ignore_ascii_case(name));
        assert_eq!(answer.header(name).is_some(), told, "{method} {path}: {name} of {answer:?}");
    }
    match &documented.schema {
        Some(schema) => {
            let wrong: Vec<_> = schema.iter_errors(&answer.body).map(|error| format!("{error}")).collect();
            assert!(wrong.is_empty(), "{method} {path}: {wrong:?} in {answer:?}");
        }
        None => assert!(answer.bytes.is_empty(), "{method} {path}: {answer:?}"),
    }
    Some(&operation.id)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answer(status: u16, body: &Value) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "r-1".parse().expect("a value"));
        headers.insert("cache-control", "no-store".parse().expect("a value"));
        Answer { status, headers, body: body.clone(), bytes: body.to_string().into_bytes(), operation: None }
    }

    fn with_header(mut answer: Answer, name: &'static str) -> Answer {
        answer.headers.insert(name, "\"1\"".parse().expect("a value"));
        answer
    }

    fn is_told_of(method: &str, path: &str, status: u16, body: &Value) -> bool {
        let answer = answer(status, body);
        std::panic::catch_unwind(|| check(method, path, &answer)).is_ok()
    }

    #[test]
    fn an_undocumented_response_fails_its_test() {
        let tags = "/client/demo/customer/c1/tag";
        assert!(is_told_of("GET", tags, 200, &json!({ "items": ["VIP"] })));
        assert!(!is_told_of("GET", tags, 200, &json!({ "items": "VIP" })), "another form");
        assert!(!is_told_of("GET", tags, 202, &json!({ "items": ["VIP"] })), "another status");
        let problem = |code: &str| {
            json!({ "type": format!("urn:problem-type:{code}"), "title": "t", "status": 404, "detail": "d", "code": code,
                    "requestId": "r-1" })
        };
        assert!(is_told_of("GET", tags, 404, &problem("not_found")));
        assert!(!is_told_of("GET", tags, 404, &problem("phone_taken")), "another code");
    }

    #[test]
    fn a_response_with_a_missing_or_undocumented_header_fails_its_test() {
        let passes = |method, path, answer: &Answer| std::panic::catch_unwind(|| check(method, path, answer)).is_ok();
        // Only the headers differ between the responses that pass and those that fail.
        let customer =
            local::openapi::document()["paths"]["/client/{clientId}/customer/{customerId}"]["get"]["responses"]["200"]
                ["content"]["application/json"]["examples"]
                .as_object()
                .expect("examples")
                .values()
                .next()
                .expect("an example")["value"]
                .clone();
        let path = "/client/demo/customer/c1";
        assert!(passes("GET", path, &with_header(answer(200, &customer), "etag")));
        assert!(!passes("GET", path, &answer(200, &customer)), "no ETag");

        let tags = json!({ "items": ["VIP"] });
        assert!(passes("GET", "/client/demo/customer/c1/tag", &answer(200, &tags)));
        let tagged = with_header(answer(200, &tags), "etag");
        assert!(!passes("GET", "/client/demo/customer/c1/tag", &tagged), "an ETag that is not documented");
    }

    #[test]
    fn the_operation_of_a_request_is_found_by_method_and_path() {
        let tags = answer(200, &json!({ "items": ["VIP"] }));
        assert_eq!(check("GET", "/client/demo/customer/c1/tag?x=1", &tags), Some("listTags"));
        assert_eq!(check("GET", "/client/demo/nowhere", &tags), None);
        assert_eq!(check("PATCH", "/client/demo/customer/c1/tag", &tags), None);
    }
}
