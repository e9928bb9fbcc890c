//! createCustomer

use api_tests::{NOW, TestApp};
use serde_json::json;
use tokio::task::JoinSet;

use crate::stored;

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
            "block": null,
            "phoneVerifiedDate": null,
        "ownerSince": null,
            "createdDate": NOW,
            "createdBy": { "role": "operator", "subject": null },
            "updatedDate": NOW,
            "updatedBy": { "role": "operator", "subject": null },
            "version": 1,
        })
    );
}

#[tokio::test]
async fn a_known_phone_matches_and_the_body_is_ignored() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let answer = app.operator().post("customer", json!({ "phone": "+353 (0)87 123 4567", "firstName": "Other" })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("customer-match").as_deref(), Some("matched"));
    assert_eq!(answer.header("location"), None);
    assert_eq!(answer.body, created);
}

#[tokio::test]
async fn one_request_can_set_every_field() {
    let app = TestApp::start().await;
    let body = json!({
        "phone": "+44 20 7946 0018",
        "email": " Aoife@Example.IE ",
        "firstName": "Zoe\u{308}",
        "lastName": "Ní Bhriain",
        "defaultAccount": { "id": "acme" },
        "defaultBrand": { "id": "city" },
        "password": "correct horse",
        "priority": 45,
        "minPriority": 70,
        "loyaltyMiles": 1200,
        "rating": -5,
        "driverNote": "Rings\ntwice",
        "managementNote": "Pays late",
        "active": false,
        "tags": ["late payer", "Late Payer"],
        "accounts": [{ "id": "globex" }],
        "accountDepartments": [{ "id": "sales" }, { "id": "legal" }],
        "brands": [{ "id": "night" }],
        "clientCapabilities": [{ "id": "wheelchair" }],
    });
    let answer = app.operator().post("customer", body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.body["id"].as_str().unwrap();
    let expected = json!({
        "id": id,
        "phone": "+442079460018",
        "email": "Aoife@Example.IE",
        "firstName": "Zo\u{eb}",
        "lastName": "Ní Bhriain",
        "defaultAccount": { "id": "acme" },
        "defaultBrand": { "id": "city" },
        "accounts": [{ "id": "acme" }, { "id": "globex" }],
        "accountDepartments": [{ "id": "legal" }, { "id": "sales" }],
        "brands": [{ "id": "city" }, { "id": "night" }],
        "clientCapabilities": [{ "id": "wheelchair" }],
        "tags": ["LATE PAYER"],
        "priority": 45,
        "priorityType": "GOLD",
        "priorityReason": "ASSIGNED",
        "assignedPriority": 45,
        "minPriority": 70,
        "loyaltyMiles": 1200,
        "rating": -5,
        "driverNote": "Rings\ntwice",
        "managementNote": "Pays late",
        "active": false,
        "block": null,
        "phoneVerifiedDate": null,
        "ownerSince": null,
        "createdDate": NOW,
            "createdBy": { "role": "operator", "subject": null },
        "updatedDate": NOW,
            "updatedBy": { "role": "operator", "subject": null },
        "version": 1,
    });
    assert_eq!(answer.body, expected);
    assert_eq!(app.operator().get(&format!("customer/{id}")).await.body, expected, "it was not stored as shown");
    assert!(stored::hash(&app, id).await.unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn null_and_omitted_fields_are_the_same_in_a_create() {
    let app = TestApp::start().await;
    let fields = [
        "email",
        "firstName",
        "lastName",
        "defaultAccount",
        "defaultBrand",
        "password",
        "priority",
        "minPriority",
        "loyaltyMiles",
        "rating",
        "driverNote",
        "managementNote",
        "active",
        "tags",
        "accounts",
        "accountDepartments",
        "brands",
        "clientCapabilities",
    ];
    let mut body = json!({ "phone": "0871234567" });
    for field in fields {
        body[field] = json!(null);
    }
    let with_nulls = app.operator().post("customer", body).await;
    assert_eq!(with_nulls.status, 201, "{with_nulls:?}");
    let mut without = app.operator().register("0861234567").await;
    without["id"] = with_nulls.body["id"].clone();
    without["phone"] = with_nulls.body["phone"].clone();
    assert_eq!(with_nulls.body, without);
}

#[tokio::test]
async fn all_spellings_of_a_number_are_one_customer() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    for phone in
        ["087 123 4567", "00353871234567", "+353 87 123 4567", "(087) 123-4567", "tel:+353-87-123-4567", "٠٨٧١٢٣٤٥٦٧"]
    {
        let answer = app.operator().post("customer", json!({ "phone": phone })).await;
        assert_eq!((answer.status, &answer.body), (200, &created), "{phone}");
    }
    assert_eq!(stored::assert_guarded(&app).await, ["+353871234567"]);
}

#[tokio::test]
async fn an_invalid_phone_is_refused_and_creates_no_customer() {
    let app = TestApp::start().await;
    let cases = [
        (json!({}), "required"),
        (json!({ "phone": null }), "not_clearable"),
        (json!({ "phone": 871_234_567 }), "wrong_type"),
        (json!({ "phone": "" }), "empty"),
        (json!({ "phone": "087 123" }), "phone_too_short"),
        (json!({ "phone": "087 123 4567 8901" }), "phone_too_long"),
        (json!({ "phone": "0871234567 / 0861234567" }), "phone_two_numbers"),
        (json!({ "phone": "Aoife 0871234567" }), "phone_letters"),
        (json!({ "phone": "Anonymous" }), "phone_withheld"),
        (json!({ "phone": "0871234567 ext. 5" }), "phone_extension"),
        (json!({ "phone": "0".repeat(257) }), "too_long"),
    ];
    for (body, code) in cases {
        let answer = app.operator().post("customer", body.clone()).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.errors(), [("/phone".into(), code.into())], "{body}");
    }
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn a_national_number_belongs_to_the_tenants_region() {
    let app = TestApp::start().await;
    let settings = app.admin().put("customersettings", json!({ "region": "GB" })).await;
    assert_eq!(settings.status, 200, "{settings:?}");
    assert_eq!(app.operator().register("07400 123456").await["phone"], "+447400123456");
    let irish = app.staff("dublin", "operator").post("/client/dublin/customer", json!({ "phone": "0871234567" })).await;
    assert_eq!(irish.body["phone"], "+353871234567", "another tenant keeps the default region");
}

#[tokio::test]
async fn an_inactive_customer_matches_and_is_shown_as_inactive() {
    let app = TestApp::start().await;
    let body = json!({ "phone": "0871234567", "active": false });
    let created = app.operator().post("customer", body).await.body;
    let matched = app.operator().post("customer", json!({ "phone": "0871234567", "active": true })).await;
    assert_eq!((matched.status, &matched.body), (200, &created));
    assert_eq!(matched.body["active"], false);
}

#[tokio::test]
async fn create_only_refuses_a_known_phone() {
    let app = TestApp::start().await;
    let only = [("if-none-match", "*")];
    let body = json!({ "phone": "0871234567", "firstName": "Aoife" });
    let created = app.operator().post_with("customer", &only, body.clone()).await;
    assert_eq!(created.status, 201, "{created:?}");
    app.operator().post_with("customer", &only, body.clone()).await.assert_problem(412, "precondition_failed");
}

#[tokio::test]
async fn an_if_none_match_other_than_a_star_is_refused() {
    let app = TestApp::start().await;
    let known = app.operator().register("0871234567").await;
    for condition in ["", "1", "'*'", "\"*\"", "**", "*, \"1\"", "\"1\"", "W/\"1\"", &"*".repeat(4001)] {
        for phone in ["0871234567", "0861234567"] {
            let answer =
                app.operator().post_with("customer", &[("if-none-match", condition)], json!({ "phone": phone })).await;
            answer.assert_problem(422, "validation_failed");
            assert_eq!(answer.body["errors"][0]["parameter"], "If-None-Match", "{answer:?}");
            assert_eq!(answer.body["errors"][0]["code"], "invalid_condition", "{answer:?}");
        }
    }
    assert_eq!(app.operator().get("customer/phone?phone=0871234567").await.body, known);
    assert_eq!(stored::assert_guarded(&app).await, ["+353871234567"]);
}

/// E.164, 6.2.1, allows 15 digits. Germany's own plan has longer numbers. Iran has the shortest numbers in the world.
#[tokio::test]
async fn a_phone_has_no_more_digits_than_e164_allows() {
    let app = TestApp::start().await;
    for (phone, status) in [("+989601", 201), ("+49 30 12345678901", 201), ("+49 30 123456789012", 422)] {
        let answer = app.operator().post("customer", json!({ "phone": phone })).await;
        assert_eq!(answer.status, status, "{phone}: {answer:?}");
        let found = app
            .operator()
            .get(&format!("customer/phone?phone={}", phone.replace('+', "%2B").replace(' ', "%20")))
            .await;
        assert_eq!(found.status, if status == 201 { 200 } else { 422 }, "{phone}: {found:?}");
    }
}

#[tokio::test]
async fn the_same_phone_in_two_tenants_is_two_customers() {
    let app = TestApp::start().await;
    let ours = app.operator().register("0871234567").await;
    let theirs = app.staff("other", "operator").post("/client/other/customer", json!({ "phone": "0871234567" })).await;
    assert_eq!(theirs.status, 201, "{theirs:?}");
    assert_ne!(ours["id"], theirs.body["id"]);
    assert_eq!(stored::assert_guarded(&app).await, ["+353871234567", "+353871234567"]);
}

#[tokio::test]
async fn more_links_or_tags_than_a_customer_can_have_are_refused() {
    let app = TestApp::start().await;
    let ids = |n: usize| (0..n).map(|n| json!({ "id": format!("x{n}") })).collect::<Vec<_>>();
    let tags = |n: usize| (0..n).map(|n| format!("tag {n}")).collect::<Vec<_>>();
    let full = json!({
        "phone": "0871234567",
        "tags": tags(50),
        "accounts": ids(100),
        "accountDepartments": ids(100),
        "brands": ids(100),
        "clientCapabilities": ids(100),
        "defaultAccount": { "id": "x99" },
    });
    let created = app.operator().post("customer", full).await;
    assert_eq!((created.status, created.body["brands"].as_array().unwrap().len()), (201, 100));

    let body = json!({
        "phone": "0861234567",
        "tags": tags(51),
        "accounts": ids(100),
        "defaultAccount": { "id": "one-more" },
        "accountDepartments": ids(101),
        "brands": ids(101),
        "clientCapabilities": ids(101),
    });
    let refused = app.operator().post("customer", body).await;
    refused.assert_problem(422, "validation_failed");
    let pointers = ["/accountDepartments", "/accounts", "/brands", "/clientCapabilities", "/tags"];
    assert_eq!(refused.errors(), pointers.map(|pointer| (pointer.to_owned(), "too_many".to_owned())));
}

#[tokio::test]
async fn two_hundred_creates_of_one_phone_at_once_make_one_customer() {
    let app = TestApp::start().await;
    let gateways = [app.another_gateway(), app.another_gateway()];
    let mut racers = JoinSet::new();
    for n in 0..200 {
        let operator = app.operator().through(gateways[n % 2].clone());
        racers.spawn(async move { operator.post("customer", json!({ "phone": "0871234567", "rating": n })).await });
    }
    let answers = racers.join_all().await;
    let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    let [created] = created.as_slice() else { panic!("{} creations", created.len()) };
    for answer in &answers {
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        assert_eq!(answer.body, created.body);
    }
    assert_eq!(stored::assert_guarded(&app).await, ["+353871234567"]);
}
