//! Records the examples of the API reference from real responses, and compares them with the recorded ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use api_tests::formats::validator;
use api_tests::{Answer, Fault, Session, TENANT, TestApp};
use local::table::TEMPLATE;
use serde_json::{Map, Value, json};
use shared::api::Code;
use shared::api::body::MAX_BODY;
use shared::domain::{MAX_ADDRESSES, MAX_LINKS, MAX_TAGS};

use crate::operations::{self, Declared};
use crate::place::{at, save_new};
use crate::record::id_of;

/// If this variable is set, the examples are recorded again.
const RECORD: &str = "RECORD_EXAMPLES";

/// The request id in the examples.
const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

/// The ids in the examples. Real ids are random.
const IDS: [&str; 3] = [
    "01a2088d-c294-725e-9e17-cbe6159f2f5b",
    "01a2088d-f3a0-7c41-a6d8-2f9b60c7e113",
    "01a2088e-0b1c-7d03-8b52-9a7c3e51d0aa",
];

/// The cursor in the examples. Real ones are different each time.
const CURSOR: &str = "kY0vqYb4rJ1hB3mZ7c2SxT9dLqVfUe6nPzWa0gRiKs8oHtMj5uXyEbCN4lQwD1Fv";

struct Recorder {
    examples: Value,
    /// The real ids, in the order of [`IDS`].
    ids: Vec<String>,
}

impl Recorder {
    /// Sends a request, and records its body and the response's body as an example of `operation`.
    async fn record(
        &mut self,
        case: &str,
        operation: &str,
        caller: &Session,
        (method, path, body): (&str, &str, Value),
    ) -> Value {
        let path = IDS.iter().zip(&self.ids).fold(path.to_owned(), |path, (shown, real)| path.replace(shown, real));
        let json = [("content-type", "application/json")];
        let (headers, bytes) = if body.is_null() {
            (&json[..0], Vec::new())
        } else {
            (&json[..], self.real(&body.to_string()).into_bytes())
        };
        let answer = caller.send(method, &path, headers, bytes).await;
        assert!(answer.status < 300, "{operation} {case}: {answer:?}");
        let recorded = &mut self.examples[operation];
        if !body.is_null() {
            recorded["request"][case] = body;
        }
        if answer.status != 204 {
            let mut shown = answer.body.clone();
            if shown.get("nextCursor").is_some_and(Value::is_string) {
                shown["nextCursor"] = json!(CURSOR);
            }
            recorded[answer.status.to_string()][case] = shown;
        }
        answer.body
    }

    fn real(&self, text: &str) -> String {
        IDS.iter().zip(&self.ids).fold(text.to_owned(), |text, (shown, real)| text.replace(shown, real))
    }

    /// The recorded examples, with real ids replaced by those of [`IDS`].
    fn finish(self) -> String {
        let text = format!("{:#}\n", self.examples);
        IDS.iter().zip(&self.ids).fold(text, |text, (shown, real)| text.replace(real, shown))
    }
}

/// The responses of API Gateway itself, by their names in the template.
const OF_GATEWAY: [&str; 5] =
    ["UNAUTHORIZED", "INVALID_API_KEY", "THROTTLED", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT"];

/// Examples that no request to an operation can produce: the responses of the gateway and the one for an unknown route.
async fn outside_operations() -> Map<String, Value> {
    let template: serde_yaml::Value = serde_yaml::from_str(TEMPLATE).unwrap();
    let of_gateway = OF_GATEWAY.map(|name| {
        let response = &template["Resources"]["Api"]["Properties"]["GatewayResponses"][name];
        let body = response["ResponseTemplates"]["application/json"].as_str().unwrap();
        serde_json::from_str::<Value>(body).unwrap()
    });
    let no_route = TestApp::start().await.operator().get("customers").await.body;
    of_gateway.into_iter().chain([no_route]).map(example).collect()
}

/// A problem as an example, with its code.
fn example(mut problem: Value) -> (String, Value) {
    problem["requestId"] = json!(REQUEST_ID);
    (problem["code"].as_str().unwrap().to_owned(), problem)
}

/// The codes that the reference declares for an operation.
fn codes_of(document: &Value, operation: &Declared) -> Vec<String> {
    let method = operation.method.as_str().to_lowercase();
    let responses = document["paths"][operation.template][method]["responses"].as_object().unwrap();
    let problems = responses.values().filter_map(|response| response["$ref"].as_str()).map(|reference| {
        let name = reference.rsplit('/').next().unwrap();
        document["components"]["responses"][name]["x-codes"].as_array().unwrap()
    });
    problems.flatten().map(|code| code.as_str().unwrap().to_owned()).collect()
}

/// An operation and the customers with which its problems can be produced.
struct Refusals<'a> {
    operation: &'a Declared,
    app: TestApp,
    /// A customer with the phone 0871234567, linked to the brand `city`.
    id: String,
    /// A customer with the phone 0891234567, linked to `city`, with the maximum number of tags and links of each kind.
    full: String,
}

impl<'a> Refusals<'a> {
    async fn of(operation: &'a Declared) -> Self {
        let app = TestApp::start().await;
        let operator = app.operator();
        let known = json!({ "phone": "0871234567", "brands": [{ "id": "city" }], "accounts": [{ "id": "acme" }] });
        let id = id_of(&operator.post("customer", known).await.body).to_owned();
        let links: Vec<_> = (1..MAX_LINKS).map(|n| json!({ "id": format!("l{n}") })).collect();
        let all = [links.as_slice(), &[json!({ "id": "city" })]].concat();
        let tags: Vec<_> = (0..MAX_TAGS).map(|n| format!("T{n}")).collect();
        let full = json!({
            "phone": "0891234567", "tags": tags, "brands": all, "accounts": all, "accountDepartments": all,
            "clientCapabilities": all,
        });
        let full = id_of(&operator.post("customer", full).await.body).to_owned();
        Self { operation, app, id, full }
    }

    /// The operation's path. `changed` replaces the usual values of some parameters.
    fn path(&self, other: &[(&str, &str)]) -> String {
        let path = operations::path(self.operation.template, |name| {
            let other = other.iter().find(|(parameter, _)| *parameter == name).map(|(_, value)| *value);
            other.unwrap_or(match name {
                "clientId" => TENANT,
                "customerId" => &self.id,
                "brandId" if self.operation.name != "linkBrand" => "city",
                "tagName" => "vip",
                _ => "x1",
            })
        });
        if self.operation.name == "findCustomerByPhone" { format!("{path}?phone=0871234567") } else { path }
    }

    /// Sends a request to the operation as this caller with this body. If the body is null, the usual one is sent.
    async fn send(&self, caller: &Session, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let bytes = if body.is_null() { self.operation.body() } else { body.to_string().into_bytes() };
        let headers = [&[("content-type", "application/json")], headers].concat();
        caller.send(self.operation.method.as_str(), path, &headers, bytes).await
    }

    /// The response to a request that produces this code; `None` if no request to the operation can.
    #[expect(clippy::too_many_lines, reason = "one arm per code")]
    async fn answer(&self, code: &str) -> Option<Answer> {
        let (operator, usual) = (self.app.admin(), self.path(&[]));
        let unknown = "01a2088f-0000-7000-8000-000000000000";
        let full = self.path(&[("customerId", &self.full)]);
        let raw = async |content_type: &str, bytes: Vec<u8>| {
            operator.send(self.operation.method.as_str(), &usual, &[("content-type", content_type)], bytes).await
        };
        let name = self.operation.name;
        let answer = match code {
            "unauthorized"
            | "tenant_not_onboarded"
            | "route_not_found"
            | "too_many_requests"
            | "bad_gateway"
            | "gateway_timeout" => return None,
            "invalid_path" => {
                let mut parameters = self.operation.template.split(['{', '}']).filter(|part| part.ends_with("Id"));
                let path = self.path(&[(parameters.next_back().unwrap(), "aoife%20byrne")]);
                self.send(&operator, &path, &[], &Value::Null).await
            }
            "session_ended" => self.send(&self.app.passenger_in(&self.id, "s1", 7), &usual, &[], &Value::Null).await,
            "customer_blocked" | "customer_inactive" => {
                let (record, block) = (format!("customer/{}", self.id), format!("customer/{}/block", self.id));
                if code == "customer_blocked" {
                    operator.put(&block, json!({ "level": "refuse", "reason": "Damage" })).await;
                } else {
                    operator.post(&record, json!({ "active": false })).await;
                }
                let refused = self.send(&self.app.passenger(&self.id), &usual, &[], &Value::Null).await;
                // The other codes need an open record.
                operator.delete(&block).await;
                operator.post(&record, json!({ "active": true })).await;
                refused
            }
            "forbidden" => self.send(&self.app.staff("other", "admin"), &usual, &[], &Value::Null).await,
            "malformed_json" => raw("application/json", b"{ phone: 0871234567 }".to_vec()).await,
            "unsupported_media_type" => raw("text/plain", b"{}".to_vec()).await,
            "payload_too_large" => raw("application/json", vec![b' '; MAX_BODY + 1]).await,
            "validation_failed" if name == "searchCustomers" => operator.get("customer?name=a&limit=500").await,
            "validation_failed" if name == "findCustomerByPhone" => operator.get("customer/phone?phone=087").await,
            // In a request without a body, only a header can be invalid.
            "validation_failed" if self.operation.body().is_empty() => {
                self.send(&operator, &usual, &[("if-none-match", "*")], &Value::Null).await
            }
            "validation_failed" => {
                let body = match name {
                    "saveAddress" => json!({ "address": "", "latitude": 91, "longitude": -6.26, "town": "Dublin" }),
                    "blockCustomer" => json!({ "level": "refused", "untilDate": 1, "note": "Damage" }),
                    "putCustomerSettings" => json!({ "region": "XX", "tagRules": [{ "tag": "vip", "priority": 5 }] }),
                    _ => json!({ "phone": "087", "firstName": "", "favouriteCar": "any" }),
                };
                self.send(&operator, &usual, &[], &body).await
            }
            "not_writable" => {
                let body = json!({ "phone": "0851234567", "version": 2 });
                self.send(&operator, &usual, &[], &body).await
            }
            "field_not_allowed" => {
                let field = if name == "saveAddress" { "managementNote" } else { "priority" };
                self.send(&self.app.passenger(&self.id), &usual, &[], &json!({ field: 40 })).await
            }
            "phone_change_needs_operator" => {
                self.send(&self.app.passenger(&self.id), &usual, &[], &json!({ "phone": "0851234567" })).await
            }
            "not_found" if name == "findCustomerByPhone" => {
                operator.get("customer/phone?phone=0851234567&include=phoneInfo").await
            }
            "not_found" => self.send(&operator, &self.path(&[("customerId", unknown)]), &[], &Value::Null).await,
            "phone_taken" => self.send(&operator, &usual, &[], &json!({ "phone": "0891234567" })).await,
            "limit_reached" => match name {
                "createBrandCustomer" => {
                    let body = json!({ "phone": "0891234567" });
                    self.send(&operator, &self.path(&[("brandId", "x1")]), &[], &body).await
                }
                "updateCustomer" | "updateBrandCustomer" => {
                    self.send(&operator, &full, &[], &json!({ "defaultAccount": { "id": "x1" } })).await
                }
                "saveAddress" => {
                    for n in 0..MAX_ADDRESSES {
                        let angle = f64::from(u32::try_from(n).unwrap()) / 1000.0;
                        save_new(&operator, &self.full, at(50.0 + angle, -6.1)).await;
                    }
                    self.send(&operator, &full, &[], &Value::Null).await
                }
                _ => self.send(&operator, &full, &[], &Value::Null).await,
            },
            "same_place" => {
                save_new(&operator, &self.id, at(53.1, -6.1)).await;
                let other = save_new(&operator, &self.id, at(53.2, -6.2)).await;
                let moved = json!({ "id": other["id"], "latitude": 53.1, "longitude": -6.1 });
                self.send(&operator, &usual, &[], &moved).await
            }
            "precondition_failed" if name.starts_with("create") => {
                self.send(&operator, &usual, &[("if-none-match", "*")], &json!({ "phone": "0871234567" })).await
            }
            "precondition_failed" => {
                let path = self.path_of_a_change().await;
                self.send(&operator, &path, &[("if-match", "\"7\"")], &Value::Null).await
            }
            "internal_error" | "unavailable" => self.failed(&usual, code).await,
            _ => panic!("{name}: no request here gets {code}"),
        };
        Some(answer)
    }

    /// A path with which the operation changes something. Removing something that does not exist succeeds with any
    /// version.
    async fn path_of_a_change(&self) -> String {
        match self.operation.name {
            "deleteAddress" => {
                let saved = save_new(&self.app.operator(), &self.id, at(53.1, -6.1)).await;
                self.path(&[("savedAddressId", id_of(&saved))])
            }
            "unblockCustomer" => {
                let path = self.path(&[]);
                let blocked = self.app.operator().put(&path, json!({ "level": "warn", "reason": "Late" })).await;
                assert_eq!(blocked.status, 200);
                path
            }
            "removeTag" => self.path(&[("customerId", &self.full), ("tagName", "T1")]),
            name if name.starts_with("unlink") => {
                let links = ["accountId", "accountDepartmentId", "brandId", "capabilityId"];
                let other = links.map(|link| (link, "l1"));
                self.path(&[other.as_slice(), &[("customerId", self.full.as_str())]].concat())
            }
            _ => self.path(&[]),
        }
    }

    /// The response if every call to the table fails. The functions are new and have no cached settings.
    async fn failed(&self, path: &str, code: &str) -> Answer {
        let exception = if code == "unavailable" { "ThrottlingException" } else { "ValidationException" };
        for call in ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"] {
            // More faults than the SDK retries.
            for _ in 0..10 {
                self.app.wire.inject(Fault::exception(call, exception));
            }
        }
        let caller = self.app.admin().through(self.app.another_gateway());
        self.send(&caller, path, &[], &Value::Null).await
    }
}

/// The problems by operation and code. Each is the response to a real request, if one can produce it.
async fn problems() -> BTreeMap<&'static str, Map<String, Value>> {
    let document = local::openapi::document();
    let mut problems = BTreeMap::new();
    for operation in operations::all() {
        let refusals = Refusals::of(&operation).await;
        // These codes come last, because they inject faults.
        let (last, first): (Vec<_>, Vec<_>) = codes_of(&document, &operation)
            .into_iter()
            .partition(|code| matches!(code.as_str(), "internal_error" | "unavailable"));
        let mut of_operation = Map::new();
        for code in first.iter().chain(&last[..last.len().min(1)]) {
            of_operation.extend(recorded(&refusals, code).await);
        }
        if let Some(code) = last.get(1) {
            of_operation.extend(recorded(&Refusals::of(&operation).await, code).await);
        }
        problems.insert(operation.name, of_operation);
    }
    problems
}

async fn recorded(refusals: &Refusals<'_>, code: &str) -> Option<(String, Value)> {
    let answer = refusals.answer(code).await?;
    assert_eq!(answer.code(), code, "{} {answer:?}", refusals.operation.name);
    Some(example(answer.body))
}

/// Splits the problems into those that most operations share and the different ones of single operations.
async fn of_problems() -> Value {
    let mut shared = outside_operations().await;
    let mut examples = json!({ "problems": {} });
    for (operation, problems) in problems().await {
        for (code, problem) in problems {
            if *shared.entry(code.clone()).or_insert_with(|| problem.clone()) != problem {
                examples[operation]["problems"][code] = problem;
            }
        }
    }
    examples["problems"] = Value::Object(shared);
    examples
}

/// Records a search and a list.
async fn record_searches(r: &mut Recorder, caller: &Session) {
    for (case, path) in [
        ("Found by the beginning of a name", "customer?name=byr"),
        ("The first page of all customers", "customer?limit=1"),
    ] {
        r.record(case, "searchCustomers", caller, ("GET", path, Value::Null)).await;
    }
}

/// Records the reads that include addresses.
async fn record_cards(r: &mut Recorder, caller: &Session, record: &str) {
    let query = "include=addresses,phoneInfo";
    let by_phone = format!("customer/phone?phone=00353871234567&{query}");
    r.record("Everything for a ringing phone", "findCustomerByPhone", caller, ("GET", &by_phone, Value::Null)).await;
    for (operation, path) in [
        ("getCustomer", record.to_owned()),
        ("getBrandCustomer", format!("brand/city/{record}")),
        ("getAccountCustomer", format!("account/acme/{record}")),
    ] {
        let path = format!("{path}?include=addresses");
        r.record("With the saved addresses", operation, caller, ("GET", &path, Value::Null)).await;
    }
}

async fn record() -> String {
    let app = TestApp::start().await;
    let admin = app.admin();
    let mut recorder = Recorder { examples: of_problems().await, ids: Vec::new() };
    let r = &mut recorder;

    let aoife = json!({ "phone": "087 123 4567", "firstName": "Aoife", "lastName": "Byrne" });
    let create = ("POST", "brand/city/customer", aoife.clone());
    let created = r.record("A new passenger", "createBrandCustomer", &admin, create.clone()).await;
    r.ids.push(created["id"].as_str().unwrap().to_owned());
    r.record("A number already known", "createBrandCustomer", &admin, create).await;
    let whole = json!({
        "phone": "+353 86 123 4567", "email": "sean@example.com", "firstName": "Seán", "lastName": "Kelly",
        "defaultAccount": { "id": "acme" }, "accountDepartments": [{ "id": "sales" }],
        "clientCapabilities": [{ "id": "wheelchair" }], "tags": ["VIP"], "driverNote": "Ring the bell",
    });
    let other =
        r.record("A new passenger with more details", "createCustomer", &admin, ("POST", "customer", whole)).await;
    r.ids.push(other["id"].as_str().unwrap().to_owned());
    let known = json!({ "phone": "0871234567", "firstName": "Niamh" });
    r.record("A number already known", "createCustomer", &admin, ("POST", "customer", known)).await;

    record_searches(r, &admin).await;

    let record = format!("customer/{}", IDS[0]);
    let none = Value::Null;
    r.record(
        "The customer with this number",
        "findCustomerByPhone",
        &admin,
        ("GET", "customer/phone?phone=00353871234567", none.clone()),
    )
    .await;
    for (case, operation, method, path) in [
        ("An account is linked", "linkAccount", "POST", "/account/acme"),
        ("A department is linked", "linkAccountDepartment", "POST", "/accountdepartment/sales"),
        ("A brand is linked", "linkBrand", "POST", "/brand/night"),
        ("A capability is linked", "linkClientCapability", "POST", "/clientcapability/wheelchair"),
        ("A tag is added", "addTag", "POST", "/tag/vip"),
        ("All tags", "listTags", "GET", "/tag"),
        ("As the office sees it", "getCustomer", "GET", ""),
    ] {
        r.record(case, operation, &admin, (method, &format!("{record}{path}"), none.clone())).await;
    }
    r.record(
        "A customer of the brand",
        "getBrandCustomer",
        &admin,
        ("GET", &format!("brand/city/{record}"), none.clone()),
    )
    .await;
    r.record(
        "A customer of the account",
        "getAccountCustomer",
        &admin,
        ("GET", &format!("account/acme/{record}"), none.clone()),
    )
    .await;
    let (block, body) = (format!("{record}/block"), json!({ "level": "refuse", "reason": "Damaged a car" }));
    r.record("Bookings are refused", "blockCustomer", &admin, ("PUT", &block, body)).await;
    r.record("The block is removed", "unblockCustomer", &admin, ("DELETE", &block, none.clone())).await;
    let passenger = app.passenger(&r.ids[0].clone());
    r.record("As the passenger sees it", "getCustomer", &passenger, ("GET", &record, none.clone())).await;

    let changes = json!({ "email": "aoife@example.com", "priority": 40, "lastName": null });
    r.record("Two fields set and one cleared", "updateCustomer", &admin, ("POST", &record, changes)).await;
    let name = json!({ "firstName": "Aoibheann" });
    r.record("Another first name", "updateBrandCustomer", &admin, ("POST", &format!("brand/city/{record}"), name))
        .await;

    let addresses = format!("{record}/addresses");
    let castle = json!({
        "address": "Dublin Castle, Dame Street", "addressId": "geo-4711", "latitude": 53.3429, "longitude": -6.2674,
        "label": "Work",
    });
    let saved = r.record("A new address", "saveAddress", &admin, ("POST", &addresses, castle)).await;
    r.ids.push(saved["id"].as_str().unwrap().to_owned());
    let used = json!({ "id": IDS[2], "label": "Office", "usedPickupCount": 3 });
    r.record("Changes to a saved address", "saveAddress", &admin, ("POST", &addresses, used)).await;
    r.record("All saved addresses", "listAddresses", &admin, ("GET", &addresses, none.clone())).await;
    r.record(
        "The addresses shown under the brand",
        "listBrandAddresses",
        &admin,
        ("GET", &format!("brand/city/{addresses}"), none.clone()),
    )
    .await;
    record_cards(r, &admin, &record).await;

    for (case, operation, path) in [
        ("An account is unlinked", "unlinkAccount", "/account/acme"),
        ("A department is unlinked", "unlinkAccountDepartment", "/accountdepartment/sales"),
        ("A brand is unlinked", "unlinkBrand", "/brand/night"),
        ("A capability is unlinked", "unlinkClientCapability", "/clientcapability/wheelchair"),
        ("A tag is removed", "removeTag", "/tag/vip"),
    ] {
        r.record(case, operation, &admin, ("DELETE", &format!("{record}{path}"), none.clone())).await;
    }
    r.record("The settings of a new tenant", "getCustomerSettings", &admin, ("GET", "customersettings", none)).await;
    let rules = json!({
        "region": "GB", "tagRules": [{ "tag": "vip", "priority": 10 }], "loyaltyRules": [{ "miles": 5000, "priority": 40 }],
    });
    r.record("A region and two rules", "putCustomerSettings", &admin, ("PUT", "customersettings", rules)).await;
    recorder.finish()
}

#[tokio::test]
async fn the_examples_are_real_responses() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../local/src/openapi/examples.json");
    let recorded = record().await;
    if std::env::var_os(RECORD).is_some() {
        fs::write(&path, &recorded).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(
        written == recorded,
        "run `{RECORD}=1 cargo test --workspace --test api examples` and look at what changed"
    );
}

#[test]
fn every_body_has_named_examples_that_fit_its_schema() {
    let document = local::openapi::document();
    let operations = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap());
    for operation in operations.map(|(_, operation)| operation) {
        let bodies = std::iter::once(&operation["requestBody"])
            .chain(["200", "201"].iter().map(|status| &operation["responses"][*status]))
            .map(|part| &part["content"]["application/json"])
            .filter(|content| !content.is_null());
        for content in bodies {
            let name = &operation["operationId"];
            let is_valid = validator(&json!({ "allOf": [content["schema"]], "components": document["components"] }));
            let examples = content["examples"].as_object().unwrap_or_else(|| panic!("{name} has no example"));
            assert!(!examples.is_empty(), "{name}");
            for example in examples.values() {
                let summary = example["summary"].as_str().unwrap();
                let is_name = (8..60).contains(&summary.len()) && summary.starts_with(char::is_uppercase);
                assert!(is_name, "{name}: {summary}");
                let wrong: Vec<_> = is_valid.iter_errors(&example["value"]).map(|error| error.to_string()).collect();
                assert!(wrong.is_empty(), "{name}: {wrong:?} in {example}");
            }
        }
    }
}

#[test]
fn every_problem_has_examples_of_exactly_its_codes() {
    let document = local::openapi::document();
    let schema = json!({ "$ref": "#/components/schemas/Problem", "components": document["components"] });
    let is_problem = validator(&schema);
    for (name, response) in document["components"]["responses"].as_object().unwrap() {
        let examples = response["content"]["application/problem+json"]["examples"].as_object();
        let examples = examples.unwrap_or_else(|| panic!("{name} has no example"));
        assert_eq!(json!(examples.keys().collect::<Vec<_>>()), response["x-codes"], "{name}");
        for (code, example) in examples {
            let value = &example["value"];
            let wrong: Vec<_> = is_problem.iter_errors(value).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{name}: {wrong:?} in {value}");
            let known = Code::ALL.iter().find(|known| known.as_str() == code).unwrap();
            assert_eq!((&value["code"], &value["status"]), (&json!(code), &json!(known.status().as_u16())), "{name}");
            assert_eq!(example["summary"], known.title(), "{name}");
        }
    }
}
