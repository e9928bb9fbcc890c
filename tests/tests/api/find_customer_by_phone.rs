//! findCustomerByPhone

use api_tests::TestApp;
use serde_json::json;

#[tokio::test]
async fn all_spellings_of_a_number_find_its_customer() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let forms = [
        "0871234567",
        "087+123+4567",
        "087%20123%204567",
        "%2B353871234567",
        "%2b353+87+123+4567",
        // A plus that was not encoded arrives as a space.
        "+353871234567",
        "+353+87+123+4567",
        "%20353871234567",
        "+(087)+1234567",
        "00353871234567",
        "tel:%2B353-87-123-4567",
        "%D9%A0%D9%A8%D9%A7%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5%D9%A6%D9%A7",
    ];
    for form in forms {
        let answer = app.operator().get(&format!("customer/phone?phone={form}")).await;
        assert_eq!((answer.status, &answer.body), (200, &created), "{form}");
        assert_eq!(answer.header("etag").as_deref(), Some("\"1\""));
    }
}

#[tokio::test]
async fn a_space_is_read_as_a_plus_only_if_that_gives_a_number() {
    let app = TestApp::start().await;
    let british = app.operator().register("+442079460018").await;
    for form in ["%2B442079460018", "+442079460018", "+44+20+7946+0018", "%20442079460018", "0044+20+7946+0018"] {
        let answer = app.operator().get(&format!("customer/phone?phone={form}")).await;
        assert_eq!((answer.status, &answer.body), (200, &british), "{form}");
    }
    // Only at the start, and only in a query.
    app.operator().get("customer/phone?phone=442079460018").await.assert_problem(422, "validation_failed");
    let body = json!({ "phone": " 442079460018" });
    app.operator().post("customer", body).await.assert_problem(422, "validation_failed");
}

#[tokio::test]
async fn a_number_without_a_prefix_is_one_of_the_tenants_region() {
    let app = TestApp::start().await;
    let british = app.operator().register("+447400123456").await;
    app.operator().get("customer/phone?phone=07400123456").await.assert_problem(422, "validation_failed");
    app.admin().put("customersettings", json!({ "region": "GB" })).await;
    let answer = app.operator().get("customer/phone?phone=07400123456").await;
    assert_eq!((answer.status, answer.body), (200, british));
}

#[tokio::test]
async fn a_number_of_another_tenant_is_not_found() {
    let app = TestApp::start().await;
    app.operator().register("0871234567").await;
    let other = app.staff("other", "operator");
    other.get("/client/other/customer/phone?phone=0871234567").await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn the_parameter_must_occur_once_and_be_one_number() {
    let app = TestApp::start().await;
    app.operator().register("0871234567").await;
    let cases = [
        ("", "required"),
        ("?", "required"),
        ("?phone=0871234567&phone=0871234567", "repeated"),
        ("?phone=", "empty"),
        ("?phone", "empty"),
        ("?phone=+", "empty"),
        ("?phone=call+me", "phone_letters"),
        ("?phone=%ff0871234567", "invalid_phone"),
        ("?phone=%000871234567", "invalid_phone"),
        // An encoded separator is part of the value and does not end the parameter.
        ("?phone=0871234567%26x=1", "phone_letters"),
        ("?phone=0871234567%3Bx", "phone_letters"),
        ("?phone=0871234567%235", "phone_extension"),
        ("?phone=0871234567+ext.+5", "phone_extension"),
        ("?phone=087+123", "phone_too_short"),
        ("?phone=087+123+4567+8901", "phone_too_long"),
        ("?phone=0871234567/0861234567", "phone_two_numbers"),
        ("?phone=Anonymous", "phone_withheld"),
    ];
    for (query, code) in cases {
        let answer = app.operator().get(&format!("customer/phone{query}")).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.errors(), [("phone".into(), code.into())], "{query}");
        assert_eq!(answer.body["errors"][0]["parameter"], "phone");
    }
    let zeros = "0".repeat(257);
    let long = app.operator().get(&format!("customer/phone?phone={zeros}")).await;
    assert_eq!(long.errors(), [("phone".into(), "too_long".into())]);
}

#[tokio::test]
async fn an_inactive_customer_is_found() {
    let app = TestApp::start().await;
    app.operator().post("customer", json!({ "phone": "0871234567", "active": false })).await;
    let answer = app.operator().get("customer/phone?phone=0871234567").await;
    assert_eq!((answer.status, &answer.body["active"]), (200, &json!(false)), "{answer:?}");
}

/// `4752345678` is a number in Connecticut and, with a plus, a number in Norway.
#[tokio::test]
async fn digits_without_a_customer_are_looked_up_with_a_plus() {
    let app = TestApp::start().await;
    app.admin().put("customersettings", json!({ "region": "US" })).await;
    let find = async |query: &str| app.operator().get(&format!("customer/phone?phone={query}")).await;
    find("4752345678").await.assert_problem(404, "not_found");

    let norwegian = app.operator().register("+4752345678").await;
    for typed in ["4752345678", "475-234-5678", "(475)+234-5678", "sip:4752345678@pbx"] {
        let found = find(typed).await;
        assert_eq!((found.status, &found.body), (200, &norwegian), "{typed}");
    }
    let with_info = find("4752345678&include=phoneInfo").await;
    assert_eq!(with_info.body["phoneInfo"]["e164"], "+4752345678");

    // How a create reads digits never depends on stored customers. After it, a customer has the first number.
    let created = app.operator().post("customer", json!({ "phone": "4752345678" })).await;
    assert_eq!((created.status, &created.body["phone"]), (201, &json!("+14752345678")));
    assert_eq!(find("4752345678").await.body, created.body);
    assert_eq!(find("%2B4752345678").await.body, norwegian);
    assert_eq!(find("+4752345678").await.body, norwegian, "a plus that was not encoded");
}

/// German mobiles as telephone systems send them. They are also numbers in the town of Leer.
#[tokio::test]
async fn digits_with_the_regions_own_country_code_are_one_number_for_every_operation() {
    let app = TestApp::start().await;
    app.admin().put("customersettings", json!({ "region": "DE" })).await;
    let created = app.operator().post("customer", json!({ "phone": "491713369876" })).await;
    assert_eq!((created.status, &created.body["phone"]), (201, &json!("+491713369876")));
    let found = app.operator().get("customer/phone?phone=491713369876").await;
    assert_eq!(found.body, created.body);
    let matched = app.operator().post("brand/city/customer", json!({ "phone": "0171 3369876" })).await;
    assert_eq!((matched.status, &matched.body["id"]), (200, &created.body["id"]));
    let id = app.operator().register_id("+49 30 123456").await;
    let path = format!("customer/{id}");
    app.operator().post(&path, json!({ "phone": "491713369876" })).await.assert_problem(409, "phone_taken");
    let updated = app.operator().post(&path, json!({ "phone": "491713369877" })).await;
    assert_eq!(updated.body["phone"], "+491713369877");
}

#[tokio::test]
async fn the_search_route_is_not_read_as_a_customer_id() {
    let app = TestApp::start().await;
    for method in ["POST", "DELETE", "PUT"] {
        let answer = app.operator().send(method, "customer/phone?phone=0871234567", &[], Vec::new()).await;
        answer.assert_problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow").as_deref(), Some("GET"));
    }
    app.passenger("phone").get("customer/phone?phone=0871234567").await.assert_problem(403, "forbidden");
}
