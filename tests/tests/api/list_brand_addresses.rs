//! listBrandAddresses

use api_tests::TestApp;
use serde_json::{Value, json};

use crate::place::{addresses_of, at, listed_ids, save_new};
use crate::record::id_of;
use crate::refused::{assert_forbidden, strangers};

/// A customer of the brands `city` and `night` with an address of each brand, of a third brand and of no brand. The
/// most recently used address comes first.
async fn customer(app: &TestApp) -> (String, Vec<Value>) {
    let brands = json!([{ "id": "city" }, { "id": "night" }]);
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "brands": brands })).await.body;
    let mut addresses = Vec::new();
    for (n, brand) in (0..).zip(["city", "", "night", "third"]) {
        let mut body = at(f64::from(n), 0.0);
        body["lastUsedDate"] = json!(100 - n);
        body["managementNote"] = json!("secret");
        if !brand.is_empty() {
            body["brand"] = json!({ "id": brand });
        }
        addresses.push(save_new(&app.operator(), id_of(&created), body).await);
    }
    (id_of(&created).to_owned(), addresses)
}

#[tokio::test]
async fn the_list_has_the_brands_addresses_and_those_without_a_brand() {
    let app = TestApp::start().await;
    let (id, saved) = customer(&app).await;
    for (brand, shown) in [("city", [0, 1]), ("night", [1, 2])] {
        let expected = json!({ "items": shown.map(|n| saved[n].clone()) });
        for role in ["operator", "integration", "admin"] {
            let list = app.staff("demo", role).get(&format!("brand/{brand}/{}", addresses_of(&id))).await;
            assert_eq!((list.status, &list.body), (200, &expected), "{role}");
        }
        let list = app.passenger(&id).get(&format!("brand/{brand}/{}", addresses_of(&id))).await;
        assert_eq!(listed_ids(&list), shown.map(|n| id_of(&saved[n])));
        assert!(list.body["items"].as_array().unwrap().iter().all(|item| item.get("managementNote").is_none()));
    }
    let all = app.operator().get(&addresses_of(&id)).await;
    assert_eq!(all.body, json!({ "items": saved }));
}

#[tokio::test]
async fn unlinked_and_unknown_customers_give_the_same_404() {
    let app = TestApp::start().await;
    let (id, _) = customer(&app).await;
    let mut seen = Vec::new();
    // The brand of an address is not a link of the customer, and ids are case-sensitive.
    for (brand, customer) in
        [("third", id.as_str()), ("CITY", &id), ("unknown", &id), ("city", "01920000-0000-7000-8000-00000000dead")]
    {
        for caller in [app.operator(), app.passenger(customer)] {
            let mut answer = caller.get(&format!("brand/{brand}/{}", addresses_of(customer))).await;
            answer.assert_problem(404, "not_found");
            answer.body["requestId"].take();
            seen.push(answer.body);
        }
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:?}");

    assert_eq!(app.operator().delete(&format!("customer/{id}/brand/city")).await.status, 200);
    let unlinked = app.operator().get(&format!("brand/city/{}", addresses_of(&id))).await;
    unlinked.assert_problem(404, "not_found");
}

#[tokio::test]
async fn apps_other_passengers_and_other_tenants_may_not_list_brand_addresses() {
    let app = TestApp::start().await;
    let (id, _) = customer(&app).await;
    let mut closed = strangers(&app, &id);
    closed.extend([app.app("city"), app.app("night"), app.passenger("somebody")]);
    let existing = format!("brand/city/{}", addresses_of(&id));
    assert_forbidden(&app, closed, "GET", [&existing, "brand/unknown/customer/unknown/addresses"], &Value::Null).await;
}
