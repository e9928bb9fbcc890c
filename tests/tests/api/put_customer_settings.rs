//! putCustomerSettings

use api_tests::{Answer, TestApp};
use serde_json::{Value, json};
use shared::domain::{ClientId, Region, Settings};

use crate::record::{assert_record, id_of};
use crate::refused::{assert_forbidden, strangers};

/// The settings of a tenant that has set nothing.
fn defaults() -> Value {
    json!({ "region": "IE", "tagRules": [{ "tag": "VIP", "priority": 20 }], "loyaltyRules": [] })
}

#[track_caller]
fn assert_settings(answer: &Answer, settings: &Value) {
    assert_eq!((answer.status, &answer.body), (200, settings), "{answer:?}");
}

#[tokio::test]
async fn all_settings_are_replaced() {
    let app = TestApp::start().await;
    let full = json!({
        "region": "GB",
        "tagRules": [{ "tag": "VIP", "priority": 10 }, { "tag": "STRASSE", "priority": 80 }],
        "loyaltyRules": [{ "miles": 0, "priority": 55 }, { "miles": 1_000_000_000, "priority": 30 }],
    });
    let typed = json!({
        "region": "gb",
        "tagRules": [{ "tag": " vip", "priority": 10.0 }, { "tag": "straße", "priority": 80 }],
        "loyaltyRules": full["loyaltyRules"],
    });
    assert_settings(&app.admin().put("customersettings", typed).await, &full);
    assert_settings(&app.operator().get("customersettings").await, &full);
    assert_settings(&app.admin().put("customersettings", full.clone()).await, &full);

    let only_loyalty = json!({ "loyaltyRules": [{ "miles": 10, "priority": 40 }] });
    let mut expected = defaults();
    expected["loyaltyRules"] = only_loyalty["loyaltyRules"].clone();
    assert_settings(&app.admin().put("customersettings", only_loyalty).await, &expected);
    let nulls = json!({ "region": null, "tagRules": null, "loyaltyRules": null });
    for empty in [nulls, json!({})] {
        app.admin().put("customersettings", full.clone()).await;
        assert_settings(&app.admin().put("customersettings", empty).await, &defaults());
        assert_settings(&app.operator().through(app.another_gateway()).get("customersettings").await, &defaults());
    }
}

#[tokio::test]
async fn a_read_during_a_replacement_does_not_cache_the_old_settings() {
    let app = TestApp::start().await;
    let (settings, client) = (app.state().settings, ClientId::parse("demo").unwrap());
    let mut read = std::pin::pin!(settings.get(&client));
    // Polled until the table has responded, and then not again.
    while app.wire.take_all_calls().is_empty() {
        assert!(futures_util::poll!(read.as_mut()).is_pending());
        tokio::task::yield_now().await;
    }
    let replacement = Settings { region: Some(Region::parse("GB").unwrap()), ..Settings::default() };
    settings.replace(&client, &replacement).await.unwrap();
    assert_eq!(read.await.unwrap().region, None);
    assert_eq!(settings.get(&client).await.unwrap().region, replacement.region);
}

#[tokio::test]
async fn an_empty_list_of_tag_rules_replaces_the_built_in_one() {
    let app = TestApp::start().await;
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "tags": ["VIP"] })).await.body;
    assert_eq!((&created["priority"], &created["priorityReason"]), (&json!(20), &json!("TAG")));
    let none = json!({ "region": "IE", "tagRules": [], "loyaltyRules": [] });
    assert_settings(&app.admin().put("customersettings", json!({ "tagRules": [] })).await, &none);
    for gateway in [app.operator(), app.operator().through(app.another_gateway())] {
        assert_settings(&gateway.get("customersettings").await, &none);
        let mut expected = created.clone();
        expected["priority"] = json!(60);
        expected["priorityType"] = json!("REGULAR");
        expected["priorityReason"] = json!("ASSIGNED");
        assert_record(&gateway.get(&format!("customer/{}", id_of(&created))).await, &expected);
    }
}

#[tokio::test]
async fn the_best_matching_rule_gives_the_priority() {
    let app = TestApp::start().await;
    let settings = json!({
        "tagRules": [{ "tag": "SLOW", "priority": 80 }, { "tag": "STAFF", "priority": 45 }],
        "loyaltyRules": [{ "miles": 5000, "priority": 40 }, { "miles": 100, "priority": 50 }],
    });
    assert_eq!(app.admin().put("customersettings", settings).await.status, 200);
    for (n, (tags, miles, priority, reason)) in [
        (json!(["VIP", "SLOW"]), 99, 60, "ASSIGNED"),
        (json!([]), 100, 50, "LOYALTY"),
        (json!(["staff"]), 4999, 45, "TAG"),
        (json!(["staff", "slow"]), 5000, 40, "LOYALTY"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({ "phone": format!("087123456{n}"), "tags": tags, "loyaltyMiles": miles });
        let created = app.operator().post("customer", body).await;
        let given = (&created.body["priority"], &created.body["priorityReason"]);
        assert_eq!(given, (&json!(priority), &json!(reason)), "{tags} {miles}");
    }
}

#[tokio::test]
async fn a_number_without_a_country_code_is_read_in_the_tenants_region() {
    let app = TestApp::start().await;
    let british = json!({ "phone": "07400 123456" });
    app.operator().post("customer", british.clone()).await.assert_problem(422, "validation_failed");
    let irish = app.operator().register("0871234567").await;
    assert_eq!(irish["phone"], "+353871234567");

    assert_eq!(app.admin().put("customersettings", json!({ "region": "GB" })).await.status, 200);
    let created = app.operator().post("customer", british).await;
    assert_eq!((created.status, &created.body["phone"]), (201, &json!("+447400123456")));
    let found = app.operator().get("customer/phone?phone=07400123456").await;
    assert_eq!((found.status, &found.body["id"]), (200, &created.body["id"]));
    app.operator().post("customer", json!({ "phone": "0871234567" })).await.assert_problem(422, "validation_failed");
    assert_record(&app.operator().get(&format!("customer/{}", id_of(&irish))).await, &irish);

    let other = app.staff("demo2", "operator").post("/client/demo2/customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((other.status, &other.body["phone"]), (201, &json!("+353871234567")), "another tenant's region moved");
}

#[tokio::test]
async fn a_change_takes_effect_at_once_here_and_within_a_minute_elsewhere() {
    let app = TestApp::start().await;
    let elsewhere = app.operator().through(app.another_gateway());
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "tags": ["VIP"] })).await.body;
    let path = format!("customer/{}", id_of(&created));
    assert_eq!(elsewhere.get(&path).await.body["priority"], 20);

    let rules = json!([{ "tag": "VIP", "priority": 10 }]);
    assert_eq!(app.admin().put("customersettings", json!({ "tagRules": rules })).await.status, 200);
    assert_eq!(app.operator().get(&path).await.body["priority"], 10);
    app.pass(60);
    assert_eq!(elsewhere.get(&path).await.body["priority"], 10);
    assert_eq!(elsewhere.get("customersettings").await.body["tagRules"], rules);
}

#[tokio::test]
async fn all_errors_are_reported_and_nothing_is_written() {
    let app = TestApp::start().await;
    let kept = app.admin().put("customersettings", json!({ "region": "GB" })).await.body;
    let wrong = json!({
        "region": "XX",
        "tagRules": [
            { "tag": "a.b", "priority": 9 },
            { "tag": "VIP" },
            { "priority": "20", "tag": null, "note": "" },
            7,
        ],
        "loyaltyRules": [{ "miles": -1, "priority": 81 }, { "miles": 1_000_000_001, "priority": 1.5 }],
        "currency": "EUR",
    });
    let repeated = json!({
        "tagRules": [
            { "tag": "vip", "priority": 20 },
            { "tag": "gold", "priority": 20 },
            { "tag": "VIP", "priority": 30 },
            { "tag": "silver", "priority": 99 },
        ],
        "loyaltyRules": [{ "miles": 5, "priority": 20 }, { "miles": 5, "priority": 20 }],
    });
    let rules =
        |count: usize| -> Vec<_> { (0..count).map(|n| json!({ "tag": n.to_string(), "priority": 20 })).collect() };
    let cases: [(Value, &[(&str, &str)]); 6] = [
        (
            wrong,
            &[
                ("/currency", "unknown_field"),
                ("/loyaltyRules/0/miles", "out_of_range"),
                ("/loyaltyRules/0/priority", "out_of_range"),
                ("/loyaltyRules/1/miles", "out_of_range"),
                ("/loyaltyRules/1/priority", "wrong_type"),
                ("/region", "invalid_region"),
                ("/tagRules/0/priority", "out_of_range"),
                ("/tagRules/0/tag", "invalid_tag"),
                ("/tagRules/1/priority", "required"),
                ("/tagRules/2/note", "unknown_field"),
                ("/tagRules/2/priority", "wrong_type"),
                ("/tagRules/2/tag", "wrong_type"),
                ("/tagRules/3", "wrong_type"),
            ],
        ),
        (
            repeated,
            &[("/loyaltyRules/1", "repeated"), ("/tagRules/2", "repeated"), ("/tagRules/3/priority", "out_of_range")],
        ),
        (
            json!({ "region": 353, "tagRules": {}, "loyaltyRules": "" }),
            &[("/loyaltyRules", "wrong_type"), ("/region", "wrong_type"), ("/tagRules", "wrong_type")],
        ),
        (json!({ "region": "", "tagRules": rules(101) }), &[("/region", "invalid_region"), ("/tagRules", "too_many")]),
        (json!({ "region": "001" }), &[("/region", "invalid_region")]),
        (json!({ "region": " GB" }), &[("/region", "invalid_region")]),
    ];
    for (body, errors) in cases {
        let answer = app.admin().put("customersettings", body).await;
        answer.assert_problem(422, "validation_failed");
        let named: Vec<_> = errors.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        assert_eq!(answer.errors(), named);
    }
    for reader in [app.operator(), app.operator().through(app.another_gateway())] {
        assert_settings(&reader.get("customersettings").await, &kept);
    }
    let most = app.admin().put("customersettings", json!({ "tagRules": rules(100) })).await;
    assert_eq!(most.body["tagRules"], json!(rules(100)), "a list keeps its order");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused() {
    let app = TestApp::start().await;
    let json: &[(&str, &str)] = &[("content-type", "application/json")];
    for malformed in ["", "{\"region\":\"GB\"", "{\"region\":\"GB\",\"region\":\"IE\"}"] {
        let answer = app.admin().send("PUT", "customersettings", json, malformed.into()).await;
        answer.assert_problem(400, "malformed_json");
    }
    let answer = app.admin().send("PUT", "customersettings", &[("content-type", "text/json")], b"{}".to_vec()).await;
    answer.assert_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn only_an_admin_of_the_tenant_may_replace_settings() {
    let app = TestApp::start().await;
    let mut closed = strangers(&app, "somebody");
    closed.extend([app.app("city"), app.passenger("somebody"), app.operator(), app.staff("demo", "integration")]);
    let own = closed.split_off(5);
    let body = json!({ "region": "GB" });
    assert_forbidden(&app, closed, "PUT", ["customersettings", "/client/unknown/customersettings"], &body).await;
    assert_forbidden(&app, own, "PUT", ["customersettings", "/client/demo2/customersettings"], &body).await;
    assert_settings(&app.operator().get("customersettings").await, &defaults());
    assert_eq!(app.admin().put("customersettings", body).await.body["region"], "GB");
}
