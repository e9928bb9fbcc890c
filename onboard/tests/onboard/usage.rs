//! Tests of the command `usage`.

use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::account::{Account, value};

/// A day in UTC.
fn day(ago: u32) -> String {
    let time = SystemTime::now() - Duration::from_hours(24) * ago;
    humantime::format_rfc3339(time).to_string()[..10].to_owned()
}

#[tokio::test]
async fn requests_customers_and_costs_are_listed_by_tenant_and_day() {
    let account = Account::deployed().await;
    let gateway = &account.gateway;
    let keys = ["acme", "beta", "idle"].map(|client| {
        let key = gateway.add_key(&format!("customers-prod-{client}"), &value("prod", client), true);
        gateway.put_into("customers-prod-standard", &key);
        key
    });
    // A tenant that changed its tier has requests in both plans on one day.
    gateway.send_requests("customers-prod-standard", &keys[0], &day(0), 3);
    gateway.send_requests("customers-prod-premium", &keys[0], &day(0), 4);
    gateway.send_requests("customers-prod-standard", &keys[0], &day(1), 5);
    gateway.send_requests("customers-prod-standard", &keys[0], &day(2), 100);
    gateway.send_requests("customers-prod-standard", &keys[1], &day(0), 9);
    for (tenant, phone) in [("acme", "+353871234567"), ("acme", "+353861234567"), ("beta", "+353871234567")] {
        let (operator, path) = (account.app.staff(tenant, "operator"), format!("/client/{tenant}/customer"));
        assert_eq!(operator.post(&path, json!({ "phone": phone })).await.status, 201);
    }
    account.gateway.take_writes();

    let usage = account.run(&["usage", "--stage", "prod", "--days", "2", "--usd-per-million", "1000000"]).await;
    let (yesterday, today) = (day(1), day(0));
    let expected = [
        "tenant,tier,date,requests,customers,estimated_usd".to_owned(),
        format!("acme,standard,{yesterday},5,2,5.000000"),
        format!("acme,standard,{today},7,2,7.000000"),
        format!("beta,standard,{yesterday},0,1,0.000000"),
        format!("beta,standard,{today},9,1,9.000000"),
        format!("idle,standard,{yesterday},0,0,0.000000"),
        format!("idle,standard,{today},0,0,0.000000"),
    ];
    assert_eq!(usage.lines(), expected);
    assert_eq!(account.gateway.take_writes(), Vec::<String>::new());
    // Only the index is read, for keys.
    let calls = account.app.wire.take_all_calls();
    assert!(calls.iter().all(|call| call.operation != "Scan" || call.request["IndexName"] == "phone"));
}

#[tokio::test]
async fn days_are_limited_to_what_api_gateway_keeps() {
    let account = Account::deployed().await;
    for days in ["0", "91", "x"] {
        let ended = account.run(&["usage", "--stage", "prod", "--days", days]).await;
        assert!(ended.misuse().contains("--days"), "{ended:?}");
    }
}
