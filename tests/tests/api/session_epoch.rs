//! Sessions end when the customer's record says so, at once and for no extra call.

use api_tests::{Session, TENANT, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::operations::{self, Declared};
use crate::place::{at, save_new};
use crate::roles::is_open;
use crate::stored;

/// Every operation that a passenger may call.
fn of_passengers() -> Vec<Declared> {
    operations::all().into_iter().filter(|operation| is_open("passenger", operation.name)).collect()
}

async fn customer_of_city(app: &TestApp) -> String {
    let created = app.operator().post("brand/city/customer", json!({ "phone": "0871234567" })).await;
    created.body["id"].as_str().unwrap().to_owned()
}

async fn epoch(app: &TestApp, id: &str) -> u64 {
    let stored = stored::profile(app, id).await;
    stored.get("sessionEpoch").map_or(0, |epoch| epoch.as_n().unwrap().parse().unwrap())
}

/// Ends every session of the customer except for `kept`, as the operations of sessions do.
async fn raise(app: &TestApp, id: &str, kept: Option<&str>) {
    let mut profile = stored::profile(app, id).await;
    let next = epoch(app, id).await + 1;
    profile.insert("sessionEpoch".to_owned(), AttributeValue::N(next.to_string()));
    profile.remove("epochSession");
    profile.extend(kept.map(|id| ("epochSession".to_owned(), AttributeValue::S(id.to_owned()))));
    stored::put(app, profile).await;
}

async fn call(operation: &Declared, caller: &Session, id: &str) -> api_tests::Answer {
    operation.call(caller, TENANT, id, "city").await
}

#[tokio::test]
async fn an_ended_session_is_401_on_every_operation_of_a_passenger() {
    let app = TestApp::start().await;
    let id = customer_of_city(&app).await;
    save_new(&app.operator(), &id, at(1.0, 1.0)).await;
    raise(&app, &id, None).await;
    let before = stored::items(&app).await;
    assert_eq!(of_passengers().len(), 8);
    for claimed in [0, 2] {
        let ended = app.passenger_in(&id, "s1", claimed);
        for operation in of_passengers() {
            let answer = call(&operation, &ended, &id).await;
            assert_eq!((answer.status, answer.code()), (401, "session_ended"), "{}", operation.name);
            // It does not tell whether the record is linked to the brand.
            let elsewhere = operation.call(&ended, TENANT, &id, "night").await;
            assert_eq!((elsewhere.status, elsewhere.code()), (401, "session_ended"), "{}", operation.name);
        }
        // Neither does it tell whether there is anything to change.
        for (path, body) in [(format!("customer/{id}"), json!({})), (format!("customer/{id}/addresses"), at(1.0, 1.0))]
        {
            ended.post(&path, body).await.assert_problem(401, "session_ended");
        }
    }
    assert_eq!(stored::items(&app).await, before);
}

#[tokio::test]
async fn a_session_of_the_current_epoch_and_the_one_that_began_it_go_on() {
    let app = TestApp::start().await;
    let id = customer_of_city(&app).await;
    let is_good = async |caller: &Session| {
        for operation in of_passengers() {
            let answer = call(&operation, caller, &id).await;
            assert!(matches!(answer.status, 200 | 201 | 204), "{}: {answer:?}", operation.name);
        }
    };
    // No session has been ended yet, so the record has no epoch.
    is_good(&app.passenger_in(&id, "s1", 0)).await;
    raise(&app, &id, Some("s1")).await;
    is_good(&app.passenger_in(&id, "s1", 0)).await;
    is_good(&app.passenger_in(&id, "s1", 1)).await;
    is_good(&app.passenger_in(&id, "s2", 1)).await;
    raise(&app, &id, Some("s2")).await;
    is_good(&app.passenger_in(&id, "s2", 1)).await;
    app.passenger_in(&id, "s1", 1).get(&format!("customer/{id}")).await.assert_problem(401, "session_ended");
    // A token of no session is not compared.
    is_good(&app.passenger(&id)).await;
}

#[tokio::test]
async fn the_session_of_an_erased_customer_has_ended() {
    let app = TestApp::start().await;
    for operation in of_passengers() {
        let answer = call(&operation, &app.passenger_in("c1", "s1", 0), "c1").await;
        assert_eq!((answer.status, answer.code()), (401, "session_ended"), "{}", operation.name);
        let answer = call(&operation, &app.passenger("c1"), "c1").await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"), "{}", operation.name);
    }
}

#[tokio::test]
async fn comparing_the_epoch_makes_no_call() {
    // Each kind of caller has a table of its own, because the operations change the record.
    let calls = async |session: Option<(&str, u64)>, ended: bool| {
        let app = TestApp::start().await;
        let id = customer_of_city(&app).await;
        if ended {
            raise(&app, &id, None).await;
        }
        let caller = session.map_or(app.passenger(&id), |(sid, epoch)| app.passenger_in(&id, sid, epoch));
        app.wire.take_calls();
        let mut made = Vec::new();
        for operation in of_passengers() {
            call(&operation, &caller, &id).await;
            made.push((operation.name, app.wire.take_calls().len()));
        }
        made
    };
    let without = calls(None, false).await;
    assert_eq!(calls(Some(("s1", 0)), false).await, without);
    for ((name, ended), (_, normal)) in calls(Some(("s1", 0)), true).await.into_iter().zip(without) {
        assert!(ended == 1 && ended <= normal, "{name}: {ended} calls, {normal} otherwise");
    }
}

#[tokio::test]
async fn a_write_that_ends_every_session_raises_the_epoch_and_other_writes_do_not() {
    let app = TestApp::start().await;
    let id = customer_of_city(&app).await;
    let path = format!("customer/{id}");
    let mut expected = 0;
    for (body, ends_sessions) in [
        (json!({ "firstName": "Aoife" }), false),
        (json!({ "password": "correct horse" }), true),
        (json!({ "password": null }), true),
        (json!({ "password": null }), false),
        (json!({ "phone": "0861234567" }), true),
        (json!({ "phone": "0861234567", "lastName": "Byrne" }), false),
        (json!({ "phone": "0851234567", "password": "correct horse" }), true),
        (json!({ "active": true }), false),
        (json!({ "active": false }), true),
        (json!({ "active": false }), false),
        (json!({ "active": null }), false),
        (json!({ "active": false, "phone": "0831234567" }), true),
    ] {
        raise(&app, &id, Some("s1")).await;
        expected += 1 + u64::from(ends_sessions);
        let answer = app.operator().post(&path, body.clone()).await;
        assert_eq!(answer.status, 200, "{body}: {answer:?}");
        assert_eq!(epoch(&app, &id).await, expected, "{body}");
        let stored = stored::profile(&app, &id).await;
        assert_eq!(stored.contains_key("epochSession"), !ends_sessions, "{body}");
        for shown in ["sessionEpoch", "epochSession"] {
            assert_eq!(answer.body.get(shown), None, "{body}");
        }
    }
}

#[tokio::test]
async fn a_session_that_ends_during_a_write_does_not_write() {
    let app = TestApp::start().await;
    let id = customer_of_city(&app).await;
    let saved = save_new(&app.operator(), &id, at(1.0, 1.0)).await;
    let address = format!("customer/{id}/addresses/{}", saved["id"].as_str().unwrap());
    for (method, path, body) in
        [("POST", format!("customer/{id}/addresses"), at(2.0, 2.0)), ("DELETE", address, Value::Null)]
    {
        let session = app.passenger_in(&id, "s1", epoch(&app, &id).await);
        let before = stored::items(&app).await.len();
        // The request has read the record when its transaction arrives.
        let update = app.dynamodb.update_item().table_name(app.table());
        let update = update.key("pk", AttributeValue::S(format!("{TENANT}#CUSTOMER#{id}")));
        let update = update.key("sk", AttributeValue::S("PROFILE".to_owned()));
        let update = update.update_expression("ADD sessionEpoch :one");
        let update = update.expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        app.wire.before("TransactWriteItems", async { _ = update.send().await.expect("raised") });
        let json = [("content-type", "application/json")];
        let answer = session.send(method, &path, &json, body.to_string().into_bytes()).await;
        answer.assert_problem(401, "session_ended");
        assert_eq!(stored::items(&app).await.len(), before);
    }
}
