//! getCustomerSettings

use api_tests::TestApp;
use serde_json::{Value, json};

use crate::refused::{assert_forbidden, strangers};

#[tokio::test]
async fn a_new_tenant_has_the_default_region_and_the_built_in_rule() {
    let app = TestApp::start().await;
    for role in ["operator", "integration", "admin"] {
        let answer = app.staff("demo", role).get("customersettings").await;
        let expected = json!({ "region": "IE", "tagRules": [{ "tag": "VIP", "priority": 20 }], "loyaltyRules": [] });
        assert_eq!((answer.status, &answer.body), (200, &expected), "{role}");
        assert_eq!(answer.header("etag"), None, "only a customer's representation has one");
    }
}

#[tokio::test]
async fn all_operations_share_settings_that_are_read_once_a_minute() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let reads = |minute: &str| {
        let calls = app.wire.take_all_calls();
        let of_settings: Vec<_> = calls.iter().filter(|call| call.request["Key"]["sk"]["S"] == "SETTINGS").collect();
        assert!(of_settings.iter().all(|call| call.operation == "GetItem" && call.request["ConsistentRead"] == true));
        assert!(calls.len() > of_settings.len(), "{minute}: nothing else was read either");
        of_settings.len()
    };
    let id = operator.register_id("0871234567").await;
    assert_eq!(reads("first"), 1);
    for _ in 0..2 {
        operator.get("customersettings").await;
        operator.post_empty(&format!("customer/{id}/tag/vip")).await;
        operator.get("customer/phone?phone=0871234567").await;
    }
    app.pass(59);
    operator.get(&format!("customer/{id}")).await;
    assert_eq!(reads("within"), 0);
    app.pass(1);
    operator.get(&format!("customer/{id}")).await;
    operator.get(&format!("customer/{id}")).await;
    assert_eq!(reads("after"), 1);

    app.staff("demo2", "operator").get("/client/demo2/customersettings").await;
    operator.get(&format!("customer/{id}")).await;
    assert_eq!(reads("another tenant"), 1, "each tenant has its own");
}

#[tokio::test]
async fn apps_passengers_and_other_tenants_may_not_read_settings() {
    let app = TestApp::start().await;
    app.admin().put("customersettings", json!({ "region": "GB" })).await;
    let mut closed = strangers(&app, "somebody");
    closed.extend([app.app("city"), app.passenger("somebody")]);
    let unknown = closed.split_off(closed.len() - 2);
    assert_forbidden(&app, closed, "GET", ["customersettings", "/client/unknown/customersettings"], &Value::Null).await;
    assert_forbidden(&app, unknown, "GET", ["customersettings", "/client/demo2/customersettings"], &Value::Null).await;
}
