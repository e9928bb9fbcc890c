//! `If-Match` and `If-None-Match` on every operation. They are evaluated or refused, but never ignored.

use std::collections::BTreeSet;

use api_tests::{Fault, TestApp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::operations::{self, Declared};
use crate::place::{addresses_of, at, save_new};
use crate::record::id_of;
use crate::stored;

/// A customer at version 2 with one link of each kind, a tag and an address, so that every write can change something.
struct Fixture {
    app: TestApp,
    id: String,
    address: String,
}

impl Fixture {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let body = json!({
            "phone": "0871234567",
            "tags": ["OLD"],
            "accounts": [{ "id": "old" }],
            "defaultAccount": { "id": "main" },
            "accountDepartments": [{ "id": "old" }],
            "brands": [{ "id": "old" }, { "id": "city" }],
            "clientCapabilities": [{ "id": "old" }],
        });
        let id = id_of(&app.operator().post("customer", body).await.body).to_owned();
        let address = id_of(&save_new(&app.operator(), &id, at(1.0, 1.0)).await).to_owned();
        assert_eq!(app.operator().post(&format!("customer/{id}"), json!({ "rating": 1 })).await.body["version"], 2);
        app.wire.take_calls();
        Self { app, id, address }
    }

    async fn send(&self, method: &str, path: &str, tag: &str, body: &Value) -> api_tests::Answer {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        self.app.operator().send(method, path, &headers, body.to_string().into_bytes()).await
    }

    /// Every kind of write to a customer. Each of them changes something.
    fn writes(&self) -> Vec<(&'static str, String, Value)> {
        let record = format!("customer/{}", self.id);
        let none = Value::Null;
        let mut writes = vec![
            ("POST", record.clone(), json!({ "firstName": "Aoife" })),
            ("POST", record.clone(), json!({ "phone": "0861234567" })),
            ("POST", record.clone(), json!({ "password": "correct horse" })),
            ("POST", format!("brand/city/{record}"), json!({ "lastName": "Byrne" })),
            ("POST", format!("{record}/addresses"), at(2.0, 2.0)),
            ("POST", format!("{record}/addresses"), json!({ "id": self.address, "label": "home" })),
            ("DELETE", format!("{record}/addresses/{}", self.address), none.clone()),
            ("DELETE", format!("{record}/account/main"), none.clone()),
        ];
        for segment in ["account", "accountdepartment", "brand", "clientcapability", "tag"] {
            writes.push(("POST", format!("{record}/{segment}/new"), none.clone()));
            writes.push(("DELETE", format!("{record}/{segment}/old"), none.clone()));
        }
        writes.push(("DELETE", record, none));
        writes
    }
}

/// Whether the reference says that an operation evaluates `If-Match` and `If-None-Match`.
fn documented(name: &str) -> (bool, bool) {
    let document = local::openapi::document();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let operation = operations.clone().find(|operation| operation["operationId"] == name).unwrap();
    let parameters = operation["parameters"].as_array().unwrap();
    let has = |header: &str| parameters.iter().any(|parameter| parameter["name"] == header);
    (has("If-Match"), has("If-None-Match"))
}

#[test]
fn every_write_to_a_customer_evaluates_if_match_and_every_create_if_none_match() {
    for Declared { name, method, .. } in operations::all() {
        let is_create = name.starts_with("create");
        let is_write = method != http::Method::GET && !name.contains("Settings") && !is_create;
        assert_eq!(documented(name), (is_write, is_create), "{name}");
    }
}

#[tokio::test]
async fn a_condition_that_an_operation_does_not_evaluate_is_refused_before_anything_is_read() {
    let Fixture { app, id, .. } = Fixture::start().await;
    let admin = app.admin();
    let mut refused = BTreeSet::new();
    for operation in operations::all() {
        let evaluated = documented(operation.name);
        for (header, is_evaluated) in [("If-Match", evaluated.0), ("If-None-Match", evaluated.1)] {
            if is_evaluated {
                continue;
            }
            let _ = app.wire.take_all_calls();
            for value in ["*", "\"1\"", "\"2\"", ""] {
                let path = operations::path(operation.template, |name| match name {
                    "clientId" => "demo",
                    "customerId" => &id,
                    "brandId" => "city",
                    _ => "x1",
                });
                let headers = [("content-type", "application/json"), (header, value)];
                let answer = admin.send(operation.method.as_str(), &path, &headers, operation.body()).await;
                answer.assert_problem(422, "validation_failed");
                assert_eq!(answer.errors(), [(header.to_owned(), "condition_not_supported".to_owned())]);
            }
            assert_eq!(app.wire.take_all_calls().len(), 0, "{}", operation.name);
            refused.insert((operation.name, header));
        }
    }
    assert_eq!(refused.len(), 2 * operations::all().len() - 19, "19 operations evaluate one of the two");
}

#[tokio::test]
async fn authorization_comes_before_conditions() {
    let Fixture { app, id, .. } = Fixture::start().await;
    let path = format!("customer/{id}");
    let answer = app.app("city").send("GET", &path, &[("if-match", "*")], Vec::new()).await;
    answer.assert_problem(403, "forbidden");
}

#[tokio::test]
async fn a_write_with_a_stale_tag_is_refused_and_writes_nothing() {
    let fixture = Fixture::start().await;
    let before = stored::items(&fixture.app).await;
    for (method, path, body) in fixture.writes() {
        for tag in ["\"1\"", "\"3\"", "W/\"2\"", "\"0\"", "\"nonsense\""] {
            let answer = fixture.send(method, &path, tag, &body).await;
            assert_eq!((answer.status, answer.code()), (412, "precondition_failed"), "{method} {path} {tag}");
        }
        for malformed in ["2", "", "nonsense"] {
            let answer = fixture.send(method, &path, malformed, &body).await;
            answer.assert_problem(422, "validation_failed");
            assert_eq!(answer.errors(), [("If-Match".to_owned(), "invalid_condition".to_owned())], "{method} {path}");
        }
        assert_eq!(stored::items(&fixture.app).await, before, "{method} {path}");
    }
}

#[tokio::test]
async fn a_condition_that_holds_costs_no_further_calls() {
    for n in 0..Fixture::start().await.writes().len() {
        let mut calls = BTreeSet::new();
        for tag in [None, Some("*"), Some("\"2\""), Some("\"1\", \"2\"")] {
            let fixture = Fixture::start().await;
            let before = stored::items(&fixture.app).await;
            let (method, path, body) = fixture.writes().swap_remove(n);
            let mut headers = vec![("content-type", "application/json")];
            headers.extend(tag.map(|tag| ("if-match", tag)));
            let answer = fixture.app.operator().send(method, &path, &headers, body.to_string().into_bytes()).await;
            assert!(matches!(answer.status, 200 | 201 | 204), "{method} {path} {tag:?}: {answer:?}");
            assert_ne!(stored::items(&fixture.app).await, before, "{method} {path} {tag:?}");
            calls.insert(fixture.app.wire.take_calls().into_iter().map(|call| call.operation).collect::<Vec<_>>());
        }
        assert_eq!(calls.len(), 1, "{calls:?}");
    }
}

#[tokio::test]
async fn a_retry_after_a_lost_response_succeeds() {
    let password = json!({ "password": "correct horse" });
    for n in 0..Fixture::start().await.writes().len() {
        let fixture = Fixture::start().await;
        let (method, path, body) = fixture.writes().swap_remove(n);
        let first = fixture.send(method, &path, "\"2\"", &body).await;
        let after = stored::items(&fixture.app).await;
        let again = fixture.send(method, &path, "\"2\"", &body).await;
        if body == password {
            // A salted hash cannot be compared with the stored one.
            again.assert_problem(412, "precondition_failed");
            continue;
        }
        let status = if first.status == 201 { 200 } else { first.status };
        assert_eq!((again.status, &again.body), (status, &first.body), "{method} {path}");
        assert_eq!(stored::items(&fixture.app).await, after, "{method} {path}");
    }
}

#[tokio::test]
async fn an_unknown_customer_is_404_with_any_condition_and_its_delete_succeeds() {
    let app = TestApp::start().await;
    for tag in ["*", "\"1\"", "\"nonsense\""] {
        for (method, path) in [
            ("POST", "customer/unknown/account/acme"),
            ("DELETE", "customer/unknown/account/acme"),
            ("POST", "customer/unknown/tag/vip"),
            ("DELETE", "customer/unknown/tag/vip"),
            ("DELETE", "customer/unknown/addresses/a1"),
        ] {
            let answer = app.operator().send(method, path, &[("if-match", tag)], Vec::new()).await;
            answer.assert_problem(404, "not_found");
        }
        let saved = app.operator().post_with(&addresses_of("unknown"), &[("if-match", tag)], at(1.0, 1.0)).await;
        saved.assert_problem(404, "not_found");
        let deleted = app.operator().send("DELETE", "customer/unknown", &[("if-match", tag)], Vec::new()).await;
        assert_eq!(deleted.status, 204, "{deleted:?}");
    }
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn a_stale_tag_comes_before_a_limit() {
    let app = TestApp::start().await;
    let links: Vec<_> = (0..100).map(|n| json!({ "id": format!("a{n}") })).collect();
    let full = app.operator().post("customer", json!({ "phone": "0871234567", "accounts": links })).await.body;
    let path = format!("customer/{}/account/one-more", id_of(&full));
    for (tag, status, code) in [("\"9\"", 412, "precondition_failed"), ("\"1\"", 409, "limit_reached")] {
        let answer = app.operator().send("POST", &path, &[("if-match", tag)], Vec::new()).await;
        answer.assert_problem(status, code);
    }
}

/// The version changes between the read and the write of an address save or a delete.
#[tokio::test]
async fn of_concurrent_writes_with_one_tag_only_one_changes_the_version() {
    let Fixture { app, id, .. } = Fixture::start().await;
    app.wire.let_transactions_conflict();
    let record = format!("customer/{id}");
    let mut writes = JoinSet::new();
    for n in 0..20 {
        let (operator, record) = (app.operator(), record.clone());
        let tag = [("if-match", "\"2\"")];
        writes.spawn(async move {
            match n % 4 {
                0 => operator.send("DELETE", &record, &tag, Vec::new()).await.status,
                1 => operator.send("POST", &format!("{record}/tag/t{n}"), &tag, Vec::new()).await.status,
                2 => operator.post_with(&record, &tag, json!({ "rating": n + 10 })).await.status,
                _ => operator.post_with(&record, &tag, json!({ "phone": "0861234567", "rating": n })).await.status,
            }
        });
    }
    let statuses = writes.join_all().await;
    let made = statuses.iter().filter(|status| **status == 200).count();
    let erased = statuses.contains(&204);
    // After the delete the other writes are 404, and further deletes are 204.
    assert!(statuses.iter().all(|status| matches!(status, 200 | 204 | 404 | 412)), "{statuses:?}");
    assert_eq!(made + usize::from(erased), 1, "{statuses:?}");
}

#[tokio::test]
async fn an_address_save_that_lost_a_race_evaluates_the_condition_again() {
    let Fixture { app, id, address } = Fixture::start().await;
    let tag = [("if-match", "\"2\"")];
    for reason in ["ConditionalCheckFailed", "TransactionConflict"] {
        app.wire.inject(Fault::cancellation(&[reason, "None"]));
        let body = json!({ "id": address, "label": reason });
        let answer = app.operator().post_with(&addresses_of(&id), &tag, body).await;
        assert_eq!((answer.status, app.wire.faults_left()), (200, 0), "{answer:?}");
    }
    let path = format!("customer/{id}");
    assert_eq!(app.operator().post(&path, json!({ "rating": 7 })).await.status, 200);
    let answer = app.operator().post_with(&addresses_of(&id), &tag, json!({ "id": address, "label": "late" })).await;
    answer.assert_problem(412, "precondition_failed");
    let writes = app.wire.take_calls();
    let written = writes.iter().filter(|call| call.operation == "TransactWriteItems");
    for call in written {
        let update = &call.request["TransactItems"][0]["Update"];
        let condition = update["ConditionExpression"].as_str().unwrap();
        let (_, version) = condition.split_once("#version = ").unwrap();
        assert_eq!(update["ExpressionAttributeValues"][version]["N"], "2", "{condition}");
    }
}
