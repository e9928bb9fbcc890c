//! The examples of the API reference are real: this records them, and compares.

use std::fs;
use std::path::Path;

use api_tests::{Session, TestApp};
use serde_json::{Value, json};

/// Set to record the examples anew.
const RECORD: &str = "RECORD_EXAMPLES";

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
        let recorded = &mut self.examples[operation];
        if !body.is_null() {
            recorded["request"][case] = body;
        }
        if answer.status != 204 {
            let mut shown = answer.body.clone();
            if shown.get("requestId").is_some() {
                shown["requestId"] = json!("JKJaXmPLvHcESHA=");
            }
            recorded[answer.status.to_string()][case] = shown;
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

async fn record() -> String {
    let app = TestApp::start().await;
    let (admin, city) = (app.admin(), app.app("city"));
    let mut recorder = Recorder { examples: json!({}), ids: Vec::new() };
    let r = &mut recorder;

    let aoife = json!({ "phone": "087 123 4567", "firstName": "Aoife", "lastName": "Byrne" });
    let create = ("POST", "brand/city/customer", aoife.clone());
    let created = r.record("new", "createBrandCustomer", &admin, create.clone()).await;
    r.ids.push(created["id"].as_str().unwrap().to_owned());
    r.record("known", "createBrandCustomer", &admin, create.clone()).await;
    r.record("by an app", "createBrandCustomer", &city, create).await;
    let whole = json!({
        "phone": "+353 86 123 4567", "email": "sean@example.com", "firstName": "Seán", "lastName": "Kelly",
        "defaultAccount": { "id": "acme" }, "accountDepartments": [{ "id": "sales" }],
        "clientCapabilities": [{ "id": "wheelchair" }], "tags": ["VIP"], "driverNote": "Ring the bell",
    });
    let other = r.record("complete", "createCustomer", &admin, ("POST", "customer", whole)).await;
    r.ids.push(other["id"].as_str().unwrap().to_owned());
    let known = json!({ "phone": "0871234567", "firstName": "somebody else" });
    r.record("known", "createCustomer", &admin, ("POST", "customer", known)).await;
    let wrong = json!({ "phone": "087", "firstName": "", "favouriteCar": "any" });
    r.record("three faults", "createCustomer", &admin, ("POST", "customer", wrong)).await;

    let record = format!("customer/{}", IDS[0]);
    let none = Value::Null;
    r.record("found", "findCustomerByPhone", &admin, ("GET", "customer/phone?phone=00353871234567", none.clone()))
        .await;
    r.record("nobody", "findCustomerByPhone", &admin, ("GET", "customer/phone?phone=0851234567", none.clone())).await;
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
    r.record("a taken phone", "updateCustomer", &admin, ("POST", &record, json!({ "phone": other["phone"] }))).await;
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
        "run `{RECORD}=1 cargo test -p api-tests --test api examples` and look at what changed"
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
