//! updateBrandCustomer

use api_tests::TestApp;
use serde_json::json;

use crate::get_customer::without_request_id;
use crate::stored;

#[tokio::test]
async fn a_linked_customer_is_updated_as_by_update_customer() {
    let app = TestApp::start().await;
    let created = app.operator().post("brand/city/customer", json!({ "phone": "0871234567" })).await.body;
    let path = format!("brand/city/customer/{}", created["id"].as_str().unwrap());
    let answer = app.operator().post_with(&path, &[("if-match", "\"1\"")], json!({ "rating": 7 })).await;
    assert_eq!((answer.status, &answer.body["rating"], &answer.body["version"]), (200, &json!(7), &json!(2)));
    app.operator()
        .post_with(&path, &[("if-match", "\"1\"")], json!({ "rating": 8 }))
        .await
        .assert_problem(412, "precondition_failed");

    let same = app.operator().post(&path, json!({ "rating": 7 })).await;
    assert_eq!(same.body, answer.body);
    let moved = app.operator().post(&path, json!({ "phone": "0861234567" })).await;
    assert_eq!((moved.status, &moved.body["phone"]), (200, &json!("+353861234567")), "{moved:?}");
    assert_eq!(stored::assert_guarded(&app).await, ["+353861234567"]);
}

#[tokio::test]
async fn an_unlinked_customer_is_404_with_any_body() {
    let app = TestApp::start().await;
    let created = app.operator().post("brand/city/customer", json!({ "phone": "0871234567" })).await.body;
    app.operator().register("0851234567").await;
    let id = created["id"].as_str().unwrap();
    let unknown =
        app.operator().post("brand/night/customer/01920000-0000-7000-8000-00000000dead", json!({ "rating": 7 })).await;
    unknown.assert_problem(404, "not_found");

    let before = stored::items(&app).await;
    let path = format!("brand/night/customer/{id}");
    let bodies = [
        json!({}),
        json!({ "firstName": "Other" }),
        json!({ "phone": "0861234567" }),
        json!({ "phone": "0861234567", "firstName": "Other" }),
        json!({ "phone": "0851234567" }),
        // Setting a default also links it, but not for a customer outside the brand.
        json!({ "defaultBrand": { "id": "night" } }),
    ];
    for body in bodies {
        for headers in [&[][..], &[("if-match", "\"1\"")], &[("if-match", "\"8\"")]] {
            let answer = app.operator().post_with(&path, headers, body.clone()).await;
            assert_eq!(without_request_id(&answer), without_request_id(&unknown), "{body}");
        }
    }
    let passenger = app.passenger(id).post(&path, json!({ "firstName": "Other" })).await;
    assert_eq!(without_request_id(&passenger), without_request_id(&unknown));
    assert_eq!(stored::items(&app).await, before);
}

#[tokio::test]
async fn a_passenger_may_change_their_name_but_not_their_phone() {
    let app = TestApp::start().await;
    let created = app.operator().post("brand/city/customer", json!({ "phone": "0871234567" })).await.body;
    let id = created["id"].as_str().unwrap();
    let path = format!("brand/city/customer/{id}");
    let answer = app.passenger(id).post(&path, json!({ "firstName": "Aoife" })).await;
    assert_eq!((answer.status, answer.body.get("rating")), (200, None), "{answer:?}");
    let refused = app.passenger(id).post(&path, json!({ "phone": "0861234567" })).await;
    refused.assert_problem(403, "phone_change_needs_operator");
}
