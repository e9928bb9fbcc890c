//! Reads that include saved addresses and facts about the phone.

use api_tests::{Answer, TestApp};
use serde_json::{Value, json};

/// Saves an address that was last used at `date`, with these counts of uses.
async fn save(app: &TestApp, customer: &str, name: &str, date: i64, uses: (i64, i64), brand: Option<&str>) {
    let body = json!({
        "address": name, "addressId": name, "latitude": 53.35, "longitude": -6.26, "lastUsedDate": date,
        "usedPickupCount": uses.0, "usedDestinationCount": uses.1, "managementNote": "Late",
        "brand": brand.map(|id| json!({ "id": id })),
    });
    let saved = app.operator().post(&format!("customer/{customer}/addresses"), body).await;
    assert_eq!(saved.status, 201, "{saved:?}");
}

fn names(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let addresses = answer.body["addresses"].as_array().unwrap_or_else(|| panic!("no addresses: {answer:?}"));
    addresses.iter().map(|address| address["address"].as_str().unwrap()).collect()
}

/// A customer of a brand and an account, with addresses of that brand, of another one and of none.
async fn customer_with_addresses(app: &TestApp) -> String {
    let body = json!({ "phone": "0871234567", "brands": [{ "id": "city" }], "accounts": [{ "id": "acme" }] });
    let id = app.operator().post("customer", body).await.body["id"].as_str().unwrap().to_owned();
    for (name, date, uses, brand) in [
        ("a", 100, (0, 9), None),
        ("b", 300, (1, 1), Some("city")),
        ("c", 200, (5, 4), Some("night")),
        ("d", 500, (0, 0), None),
        ("e", 400, (3, 0), Some("city")),
        ("f", 50, (0, 0), None),
        ("g", 60, (2, 0), None),
    ] {
        save(app, &id, name, date, uses, brand).await;
    }
    id
}

/// The paths of the four reads of this customer, each with the start of a query.
fn reads(id: &str) -> [String; 4] {
    [
        "customer/phone?phone=0871234567&".to_owned(),
        format!("customer/{id}?"),
        format!("account/acme/customer/{id}?"),
        format!("brand/city/customer/{id}?"),
    ]
}

#[tokio::test]
async fn a_read_includes_the_first_addresses_in_the_order_asked_for() {
    let app = TestApp::start().await;
    let id = customer_with_addresses(&app).await;
    for read in &reads(&id)[..3] {
        let get = async |query: &str| app.operator().get(&format!("{read}include=addresses{query}")).await;
        assert_eq!(names(&get("").await), ["d", "e", "b", "c", "a"], "{read}");
        assert_eq!(names(&get("&addressOrder=recent&addressLimit=2").await), ["d", "e"], "{read}");
        // By the sum of pickups and destinations, then by the most recent use.
        let used = get("&addressLimit=20&addressOrder=used").await;
        assert_eq!(names(&used), ["c", "a", "e", "b", "g", "d", "f"], "{read}");
        assert_eq!(names(&get("&addressOrder=used&addressLimit=1").await), ["c"], "{read}");
    }
}

#[tokio::test]
async fn a_brands_read_includes_its_own_addresses_and_those_without_a_brand() {
    let app = TestApp::start().await;
    let id = customer_with_addresses(&app).await;
    for caller in [app.operator(), app.passenger(&id)] {
        let get = async |query: &str| caller.get(&format!("brand/city/customer/{id}?include=addresses{query}")).await;
        // The limit applies to the addresses that are shown.
        assert_eq!(names(&get("&addressLimit=4").await), ["d", "e", "b", "a"]);
        assert_eq!(names(&get("&addressLimit=20&addressOrder=used").await), ["a", "e", "b", "g", "d", "f"]);
    }
    let other = app.operator().get(&format!("brand/night/customer/{id}?include=addresses")).await;
    other.assert_problem(404, "not_found");
}

#[tokio::test]
async fn included_addresses_equal_those_of_the_list_for_every_role() {
    let app = TestApp::start().await;
    let id = customer_with_addresses(&app).await;
    let staff = ["operator", "integration", "admin"].map(|role| app.staff("demo", role));
    for caller in staff.iter().chain([&app.passenger(&id)]) {
        for scope in ["", "brand/city/"] {
            let path = format!("{scope}customer/{id}");
            let card = caller.get(&format!("{path}?include=addresses&addressLimit=20")).await;
            let listed = caller.get(&format!("{path}/addresses")).await;
            assert_eq!(card.body["addresses"], listed.body["items"]);
            let record = caller.get(&path).await;
            assert_eq!(record.body, without(&card.body, &["addresses"]));
        }
    }
    let to_passenger = app.passenger(&id).get(&format!("customer/{id}?include=addresses")).await;
    assert!(to_passenger.body["addresses"][0].get("managementNote").is_none(), "{to_passenger:?}");
    let to_app = app.app("city").get(&format!("brand/city/customer/{id}?include=addresses")).await;
    to_app.assert_problem(403, "forbidden");
    let other = app.operator().register_id("0861234567").await;
    app.passenger(&other).get(&format!("customer/{id}?include=addresses")).await.assert_problem(403, "forbidden");
}

/// `body` without these fields.
fn without(body: &Value, names: &[&str]) -> Value {
    let mut body = body.clone();
    for name in names {
        assert!(body.as_object_mut().unwrap().remove(*name).is_some(), "{name} is not there: {body}");
    }
    body
}

#[tokio::test]
async fn the_etag_is_the_records_version_whatever_is_included() {
    let app = TestApp::start().await;
    let id = customer_with_addresses(&app).await;
    app.operator().post(&format!("customer/{id}"), json!({ "firstName": "Aoife" })).await;
    for read in reads(&id) {
        let plain = app.operator().get(read.trim_end_matches(['?', '&'])).await;
        let card = app.operator().get(&format!("{read}include=addresses")).await;
        assert_eq!((plain.header("etag"), card.header("etag")), (Some("\"2\"".into()), Some("\"2\"".into())), "{read}");
    }
}

#[tokio::test]
async fn a_customer_without_addresses_has_an_empty_list_of_them() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let card = app.operator().get(&format!("customer/{id}?include=addresses")).await;
    assert_eq!((card.status, &card.body["addresses"]), (200, &json!([])));
    let plain = app.operator().get(&format!("customer/{id}")).await;
    assert!(plain.body.get("addresses").is_none() && plain.body.get("phoneInfo").is_none(), "{plain:?}");
    let unknown = app.operator().get("customer/01a2088f-0000-7000-8000-000000000000?include=addresses").await;
    unknown.assert_problem(404, "not_found");
}

#[tokio::test]
async fn a_caller_card_describes_the_phone() {
    let app = TestApp::start().await;
    let id = customer_with_addresses(&app).await;
    let info = json!({ "e164": "+353871234567", "national": "087 123 4567", "country": "IE", "kind": "mobile" });
    for include in ["addresses,phoneInfo", "phoneInfo,addresses", "phoneInfo", "addresses%2CphoneInfo"] {
        let card = app.operator().get(&format!("customer/phone?phone=0871234567&include={include}")).await;
        assert_eq!((card.status, &card.body["phoneInfo"]), (200, &info), "{include}");
        assert_eq!(card.body.get("addresses").is_some(), include.contains("addresses"), "{include}");
        assert_eq!(card.body["id"], json!(id));
    }
}

#[tokio::test]
async fn the_404_for_an_unknown_caller_describes_the_phone() {
    let app = TestApp::start().await;
    for (phone, info) in [
        (
            "01+234+5678",
            json!({ "e164": "+35312345678", "national": "(01) 234 5678", "country": "IE", "kind": "fixed" }),
        ),
        (
            "%2B12015550123",
            json!({
                "e164": "+12015550123", "national": "(201) 555-0123", "country": "US", "kind": "fixedOrMobile",
            }),
        ),
        (
            "%2B80012345678",
            json!({ "e164": "+80012345678", "national": "1234 5678", "country": null, "kind": "tollFree" }),
        ),
    ] {
        let unknown = app.operator().get(&format!("customer/phone?phone={phone}&include=addresses,phoneInfo")).await;
        unknown.assert_problem(404, "not_found");
        assert_eq!(unknown.body["phoneInfo"], info);
        let plain = app.operator().get(&format!("customer/phone?phone={phone}&include=addresses")).await;
        plain.assert_problem(404, "not_found");
        assert!(plain.body.get("phoneInfo").is_none(), "{plain:?}");
    }
}

#[tokio::test]
async fn each_invalid_inclusion_is_reported() {
    let app = TestApp::start().await;
    let id = customer_with_addresses(&app).await;
    let _ = app.wire.take_calls();
    for (query, parameter, code) in [
        ("include=", "include", "empty"),
        ("include", "include", "empty"),
        ("include=addresses,", "include", "empty"),
        ("include=,addresses", "include", "empty"),
        ("include=Addresses", "include", "unknown_value"),
        ("include=tags", "include", "unknown_value"),
        ("include=addresses;phoneInfo", "include", "unknown_value"),
        ("include=addresses,+phoneInfo", "include", "unknown_value"),
        ("include=addresses,addresses", "include", "repeated"),
        ("include=addresses&include=addresses", "include", "repeated"),
        ("addressLimit=3", "addressLimit", "include_required"),
        ("addressOrder=recent", "addressOrder", "include_required"),
        ("include=addresses&addressLimit=0", "addressLimit", "out_of_range"),
        ("include=addresses&addressLimit=21", "addressLimit", "out_of_range"),
        ("include=addresses&addressLimit=300", "addressLimit", "out_of_range"),
        ("include=addresses&addressLimit=99999999999999999999", "addressLimit", "out_of_range"),
        ("include=addresses&addressLimit=", "addressLimit", "wrong_type"),
        ("include=addresses&addressLimit=-1", "addressLimit", "wrong_type"),
        ("include=addresses&addressLimit=%2B5", "addressLimit", "wrong_type"),
        ("include=addresses&addressLimit=five", "addressLimit", "wrong_type"),
        ("include=addresses&addressLimit=5&addressLimit=5", "addressLimit", "repeated"),
        ("include=addresses&addressOrder=", "addressOrder", "unknown_value"),
        ("include=addresses&addressOrder=newest", "addressOrder", "unknown_value"),
        ("include=addresses&addressOrder=used&addressOrder=used", "addressOrder", "repeated"),
    ] {
        for read in reads(&id) {
            let refused = app.operator().get(&format!("{read}{query}")).await;
            refused.assert_problem(422, "validation_failed");
            assert_eq!(refused.errors(), [(parameter.to_owned(), code.to_owned())], "{read}{query}");
            assert_eq!(refused.body["errors"][0]["parameter"], parameter);
        }
    }
    for read in &reads(&id)[1..] {
        let refused = app.operator().get(&format!("{read}include=phoneInfo")).await;
        assert_eq!(refused.errors(), [("include".to_owned(), "unknown_value".to_owned())], "{read}");
    }
    for query in ["include=phoneInfo&addressLimit=5", "include=phoneInfo&addressLimit=0"] {
        let refused = app.operator().get(&format!("customer/phone?phone=0871234567&{query}")).await;
        assert_eq!(refused.errors(), [("addressLimit".to_owned(), "include_required".to_owned())], "{query}");
    }
    let several = "customer/phone?phone=087&include=tags&addressLimit=0&addressOrder=newest";
    let refused = app.operator().get(several).await;
    let expected = [
        ("addressLimit", "out_of_range"),
        ("addressOrder", "unknown_value"),
        ("include", "unknown_value"),
        ("phone", "phone_too_short"),
    ];
    assert_eq!(refused.errors(), expected.map(|(name, code)| (name.to_owned(), code.to_owned())));
    // Only the settings were read from the table, once for each function.
    assert!(app.wire.take_calls().len() <= 1);
}

#[tokio::test]
async fn a_card_that_is_sent_back_is_refused_as_an_update() {
    let app = TestApp::start().await;
    let id = customer_with_addresses(&app).await;
    let path = format!("customer/{id}");
    for field in ["addresses", "phoneInfo"] {
        let refused = app.operator().post(&path, json!({ "firstName": "Aoife", field: null })).await;
        refused.assert_problem(422, "not_writable");
        assert_eq!(refused.errors(), [(format!("/{field}"), "not_writable".to_owned())]);
        app.passenger(&id).post(&path, json!({ field: null })).await.assert_problem(403, "field_not_allowed");
    }
}
