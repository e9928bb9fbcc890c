//! Every spelling of a number leads to the same customer, in every tenant's region.

use api_tests::TestApp;
use serde_json::json;
use shared::domain::{Phone, Region};

/// Spellings of an international number that are valid in every region.
fn ways(e164: &str) -> Vec<String> {
    let digits = &e164[1..];
    let spaced = digits.as_bytes().chunks(3).map(|group| std::str::from_utf8(group).unwrap()).collect::<Vec<_>>();
    vec![format!("00{digits}"), format!("+{}", spaced.join(" ")), format!("tel:+{}", spaced.join("-"))]
}

/// Each region's example number is tested with one of the tenants. The unit tests of `Phone` test all combinations.
#[tokio::test]
async fn all_spellings_of_every_regions_number_are_one_customer() {
    let examples: Vec<Phone> = Region::all().filter_map(Region::example).collect();
    assert!(examples.len() > 200, "{} regions", examples.len());
    let app = TestApp::start().await;
    let tenants = ["IE", "GB", "US", "DE", "JP"];
    for region in tenants {
        let settings = app.staff(region, "admin");
        let settings = settings.put(&format!("/client/{region}/customersettings"), json!({ "region": region })).await;
        assert_eq!(settings.body["region"], region);
    }
    for (n, example) in examples.iter().enumerate() {
        let region = tenants[n % tenants.len()];
        let operator = app.staff(region, "operator");
        let path = format!("/client/{region}/customer");
        let created = operator.post(&path, json!({ "phone": example.as_str() })).await;
        // Some regions share an example number.
        assert!(matches!(created.status, 200 | 201), "{region} {}: {created:?}", example.as_str());
        assert_eq!(created.body["phone"], example.as_str(), "{region}");
        for way in ways(example.as_str()) {
            if region == "JP" && way.starts_with("0037") {
                // A Japanese toll-free number: the region's own rules come first.
                continue;
            }
            let matched = operator.post(&path, json!({ "phone": way })).await;
            assert_eq!((matched.status, &matched.body["id"]), (200, &created.body["id"]), "{region} {way}");
        }
    }
}

#[tokio::test]
async fn all_spellings_of_operators_in_dublin_are_one_customer() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    for typed in ["087 123 4567", "00353871234567", "+353 87 123 4567", "+353 (0)87 123 4567", "０８７１２３４５６７"]
    {
        let matched = app.operator().post("brand/city/customer", json!({ "phone": typed })).await;
        assert_eq!((matched.status, &matched.body["id"]), (200, &json!(id)), "{typed}");
    }
}

#[tokio::test]
async fn all_spellings_of_phone_systems_and_contact_cards_are_one_customer() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    for typed in [
        "(+353) 87 123 4567",
        "tel:0871234567;phone-context=+353",
        "tel:087-123-4567;phone-context=dispatch.example.ie",
        "\u{202a}+353 87 123 4567\u{202c}",
        "087\u{fe0d}123\u{200b}4567",
    ] {
        let matched = app.operator().post("customer", json!({ "phone": typed })).await;
        assert_eq!((matched.status, &matched.body["id"]), (200, &json!(id)), "{typed:?}");
    }
    for query in [
        "(%2B353)+87+123+4567",
        "(+353)+87+123+4567",
        "+(353)+87+123+4567",
        "tel:+353871234567",
        "tel:0871234567;phone-context=+353",
    ] {
        let found = app.operator().get(&format!("customer/phone?phone={query}")).await;
        assert_eq!((found.status, &found.body["id"]), (200, &json!(id)), "{query}");
    }
}

#[tokio::test]
async fn a_number_in_an_old_form_matches_its_customer() {
    let app = TestApp::start().await;
    for (today, old) in [
        ("+52 55 1234 5678", "+52 1 55 1234 5678"),
        ("+55 11 99123-4567", "+55 11 9123-4567"),
        ("+57 601 2281260", "+57 1 2281260"),
        ("+84 79 234 5678", "+84 121 234 5678"),
        ("+225 07 07 12 34 56", "+225 07 12 34 56"),
        ("+229 01 97 12 34 56", "+229 97 12 34 56"),
    ] {
        let id = app.operator().register_id(today).await;
        let matched = app.operator().post("customer", json!({ "phone": old })).await;
        assert_eq!((matched.status, &matched.body["id"]), (200, &json!(id)), "{old}");
        let found =
            app.operator().get(&format!("customer/phone?phone={}", old.replace('+', "%2B").replace(' ', "+"))).await;
        assert_eq!((found.status, &found.body["id"]), (200, &json!(id)), "{old}");
    }
}
