//! updateCustomer with a new phone.

use std::collections::HashSet;

use api_tests::{Session, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::stored;

async fn find(operator: &Session, phone: &str) -> (u16, Value) {
    let answer = operator.get(&format!("customer/phone?phone={phone}")).await;
    (answer.status, answer.body)
}

fn path_of(customer: &Value) -> String {
    format!("customer/{}", customer["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn the_guard_and_the_index_move_with_the_phone() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let mut expected = operator.post("customer", json!({ "phone": "0871234567", "rating": 7 })).await.body;
    let path = path_of(&expected);
    let address = json!({ "address": "1 Main St", "latitude": 53.35, "longitude": -6.26 });
    assert_eq!(operator.post(&format!("{path}/addresses"), address).await.status, 201);
    let addresses = operator.get(&format!("{path}/addresses")).await.body;

    app.pass(5);
    let moved = operator.post(&path, json!({ "phone": "086 123 4567", "firstName": "Aoife" })).await;
    expected["phone"] = json!("+353861234567");
    expected["firstName"] = json!("Aoife");
    expected["version"] = json!(2);
    expected["updatedDate"] = json!(expected["createdDate"].as_i64().unwrap() + 5);
    assert_eq!((moved.status, &moved.body), (200, &expected), "{moved:?}");
    assert_eq!(operator.get(&path).await.body, expected, "it was not stored as shown");

    assert_eq!(find(&operator, "0861234567").await, (200, expected.clone()));
    assert_eq!(find(&operator, "0871234567").await.0, 404);
    assert_eq!(operator.get(&format!("{path}/addresses")).await.body, addresses);
    assert_eq!(stored::assert_guarded(&app).await, ["+353861234567"]);
    let matched = operator.post("customer", json!({ "phone": "0861234567" })).await;
    assert_eq!((matched.status, matched.body), (200, expected));
}

#[tokio::test]
async fn the_old_number_is_free_for_a_new_customer() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let first = operator.post("customer", json!({ "phone": "0871234567", "accounts": [{ "id": "acme" }] })).await.body;
    operator.post(&path_of(&first), json!({ "phone": "0861234567" })).await;
    let second = operator.register("0871234567").await;
    assert_ne!(second["id"], first["id"]);
    assert_eq!(second["accounts"], json!([]));
    assert_eq!(find(&operator, "0871234567").await, (200, second));
}

#[tokio::test]
async fn a_new_number_clears_the_verification_date_and_the_password() {
    let app = TestApp::start().await;
    let body = json!({ "phone": "0871234567", "password": "correct horse" });
    let created = app.operator().post("customer", body).await.body;
    let id = created["id"].as_str().unwrap();
    // The state that a future login will create.
    let mut verified = stored::profile(&app, id).await;
    verified.insert("phoneVerifiedDate".into(), AttributeValue::N("1780000000".into()));
    stored::put(&app, verified).await;
    assert_eq!(app.operator().get(&path_of(&created)).await.body["phoneVerifiedDate"], 1_780_000_000);

    let same = app.operator().post(&path_of(&created), json!({ "phone": "+353871234567", "rating": 1 })).await.body;
    assert_eq!(same["phoneVerifiedDate"], 1_780_000_000, "the number did not change");
    assert!(stored::hash(&app, id).await.is_some());

    let moved = app.operator().post(&path_of(&created), json!({ "phone": "0861234567", "rating": 2 })).await.body;
    assert_eq!(moved["phoneVerifiedDate"], Value::Null);
    let after = stored::profile(&app, id).await;
    assert!(!after.contains_key("phoneVerifiedDate"), "{after:?}");
    assert_eq!(stored::hash(&app, id).await, None);
}

#[tokio::test]
async fn a_password_in_the_same_request_is_kept() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let body = json!({ "phone": "0861234567", "password": "correct horse" });
    assert_eq!(app.operator().post(&path_of(&created), body).await.status, 200);
    let hash = stored::hash(&app, created["id"].as_str().unwrap()).await;
    assert!(hash.unwrap().starts_with("$argon2id$"));
}

#[tokio::test]
async fn every_other_field_can_change_with_the_number() {
    let app = TestApp::start().await;
    let before = json!({
        "phone": "0871234567", "email": "a@b.ie", "firstName": "Aoife", "minPriority": 50, "driverNote": "Rings",
        "defaultBrand": { "id": "city" }, "brands": [{ "id": "night" }], "tags": ["regular"],
    });
    let mut expected = app.operator().post("customer", before).await.body;
    let change = json!({
        "phone": "0861234567", "email": null, "lastName": "Byrne", "minPriority": null, "driverNote": "Knocks",
        "priority": 20, "loyaltyMiles": 5, "active": false, "defaultBrand": null, "defaultAccount": { "id": "acme" },
        "password": null,
    });
    let answer = app.operator().post(&path_of(&expected), change).await;
    let after = json!({
        "phone": "+353861234567", "email": null, "lastName": "Byrne", "minPriority": null, "driverNote": "Knocks",
        "priority": 20, "assignedPriority": 20, "priorityType": "ELITE", "priorityReason": "ASSIGNED", "loyaltyMiles": 5, "active": false,
        "defaultBrand": null, "defaultAccount": { "id": "acme" }, "accounts": [{ "id": "acme" }], "version": 2,
    });
    expected.as_object_mut().unwrap().extend(after.as_object().unwrap().clone());
    assert_eq!((answer.status, &answer.body), (200, &expected), "{answer:?}");
    assert_eq!(app.operator().get(&path_of(&expected)).await.body, expected, "it was not stored as shown");
}

#[tokio::test]
async fn another_customers_number_is_409_and_nothing_is_written() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let first = operator.register("0871234567").await;
    operator.register("0861234567").await;
    let before = stored::items(&app).await;
    for headers in [&[][..], &[("if-match", "\"1\"")]] {
        let body = json!({ "phone": "0861234567", "firstName": "Aoife" });
        operator.post_with(&path_of(&first), headers, body).await.assert_problem(409, "phone_taken");
    }
    assert_eq!(stored::items(&app).await, before);

    // A customer of another tenant with the same number does not conflict.
    let other = app.staff("other", "operator");
    assert_eq!(other.post("/client/other/customer", json!({ "phone": "0851234567" })).await.status, 201);
    assert_eq!(operator.post(&path_of(&first), json!({ "phone": "0851234567" })).await.status, 200);
}

#[tokio::test]
async fn of_concurrent_updates_to_one_number_one_succeeds() {
    let app = TestApp::start().await;
    let mut updates = JoinSet::new();
    for n in 0..20 {
        let operator = app.operator();
        let path = path_of(&operator.register(&format!("08712345{n:02}")).await);
        updates.spawn(async move { operator.post(&path, json!({ "phone": "0861234567" })).await.status });
    }
    let mut statuses = updates.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![409; 19]].concat());
    let phones = stored::assert_guarded(&app).await;
    assert_eq!(phones.iter().collect::<HashSet<_>>().len(), 20);
}

#[tokio::test]
async fn every_customer_has_its_guard_after_any_changes_of_numbers() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let numbers: Vec<_> = (0..6).map(|n| format!("+35387123450{n}")).collect();
    let mut paths = Vec::new();
    for number in &numbers[..4] {
        paths.push(path_of(&operator.register(number).await));
    }
    let mut work = JoinSet::new();
    for worker in 0..8_usize {
        let (operator, numbers, paths) = (operator.clone(), numbers.clone(), paths.clone());
        work.spawn(async move {
            let mut moved = 0;
            for step in 0..12_usize {
                let number = &numbers[(worker * 5 + step * 7) % numbers.len()];
                let path = &paths[(worker + step) % paths.len()];
                let answer = match (worker, step % 4) {
                    (0, 3) => operator.delete(path).await,
                    (1, 3) => operator.post("customer", json!({ "phone": number })).await,
                    _ => operator.post(path, json!({ "phone": number })).await,
                };
                assert!(matches!(answer.status, 200 | 201 | 204 | 404 | 409), "{answer:?}");
                assert!(!matches!(answer.status, 200 | 201) || answer.body["phone"] == *number, "{answer:?}");
                moved += usize::from(answer.status == 200);
            }
            moved
        });
    }
    let moved: usize = work.join_all().await.into_iter().sum();
    assert!(moved > 0, "nothing moved, so nothing was tested");
    let phones = stored::assert_guarded(&app).await;
    assert_eq!(phones.iter().collect::<HashSet<_>>().len(), phones.len(), "two customers have one number: {phones:?}");
    for number in &numbers {
        let (status, found) = find(&operator, &number.replace('+', "%2B")).await;
        assert_eq!(status == 200, phones.contains(number), "{number}");
        assert!(status == 404 || found["phone"] == *number);
    }
}

#[tokio::test]
async fn two_customers_who_swap_numbers_never_share_one() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let (one, two) = (operator.register("0871234567").await, operator.register("0861234567").await);
    let mut trades = JoinSet::new();
    for (path, numbers) in [
        (path_of(&one), ["0851234567", "0861234567", "0871234567"]),
        (path_of(&two), ["0871234567", "0851234567", "0861234567"]),
    ] {
        let operator = operator.clone();
        trades.spawn(async move {
            for number in numbers.iter().cycle().take(30) {
                let answer = operator.post(&path, json!({ "phone": number })).await;
                assert!(matches!(answer.status, 200 | 409), "{answer:?}");
            }
        });
    }
    trades.join_all().await;
    let phones = stored::assert_guarded(&app).await;
    assert_eq!(phones.len(), 2);
    assert_ne!(phones[0], phones[1]);
}
