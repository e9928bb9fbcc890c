//! createBrandCustomer

use api_tests::TestApp;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::stored;

const PATH: &str = "brand/city/customer";

fn ids(references: &Value) -> Vec<&str> {
    references.as_array().into_iter().flatten().filter_map(|reference| reference["id"].as_str()).collect()
}

#[tokio::test]
async fn a_new_customer_is_linked_to_the_brand_and_it_is_the_default() {
    let app = TestApp::start().await;
    let answer = app.operator().post(PATH, json!({ "phone": "0871234567" })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("customer-match").as_deref(), Some("created"));
    assert_eq!(answer.body["defaultBrand"]["id"], "city");
    assert_eq!(ids(&answer.body["brands"]), ["city"]);
    // Relative to a brand's path, the location is the customer below that brand.
    let id = answer.body["id"].as_str().unwrap();
    let location = answer.header("location").unwrap();
    assert_eq!(location, format!("customer/{id}"));
    assert_eq!(app.operator().get(&format!("brand/city/{location}")).await.body, answer.body);
}

#[tokio::test]
async fn a_default_brand_in_the_body_is_kept_and_linked_too() {
    let app = TestApp::start().await;
    let body = json!({ "phone": "0871234567", "defaultBrand": { "id": "night" }, "brands": [{ "id": "day" }] });
    let answer = app.operator().post(PATH, body).await;
    assert_eq!(answer.body["defaultBrand"]["id"], "night", "{answer:?}");
    assert_eq!(ids(&answer.body["brands"]), ["city", "day", "night"]);
}

#[tokio::test]
async fn a_match_links_the_brand_and_makes_it_the_default_in_one_write() {
    let app = TestApp::start().await;
    let mut expected = app.operator().register("0871234567").await;
    app.pass(7);
    let answer =
        app.operator().post(PATH, json!({ "phone": "0871234567", "firstName": "Other", "tags": ["VIP"] })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("customer-match").as_deref(), Some("matched"));
    assert_eq!(answer.header("location"), None);
    assert_eq!(answer.header("etag").as_deref(), Some("\"2\""));
    expected["brands"] = json!([{ "id": "city" }]);
    expected["defaultBrand"] = json!({ "id": "city" });
    expected["version"] = json!(2);
    expected["updatedDate"] = json!(expected["createdDate"].as_i64().unwrap() + 7);
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn a_match_keeps_an_existing_default_brand() {
    let app = TestApp::start().await;
    app.operator().post("brand/night/customer", json!({ "phone": "0871234567" })).await;
    let answer = app.operator().post(PATH, json!({ "phone": "0871234567" })).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(2)), "{answer:?}");
    assert_eq!(answer.body["defaultBrand"]["id"], "night");
    assert_eq!(ids(&answer.body["brands"]), ["city", "night"]);
}

#[tokio::test]
async fn a_match_of_a_linked_customer_writes_nothing() {
    let app = TestApp::start().await;
    let created = app.operator().post(PATH, json!({ "phone": "0871234567" })).await;
    let path = format!("customer/{}", created.body["id"].as_str().unwrap());
    let cleared = app.operator().post(&path, json!({ "defaultBrand": null, "active": false })).await;
    app.pass(7);
    let matched = app.operator().post(PATH, json!({ "phone": "0871234567" })).await;
    assert_eq!((matched.status, &matched.body), (200, &cleared.body), "a link that is there sets no default");
    assert_eq!(matched.body["active"], false);
}

#[tokio::test]
async fn a_match_with_the_maximum_number_of_brands_is_409() {
    let app = TestApp::start().await;
    let brands: Vec<_> = (0..100).map(|n| json!({ "id": format!("b{n}") })).collect();
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "brands": brands })).await;
    app.operator().post(PATH, json!({ "phone": "0871234567" })).await.assert_problem(409, "limit_reached");
    let linked = app.operator().post("brand/b99/customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((linked.status, linked.body), (200, created.body));
}

#[tokio::test]
async fn create_only_refuses_a_known_phone_and_links_nothing() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let refused = app.operator().post_with(PATH, &[("if-none-match", "*")], json!({ "phone": "0871234567" })).await;
    refused.assert_problem(412, "precondition_failed");
    let path = format!("customer/{}", created["id"].as_str().unwrap());
    assert_eq!(app.operator().get(&path).await.body, created);
}

#[tokio::test]
async fn an_app_cannot_create_a_customer() {
    let app = TestApp::start().await;
    for brand in ["city", "night"] {
        let answer = app.app("city").post(&format!("brand/{brand}/customer"), json!({ "phone": "0871234567" })).await;
        answer.assert_problem(403, "forbidden");
    }
    assert_eq!(stored::items(&app).await, []);
    assert_eq!(app.wire.take_calls().len(), 0);
}

#[tokio::test]
async fn concurrent_matches_link_all_brands_and_one_is_the_default() {
    let app = TestApp::start().await;
    let mut racers = JoinSet::new();
    for n in 0..40 {
        let operator = app.operator();
        racers.spawn(async move {
            let brand = format!("b{}", n % 20);
            operator.post(&format!("brand/{brand}/customer"), json!({ "phone": "0871234567" })).await
        });
    }
    let answers = racers.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 201)), "{answers:?}");
    let path = format!("customer/{}", answers[0].body["id"].as_str().unwrap());
    let customer = app.operator().get(&path).await.body;
    assert_eq!(ids(&customer["brands"]).len(), 20);
    assert_eq!(customer["version"], 20, "the creation and one write for each brand more");
    let created = answers.iter().find(|answer| answer.status == 201).unwrap();
    assert_eq!(customer["defaultBrand"], created.body["defaultBrand"]);
}
