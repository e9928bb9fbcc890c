//! Links from what a create answers to the operations on what it created (OpenAPI 3.1, "Link Object").

use serde_json::{Map, Value, json};

/// An operation that a link can lead to.
pub(super) struct Target {
    name: String,
    path_parameters: Vec<String>,
}

/// Every operation on something that a create makes.
pub(super) fn to_operations(paths: &Value) -> Vec<Target> {
    let mut targets = Vec::new();
    for (path, item) in paths.as_object().into_iter().flatten() {
        let parameters = path.split('{').skip(1).filter_map(|part| part.split('}').next()).map(str::to_owned);
        let path_parameters: Vec<_> = parameters.collect();
        for operation in item.as_object().into_iter().flatten().map(|(_, operation)| operation) {
            let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
            targets.push(Target { name, path_parameters: path_parameters.clone() });
        }
    }
    targets
}

/// Adds the links to the answers of a create; other operations have none.
pub(super) fn add(operation: &mut Value, targets: &[Target]) {
    // What the answer's id is called in the paths of other operations.
    let (created, in_path): (&str, &[&str]) = match operation["operationId"].as_str() {
        Some("createCustomer") => ("customerId", &["clientId"]),
        Some("createBrandCustomer") => ("customerId", &["clientId", "brandId"]),
        Some("saveAddress") => ("savedAddressId", &["clientId", "customerId"]),
        _ => return,
    };
    let mut links = Map::new();
    for target in targets {
        let is_of_created = target.path_parameters.iter().any(|parameter| parameter == created);
        let is_search = target.name == "findCustomerByPhone" && created == "customerId";
        if !(is_of_created || is_search) {
            continue;
        }
        let mut parameters = Map::new();
        for parameter in &target.path_parameters {
            if parameter == created {
                parameters.insert(parameter.clone(), json!("$response.body#/id"));
            } else if in_path.contains(&parameter.as_str()) {
                parameters.insert(parameter.clone(), json!(format!("$request.path.{parameter}")));
            }
        }
        if is_search {
            parameters.insert("phone".to_owned(), json!("$response.body#/phone"));
        }
        // A brand that the create was not made under is not known to be the customer's.
        if target.path_parameters.iter().any(|parameter| parameter == "brandId") && !parameters.contains_key("brandId")
        {
            continue;
        }
        links.insert(target.name.clone(), json!({ "operationId": target.name, "parameters": parameters }));
    }
    for status in ["200", "201"] {
        operation["responses"][status]["links"] = Value::Object(links.clone());
    }
}
