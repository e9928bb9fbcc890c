//! The examples of the API reference are real: this records them, and compares.

use std::fs;
use std::path::Path;

use api_tests::{Answer, Fault, Session, TestApp};
use local::table::TEMPLATE;
use serde_json::{Map, Value, json};
use shared::api::Code;
use shared::domain::MAX_LINKS;

use crate::place::{at, save_new};
use crate::record::id_of;

/// Set to record the examples anew.
const RECORD: &str = "RECORD_EXAMPLES";

/// What the examples show for a request's id.
const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

/// Ids are drawn by lot; in the examples they are these.
const IDS: [&str; 3] = [
    "01a2088d-c294-725e-9e17-cbe6159f2f5b",
    "01a2088d-f3a0-7c41-a6d8-2f9b60c7e113",
    "01a2088e-0b1c-7d03-8b52-9a7c3e51d0aa",
];

struct Recorder {
    examples: Value,
    /// The real ids, in the order of [`IDS`].
    ids: Vec<String>,
}

impl Recorder {
    /// Sends a request, and records its body and the answer's as a case of `operation`.
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
            recorded[answer.status.to_string()][case] = answer.body.clone();
        }
        answer.body
    }

    fn real(&self, text: &str) -> String {
        IDS.iter().zip(&self.ids).fold(text.to_owned(), |text, (shown, real)| text.replace(shown, real))
    }

    /// What was recorded, as it is to be read: with the ids of [`IDS`].
    fn finish(self) -> String {
        let text = format!("{:#}\n", self.examples);
        IDS.iter().zip(&self.ids).fold(text, |text, (shown, real)| text.replace(real, shown))
    }
}

/// The answers that only API Gateway gives, or that it gives before a function is asked, by their names in the template.
const OF_GATEWAY: [&str; 5] =
    ["UNAUTHORIZED", "INVALID_API_KEY", "THROTTLED", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT"];

/// An answer with each code but `method_not_allowed`, which no operation has, by code.
async fn problems() -> Map<String, Value> {
    let mut answers = refused().await;
    let template: serde_yaml::Value = serde_yaml::from_str(TEMPLATE).unwrap();
    for name in OF_GATEWAY {
        let response = &template["Resources"]["Api"]["Properties"]["GatewayResponses"][name];
        let body = response["ResponseTemplates"]["application/json"].as_str().unwrap();
        answers.push(serde_json::from_str(body).unwrap());
    }
    let mut problems = Map::new();
    for code in Code::ALL.iter().filter(|code| **code != Code::MethodNotAllowed) {
        let mut of_code = answers.iter().filter(|answer| answer["code"] == code.as_str());
        let mut shown = of_code.next().unwrap_or_else(|| panic!("no example of {code:?}")).clone();
        assert_eq!(of_code.next(), None, "two examples of {code:?}");
        shown["requestId"] = json!(REQUEST_ID);
        problems.insert(code.as_str().to_owned(), shown);
    }
    problems
}

/// The API's own problems.
async fn refused() -> Vec<Value> {
    let app = TestApp::start().await;
    let (operator, city) = (app.operator(), app.app("city"));
    let id = operator.register_id("0871234567").await;
    let (record, addresses) = (format!("customer/{id}"), format!("customer/{id}/addresses"));
    let passenger = app.passenger(&id);
    operator.register("0861234567").await;
    let phone = json!({ "phone": "0861234567" });
    let json = [("content-type", "application/json")];
    let mut answers: Vec<Answer> = vec![
        operator.send("POST", "customer", &json, b"{ phone: 0871234567 }".to_vec()).await,
        operator.get("customer/aoife%20byrne").await,
        operator.put("customersettings", json!({ "region": "GB" })).await,
        passenger.post(&record, json!({ "priority": 40 })).await,
        passenger.post(&record, phone.clone()).await,
        operator.get("customer/phone?phone=0851234567").await,
        operator.get("customers").await,
        city.post("brand/city/customer", json!({ "phone": "0871234567" })).await,
        operator.post(&record, phone).await,
        operator.post_with(&record, &[("if-match", "\"7\"")], json!({ "firstName": "Aoife" })).await,
        operator.send("POST", "customer", &json, vec![b' '; 65_537]).await,
        operator.send("POST", "customer", &[("content-type", "text/plain")], b"{}".to_vec()).await,
        operator.post("customer", json!({ "phone": "087", "firstName": "", "favouriteCar": "any" })).await,
        operator.post(&record, json!({ "version": 2 })).await,
    ];

    let most: Vec<_> = (0..MAX_LINKS).map(|n| json!({ "id": format!("a{n}") })).collect();
    let full = operator.post("customer", json!({ "phone": "0891234567", "accounts": most })).await.body;
    let one_more = json!({ "defaultAccount": { "id": "acme" } });
    answers.push(operator.post(&format!("customer/{}", id_of(&full)), one_more).await);
    save_new(&operator, &id, at(53.1, -6.1)).await;
    let other = save_new(&operator, &id, at(53.2, -6.2)).await;
    let moved = json!({ "id": other["id"], "latitude": 53.1, "longitude": -6.1 });
    answers.push(operator.post(&addresses, moved).await);

    app.wire.inject(Fault::exception("GetItem", "ValidationException"));
    answers.push(operator.get(&record).await);
    // More than are tried.
    for _ in 0..10 {
        app.wire.inject(Fault::exception("GetItem", "ThrottlingException"));
    }
    answers.push(operator.get(&record).await);
    answers.into_iter().map(|answer| answer.body).collect()
}

async fn record() -> String {
    let app = TestApp::start().await;
    let admin = app.admin();
    let mut recorder = Recorder { examples: json!({ "problems": problems().await }), ids: Vec::new() };
    let r = &mut recorder;

    let aoife = json!({ "phone": "087 123 4567", "firstName": "Aoife", "lastName": "Byrne" });
    let create = ("POST", "brand/city/customer", aoife.clone());
    let created = r.record("new", "createBrandCustomer", &admin, create.clone()).await;
    r.ids.push(created["id"].as_str().unwrap().to_owned());
    r.record("known", "createBrandCustomer", &admin, create).await;
    let whole = json!({
        "phone": "+353 86 123 4567", "email": "sean@example.com", "firstName": "Seán", "lastName": "Kelly",
        "defaultAccount": { "id": "acme" }, "accountDepartments": [{ "id": "sales" }],
        "clientCapabilities": [{ "id": "wheelchair" }], "tags": ["VIP"], "driverNote": "Ring the bell",
    });
    let other = r.record("complete", "createCustomer", &admin, ("POST", "customer", whole)).await;
    r.ids.push(other["id"].as_str().unwrap().to_owned());
    let known = json!({ "phone": "0871234567", "firstName": "somebody else" });
    r.record("known", "createCustomer", &admin, ("POST", "customer", known)).await;

    let record = format!("customer/{}", IDS[0]);
    let none = Value::Null;
    r.record("found", "findCustomerByPhone", &admin, ("GET", "customer/phone?phone=00353871234567", none.clone()))
        .await;
    for (case, operation, method, path) in [
        ("account", "linkAccount", "POST", "/account/acme"),
        ("department", "linkAccountDepartment", "POST", "/accountdepartment/sales"),
        ("brand", "linkBrand", "POST", "/brand/night"),
        ("capability", "linkClientCapability", "POST", "/clientcapability/wheelchair"),
        ("tag", "addTag", "POST", "/tag/vip"),
        ("tags", "listTags", "GET", "/tag"),
        ("customer", "getCustomer", "GET", ""),
    ] {
        r.record(case, operation, &admin, (method, &format!("{record}{path}"), none.clone())).await;
    }
    r.record("customer", "getBrandCustomer", &admin, ("GET", &format!("brand/city/{record}"), none.clone())).await;
    r.record("customer", "getAccountCustomer", &admin, ("GET", &format!("account/acme/{record}"), none.clone())).await;
    let passenger = app.passenger(&r.ids[0].clone());
    r.record("to a passenger", "getCustomer", &passenger, ("GET", &record, none.clone())).await;

    let changes = json!({ "email": "aoife@example.com", "priority": 40, "lastName": null });
    r.record("two set, one cleared", "updateCustomer", &admin, ("POST", &record, changes)).await;
    let name = json!({ "firstName": "Aoife" });
    r.record("name", "updateBrandCustomer", &admin, ("POST", &format!("brand/city/{record}"), name)).await;

    let addresses = format!("{record}/addresses");
    let castle = json!({
        "address": "Dublin Castle, Dame Street", "addressId": "geo-4711", "latitude": 53.3429, "longitude": -6.2674,
        "label": "Work",
    });
    let saved = r.record("new", "saveAddress", &admin, ("POST", &addresses, castle)).await;
    r.ids.push(saved["id"].as_str().unwrap().to_owned());
    let used = json!({ "id": IDS[2], "label": "Office", "usedPickupCount": 3 });
    r.record("known", "saveAddress", &admin, ("POST", &addresses, used)).await;
    r.record("all", "listAddresses", &admin, ("GET", &addresses, none.clone())).await;
    r.record("of the brand", "listBrandAddresses", &admin, ("GET", &format!("brand/city/{addresses}"), none.clone()))
        .await;

    for (case, operation, path) in [
        ("account", "unlinkAccount", "/account/acme"),
        ("department", "unlinkAccountDepartment", "/accountdepartment/sales"),
        ("brand", "unlinkBrand", "/brand/night"),
        ("capability", "unlinkClientCapability", "/clientcapability/wheelchair"),
        ("tag", "removeTag", "/tag/vip"),
    ] {
        r.record(case, operation, &admin, ("DELETE", &format!("{record}{path}"), none.clone())).await;
    }
    r.record("a new tenant's", "getCustomerSettings", &admin, ("GET", "customersettings", none)).await;
    let rules = json!({
        "region": "GB", "tagRules": [{ "tag": "vip", "priority": 10 }], "loyaltyRules": [{ "miles": 5000, "priority": 40 }],
    });
    r.record("all three", "putCustomerSettings", &admin, ("PUT", "customersettings", rules)).await;
    recorder.finish()
}

#[tokio::test]
async fn the_references_examples_are_what_the_api_answers() {
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

#[tokio::test]
async fn every_operation_with_a_body_has_an_example_of_it() {
    let document = local::openapi::document();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let bodies = std::iter::once(&operation["requestBody"])
                .chain(["200", "201"].iter().map(|status| &operation["responses"][*status]))
                .map(|part| &part["content"]["application/json"])
                .filter(|content| !content.is_null());
            for content in bodies {
                assert!(content["examples"].is_object(), "{}", operation["operationId"]);
            }
        }
    }
}

#[test]
fn every_problem_has_an_example_of_each_of_its_codes_and_of_no_other() {
    let document = local::openapi::document();
    let schema = json!({ "$ref": "#/components/schemas/Problem", "components": document["components"] });
    let is_problem = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&schema).unwrap();
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
        }
    }
}
