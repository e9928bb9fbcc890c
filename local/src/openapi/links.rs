//! Links from a response to the operations that can use its result (OpenAPI 3.1, "Link Object").

use serde_json::{Map, Value, json};

/// The place from which a link takes a path parameter of its target.
const ID: &str = "$response.body#/id";
const CLIENT: (&str, &str) = ("clientId", "$request.path.clientId");
const CUSTOMER: (&str, &str) = ("customerId", "$request.path.customerId");
const BRAND: (&str, &str) = ("brandId", "$request.path.brandId");

/// An operation, the parameters that its request and response provide, and the operations that it links to. These may
/// have further parameters, which the caller chooses.
type Source = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static [&'static str]]);

const OF_CUSTOMER: &[&str] = &[
    "getCustomer",
    "updateCustomer",
    "deleteCustomer",
    "blockCustomer",
    "findCustomerByPhone",
    "listAddresses",
    "saveAddress",
    "listTags",
    "addTag",
    "linkAccount",
    "linkAccountDepartment",
    "linkBrand",
    "linkClientCapability",
];
const OF_BRAND: &[&str] = &["getBrandCustomer", "updateBrandCustomer", "listBrandAddresses", "unlinkBrand"];

const SOURCES: &[Source] = &[
    ("createCustomer", &[CLIENT, ("customerId", ID), ("phone", "$response.body#/phone")], &[OF_CUSTOMER]),
    (
        "createBrandCustomer",
        &[CLIENT, BRAND, ("customerId", ID), ("phone", "$response.body#/phone")],
        &[OF_CUSTOMER, OF_BRAND],
    ),
    ("saveAddress", &[CLIENT, CUSTOMER, ("savedAddressId", ID)], &[&["listAddresses", "deleteAddress"]]),
    ("addTag", &[CLIENT, CUSTOMER, ("tagName", "$request.path.tagName")], &[&["listTags", "removeTag"]]),
    ("blockCustomer", &[CLIENT, CUSTOMER], &[&["unblockCustomer"]]),
    ("linkBrand", &[CLIENT, CUSTOMER, BRAND], &[OF_BRAND]),
    (
        "linkAccount",
        &[CLIENT, CUSTOMER, ("accountId", "$request.path.accountId")],
        &[&["getAccountCustomer", "unlinkAccount"]],
    ),
    (
        "linkAccountDepartment",
        &[CLIENT, CUSTOMER, ("accountDepartmentId", "$request.path.accountDepartmentId")],
        &[&["unlinkAccountDepartment"]],
    ),
    (
        "linkClientCapability",
        &[CLIENT, CUSTOMER, ("capabilityId", "$request.path.capabilityId")],
        &[&["unlinkClientCapability"]],
    ),
];

/// The names of the path and query parameters of each operation.
pub(super) fn parameters(paths: &Value) -> Map<String, Value> {
    let operations =
        paths.as_object().into_iter().flatten().flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let named = operations.map(|(_, operation)| {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let names =
            parameters.filter(|parameter| parameter["in"] != "header").map(|parameter| parameter["name"].clone());
        (operation["operationId"].as_str().unwrap_or_default().to_owned(), names.collect())
    });
    named.collect()
}

/// Adds the links to an operation's successful responses.
pub(super) fn add(operation: &mut Value, parameters: &Map<String, Value>) {
    let name = operation["operationId"].as_str().unwrap_or_default();
    let Some((_, known, targets)) = SOURCES.iter().find(|(source, _, _)| *source == name) else { return };
    let links: Map<_, _> = targets
        .iter()
        .copied()
        .flatten()
        .map(|target| {
            let takes = parameters[*target].as_array().into_iter().flatten().filter_map(Value::as_str);
            let given: Map<_, _> = takes
                .filter_map(|taken| known.iter().find(|(name, _)| *name == taken))
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            ((*target).to_owned(), json!({ "operationId": target, "parameters": given }))
        })
        .collect();
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        if status.starts_with('2') {
            response["links"] = json!(links);
        }
    }
}
