//! blockCustomer and unblockCustomer, and what a block and `active: false` mean for the passenger.

use api_tests::{NOW, Session, TENANT, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::operations;
use crate::place::{at, save_new};
use crate::record::id_of;
use crate::roles::is_open;
use crate::stored;

fn path_of(id: &str) -> String {
    format!("customer/{id}/block")
}

async fn epoch(app: &TestApp, id: &str) -> u64 {
    let stored = stored::profile(app, id).await;
    stored.get("sessionEpoch").map_or(0, |epoch| epoch.as_n().unwrap().parse().unwrap())
}

async fn put_with(caller: &Session, id: &str, tags: &str, body: &Value) -> api_tests::Answer {
    let headers = [("content-type", "application/json"), ("if-match", tags)];
    caller.send("PUT", &path_of(id), &headers, body.to_string().into_bytes()).await
}

#[tokio::test]
async fn every_response_shows_the_office_the_block() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let created = operator.post("brand/city/customer", json!({ "phone": "0871234567" })).await.body;
    assert_eq!(created["block"], Value::Null);
    let id = id_of(&created);
    let body = json!({ "level": "refuse", "reason": " Damaged a car\r\nand left ", "untilDate": NOW + 60 });
    let block = json!({
        "level": "refuse", "reason": "Damaged a car\nand left", "untilDate": NOW + 60, "blockedDate": NOW,
    });
    let blocked = operator.put(&path_of(id), body).await;
    assert_eq!((blocked.status, &blocked.body["block"], &blocked.body["version"]), (200, &block, &json!(2)));
    for read in
        [format!("customer/{id}"), format!("brand/city/customer/{id}"), "customer/phone?phone=0871234567".into()]
    {
        assert_eq!(operator.get(&read).await.body, blocked.body, "{read}");
    }
    let matched = operator.post("brand/city/customer", json!({ "phone": "0871234567" })).await;
    assert_eq!((matched.status, matched.body), (200, blocked.body));
    // A new phone does not change it, because it belongs to the person.
    let moved = operator.post(&format!("customer/{id}"), json!({ "phone": "0861234567" })).await;
    assert_eq!(moved.body["block"], block);

    let unblocked = operator.delete(&path_of(id)).await;
    assert_eq!(
        (unblocked.status, &unblocked.body["block"], &unblocked.body["version"]),
        (200, &Value::Null, &json!(4))
    );
    let stored = stored::profile(&app, id).await;
    assert!(!stored.contains_key("block") && !stored.contains_key("blockedDate"), "{stored:?}");
}

#[tokio::test]
async fn a_repeat_changes_nothing_and_a_change_keeps_the_date() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let id = operator.register_id("0871234567").await;
    let first = json!({ "level": "refuse", "reason": "Damage" });
    assert_eq!(operator.put(&path_of(&id), first.clone()).await.status, 200);
    let before = stored::items(&app).await;
    app.pass(10);
    for body in [first, json!({ "level": "refuse", "reason": "Damage ", "untilDate": null })] {
        let again = operator.put(&path_of(&id), body).await;
        assert_eq!((again.status, &again.body["version"]), (200, &json!(2)), "{again:?}");
    }
    assert_eq!(stored::items(&app).await, before);
    for (n, body) in [
        json!({ "level": "warn", "reason": "Damage" }),
        json!({ "level": "warn", "reason": "Damage", "untilDate": NOW + 100 }),
        json!({ "level": "warn", "reason": "Paid for it", "untilDate": NOW + 100 }),
        json!({ "level": "refuse", "reason": "Damage" }),
    ]
    .into_iter()
    .enumerate()
    {
        let changed = operator.put(&path_of(&id), body.clone()).await;
        let mut expected = body;
        expected["blockedDate"] = json!(NOW);
        expected["untilDate"] = expected["untilDate"].take();
        assert_eq!((&changed.body["block"], &changed.body["version"]), (&expected, &json!(3 + n)), "{changed:?}");
    }
    let (gone, again) = (operator.delete(&path_of(&id)).await, operator.delete(&path_of(&id)).await);
    assert_eq!((again.status, &again.body), (200, &gone.body));
}

#[tokio::test]
async fn a_block_ends_at_its_second() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let id = operator.register_id("0871234567").await;
    let body = |until: i64| json!({ "level": "refuse", "reason": "Damage", "untilDate": until });
    operator.put(&path_of(&id), body(NOW + 10)).await;
    let (record, passenger) = (format!("customer/{id}"), app.passenger(&id));
    app.pass(9);
    assert_eq!(operator.get(&record).await.body["block"]["level"], "refuse");
    passenger.get(&record).await.assert_problem(403, "customer_blocked");
    app.pass(1);
    assert_eq!(operator.get(&record).await.body["block"], Value::Null);
    assert_eq!(passenger.get(&record).await.status, 200);
    // Nothing is in force, so there is nothing to remove.
    let unblocked = operator.delete(&path_of(&id)).await;
    assert_eq!((unblocked.status, &unblocked.body["version"]), (200, &json!(2)));
    // The next block is a new one.
    let again = operator.put(&path_of(&id), body(NOW + 20)).await;
    assert_eq!((&again.body["block"]["blockedDate"], &again.body["version"]), (&json!(NOW + 10), &json!(3)));
    assert_eq!(epoch(&app, &id).await, 2);
}

#[tokio::test]
async fn an_invalid_block_is_422_and_nothing_is_written() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let before = stored::items(&app).await;
    let required = |name: &str| (format!("/{name}"), "required".to_owned());
    let valid = |changed: Value| {
        let mut body = json!({ "level": "warn", "reason": "Damage" });
        body.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        body
    };
    for (body, errors) in [
        (json!({}), vec![required("level"), required("reason")]),
        (valid(json!({ "level": "refused" })), vec![("/level".into(), "wrong_type".into())]),
        (valid(json!({ "level": null })), vec![("/level".into(), "wrong_type".into())]),
        (valid(json!({ "reason": " " })), vec![("/reason".into(), "empty".into())]),
        (valid(json!({ "reason": "é".repeat(501) })), vec![("/reason".into(), "too_long".into())]),
        (valid(json!({ "untilDate": NOW })), vec![("/untilDate".into(), "out_of_range".into())]),
        (valid(json!({ "untilDate": NOW - 1 })), vec![("/untilDate".into(), "out_of_range".into())]),
        (valid(json!({ "untilDate": "2030-01-01" })), vec![("/untilDate".into(), "wrong_type".into())]),
        (valid(json!({ "blockedDate": 1 })), vec![("/blockedDate".into(), "unknown_field".into())]),
    ] {
        let answer = app.operator().put(&path_of(&id), body.clone()).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.errors(), errors, "{body}");
    }
    assert_eq!(stored::items(&app).await, before);
    let longest = valid(json!({ "reason": "é".repeat(500), "untilDate": NOW + 1 }));
    assert_eq!(app.operator().put(&path_of(&id), longest).await.status, 200);
    let in_an_update = app.operator().post(&format!("customer/{id}"), json!({ "block": null })).await;
    in_an_update.assert_problem(422, "not_writable");
}

#[tokio::test]
async fn a_stale_precondition_fails_unless_nothing_changes() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let id = operator.register_id("0871234567").await;
    let block = json!({ "level": "warn", "reason": "Damage", "untilDate": NOW + 10 });
    put_with(&operator, &id, "\"7\"", &block).await.assert_problem(412, "precondition_failed");
    assert_eq!(put_with(&operator, &id, "\"7\", \"1\"", &block).await.status, 200);
    assert_eq!(put_with(&operator, &id, "\"1\"", &block).await.status, 200, "the retry of a success");
    let other = json!({ "level": "refuse", "reason": "Damage" });
    put_with(&operator, &id, "\"1\"", &other).await.assert_problem(412, "precondition_failed");
    let stale = [("if-match", "\"1\"")];
    operator.send("DELETE", &path_of(&id), &stale, Vec::new()).await.assert_problem(412, "precondition_failed");
    app.pass(10);
    put_with(&operator, &id, "\"1\"", &other).await.assert_problem(412, "precondition_failed");
    assert_eq!(operator.send("DELETE", &path_of(&id), &stale, Vec::new()).await.status, 200, "it has expired");
    assert_eq!(put_with(&operator, &id, "*", &other).await.body["version"], 3);
    for (method, id) in [("PUT", "unknown"), ("DELETE", "unknown")] {
        let json = [("content-type", "application/json")];
        let unknown = operator.send(method, &path_of(id), &json, other.to_string().into_bytes()).await;
        unknown.assert_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_refusal_ends_every_session_and_a_warning_none() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let (record, session) = (format!("customer/{id}"), app.passenger_in(&id, "s1", 0));
    app.operator().put(&path_of(&id), json!({ "level": "warn", "reason": "Late" })).await;
    assert_eq!((session.get(&record).await.status, epoch(&app, &id).await), (200, 0));
    app.operator().put(&path_of(&id), json!({ "level": "refuse", "reason": "Late" })).await;
    session.get(&record).await.assert_problem(401, "session_ended");
    assert_eq!(epoch(&app, &id).await, 1);
    // The sessions that it ended do not come back.
    app.operator().delete(&path_of(&id)).await;
    session.get(&record).await.assert_problem(401, "session_ended");
}

#[tokio::test]
async fn a_closed_record_is_403_on_every_operation_of_a_passenger_without_a_session() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let created = operator.post("brand/city/customer", json!({ "phone": "0871234567" })).await.body;
    let (id, passenger) = (id_of(&created), app.passenger(id_of(&created)));
    save_new(&operator, id, at(1.0, 1.0)).await;
    let all = operations::all();
    let of_passengers: Vec<_> = all.iter().filter(|operation| is_open("passenger", operation.name)).collect();
    let reason = "Sharp practice";
    for (block, active, code) in [
        (json!({ "level": "refuse", "reason": reason }), true, "customer_blocked"),
        (json!({ "level": "refuse", "reason": reason }), false, "customer_blocked"),
        (json!({ "level": "refuse", "reason": reason, "untilDate": NOW + 1 }), true, "customer_blocked"),
        (json!({ "level": "warn", "reason": reason }), false, "customer_inactive"),
    ] {
        operator.put(&path_of(id), block.clone()).await;
        operator.post(&format!("customer/{id}"), json!({ "active": active })).await;
        let before = stored::items(&app).await;
        app.wire.take_calls();
        for operation in &of_passengers {
            let answer = operation.call(&passenger, TENANT, id, "city").await;
            assert_eq!((answer.status, answer.code()), (403, code), "{} {block}", operation.name);
            assert!(!String::from_utf8_lossy(&answer.bytes).contains("practice"), "{answer:?}");
            assert_eq!(app.wire.take_calls().len(), 1, "{}", operation.name);
        }
        assert_eq!(stored::items(&app).await, before, "{block}");
    }
    // A warning is not shown to the passenger either.
    operator.post(&format!("customer/{id}"), json!({ "active": true })).await;
    for operation in &of_passengers {
        let answer = operation.call(&passenger, TENANT, id, "city").await;
        assert!(matches!(answer.status, 200 | 201 | 204), "{}: {answer:?}", operation.name);
        let shown = String::from_utf8_lossy(&answer.bytes);
        assert!(!shown.contains("practice") && !shown.contains("block"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_record_that_is_closed_during_a_write_is_not_written() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let passenger = app.passenger(&id);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let block = AttributeValue::M([("level".to_owned(), text("refuse")), ("reason".to_owned(), text("Late"))].into());
    for (name, value, code) in
        [("active", AttributeValue::Bool(false), "customer_inactive"), ("block", block, "customer_blocked")]
    {
        let before = stored::items(&app).await.len();
        let mut closed = stored::profile(&app, &id).await;
        closed.insert(name.to_owned(), value);
        closed.insert("blockedDate".to_owned(), AttributeValue::N(NOW.to_string()));
        let closing = app.dynamodb.put_item().table_name(app.table()).set_item(Some(closed));
        // The request has read the record when its transaction arrives.
        app.wire.before("TransactWriteItems", async { _ = closing.send().await.expect("closed") });
        passenger.post(&format!("customer/{id}/addresses"), at(1.0, 1.0)).await.assert_problem(403, code);
        assert_eq!(stored::items(&app).await.len(), before);
        app.operator().post(&format!("customer/{id}"), json!({ "active": true })).await;
    }
}

#[tokio::test]
async fn blocks_at_once_leave_one_of_them() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    let blocks = (0..10).map(|n| {
        let (operator, path) = (app.operator(), path_of(&id));
        async move { operator.put(&path, json!({ "level": "refuse", "reason": format!("Reason {n}") })).await }
    });
    for answer in futures_util::future::join_all(blocks).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let record = app.operator().get(&format!("customer/{id}")).await.body;
    assert_eq!((&record["version"], &record["block"]["blockedDate"]), (&json!(11), &json!(NOW)));
    assert_eq!(epoch(&app, &id).await, 10);
}
