//! Query parameters that an operation does not have.

use api_tests::{TENANT, TestApp};
use serde_json::json;
use shared::api::Operation;
use shared::api::query::parameters_of;

use crate::{operations, stored};

/// The path with `query` added. The path may already have a query.
fn with_query(path: &str, query: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{query}")
}

#[tokio::test]
async fn every_operation_refuses_a_parameter_that_it_does_not_have() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let before = stored::items(&app).await;
    for operation in operations::all() {
        let path = operations::path(operation.template, |name| match name {
            "clientId" => TENANT,
            "customerId" => &id,
            "brandId" => "city",
            _ => "x1",
        });
        let path = if operation.name == "findCustomerByPhone" { format!("{path}?phone=0871234567") } else { path };
        let json = [("content-type", "application/json")];
        for (query, parameter) in [
            ("x=1", "x"),
            ("Include=addresses", "Include"),
            ("%2F=1", "/"),
            ("=1", ""),
            ("x=1&x=2", "x"),
            ("offset", "offset"),
        ] {
            let path = with_query(&path, query);
            let refused = app.admin().send(operation.method.as_str(), &path, &json, operation.body()).await;
            refused.assert_problem(422, "validation_failed");
            assert_eq!(refused.errors(), [(parameter.to_owned(), "unknown_parameter".to_owned())], "{path}");
            assert_eq!(refused.body["errors"][0]["parameter"], parameter);
        }
        let several = with_query(&path, "b=1&a=secret&b=2&&");
        let refused = app.admin().send(operation.method.as_str(), &several, &json, operation.body()).await;
        let expected = ["a", "b"].map(|name| (name.to_owned(), "unknown_parameter".to_owned()));
        assert_eq!(refused.errors(), expected, "{}", operation.name);
        assert!(!refused.body.to_string().contains("secret"), "a value is repeated");
    }
    assert_eq!(stored::items(&app).await, before);
}

#[tokio::test]
async fn the_public_operations_refuse_them_too() {
    let app = TestApp::start().await;
    for path in ["/openapi.json?x=1", "/docs?x=1", "/docs/index.html?x=1"] {
        let refused = app.stranger().get(path).await;
        refused.assert_problem(422, "validation_failed");
        assert_eq!(refused.errors(), [("x".to_owned(), "unknown_parameter".to_owned())], "{path}");
    }
}

/// A caller without permission for the operation learns nothing about its parameters.
#[tokio::test]
async fn a_caller_is_admitted_before_the_parameters_are_read() {
    let app = TestApp::start().await;
    app.stranger().get("customer/c1?x=1").await.assert_problem(401, "unauthorized");
    app.staff("other", "operator").get("customer/c1?x=1").await.assert_problem(403, "forbidden");
    app.passenger("c2").get("customer/c1?x=1").await.assert_problem(403, "forbidden");
}

#[test]
fn the_docs_describe_the_parameters_that_the_pipeline_admits() {
    let document = local::openapi::document();
    for operation in Operation::authenticated() {
        let method = operation.method().as_str().to_lowercase();
        let described = document["paths"][operation.path()][method]["parameters"].as_array().unwrap();
        let described: Vec<_> = described
            .iter()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| &parameter["name"])
            .collect();
        assert_eq!(json!(described), json!(parameters_of(operation)), "{}", operation.name());
    }
}
