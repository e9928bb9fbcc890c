//! createCustomer

use api_tests::{NOW, TestApp};
use serde_json::json;

#[tokio::test]
async fn an_unknown_phone_creates_a_customer() {
    let app = TestApp::start().await;
    let answer = app.operator().post("customer", json!({ "phone": "087 123 4567", "firstName": "Aoife" })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("customer-match").as_deref(), Some("created"));
    assert_eq!(answer.header("etag").as_deref(), Some("\"1\""));
    let id = answer.body["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(format!("customer/{id}")));
    assert_eq!(
        answer.body,
        json!({
            "id": id,
            "phone": "+353871234567",
            "email": null,
            "firstName": "Aoife",
            "lastName": null,
            "defaultAccount": null,
            "defaultBrand": null,
            "accounts": [],
            "accountDepartments": [],
            "brands": [],
            "clientCapabilities": [],
            "tags": [],
            "priority": 60,
            "priorityType": "REGULAR",
            "priorityReason": "ASSIGNED",
            "assignedPriority": 60,
            "minPriority": null,
            "loyaltyMiles": 0,
            "rating": 100,
            "driverNote": null,
            "managementNote": null,
            "active": true,
            "phoneVerifiedDate": null,
            "createdDate": NOW,
            "updatedDate": NOW,
            "version": 1,
        })
    );
}

#[tokio::test]
async fn a_known_phone_matches_and_applies_nothing_of_the_body() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let answer = app.operator().post("customer", json!({ "phone": "+353 (0)87 123 4567", "firstName": "Other" })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("customer-match").as_deref(), Some("matched"));
    assert_eq!(answer.header("location"), None);
    assert_eq!(answer.body, created);
}
