//! The upgrade of a table that the last template without search made, with data in it, step by step.

use api_tests::{Session, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use local::table::{TEMPLATE, TableDefinition};
use local::upgrade;
use serde_json::{Value, json};
use shared::store::{Reindexed, Store};

use crate::released_items::{fields, recorded};
use crate::search_customers::{ids, search};
use crate::stored::{assert_guarded, items, profile, put, text};

/// The table as the last template without indexes for search defines it.
const BEFORE: &str = include_str!("../../fixtures/table-1.yaml");

/// A question for each index in the order in which they are added, which finds the customer of the recorded items.
const QUESTIONS: [(&str, &str); 5] =
    [("name", "byrne"), ("name", "aoife"), ("email", "aoife@example.com"), ("phoneEnding", "4567"), ("limit", "100")];

/// An API on such a table with the recorded items.
async fn upgraded_code() -> (TestApp, String) {
    let app = TestApp::start_with(&TableDefinition::parse(BEFORE).unwrap()).await;
    let mut id = String::new();
    for mut item in recorded().iter().map(fields) {
        if text(&item, "entity") == "customer" && text(&item, "pk").starts_with("demo#") {
            text(&item, "id").clone_into(&mut id);
            // An even earlier version stored passwords here.
            item.insert("password".to_owned(), AttributeValue::S("$argon2id$…".to_owned()));
        }
        put(&app, item).await;
    }
    (app, id)
}

async fn statuses(operator: &Session) -> Vec<u16> {
    let mut statuses = Vec::new();
    for (parameter, value) in QUESTIONS {
        statuses.push(search(operator, parameter, value).await.status);
    }
    statuses
}

#[tokio::test]
async fn a_table_gets_its_keys_and_then_its_indexes_one_by_one() {
    let (app, id) = upgraded_code().await;
    let operator = app.operator();

    // The new code on the old table: everything works but the search.
    assert_eq!(statuses(&operator).await, [503; 5]);
    let new =
        json!({ "phone": "+353851000044", "firstName": "Aoife", "lastName": "Byrne", "email": "aoife@example.com" });
    let new = operator.post("customer", new).await.body;
    let rated = operator.post(&format!("customer/{id}"), json!({ "rating": 80 })).await;
    assert_eq!((rated.status, &rated.body["version"]), (200, &json!(2)));

    // The customers are brought up to date before there is an index, so an index is complete once it is there.
    assert_eq!(upgrade::reindex(&app.dynamodb, app.table()).await.unwrap(), 2, "one customer of each tenant");
    assert_eq!(upgrade::reindex(&app.dynamodb, app.table()).await.unwrap(), 0, "a repeat writes nothing");
    let record = profile(&app, &id).await;
    assert_eq!((text(&record, "lp"), text(&record, "cp")), ("demo#LAST#by", "demo#ALL"));
    assert!(!record.contains_key("password"));
    let read = operator.get(&format!("customer/{id}")).await;
    assert_eq!(read.body, rated.body, "callers see no difference");

    for number in 1..=5 {
        let parameters = [("SearchIndexes", &*number.to_string())];
        let definition = TableDefinition::parse_with(TEMPLATE, &parameters).unwrap();
        assert_eq!(definition.create(&app.dynamodb, app.table()).await.unwrap(), 1, "one index is missing");
        definition.add_last_indexes(&app.dynamodb, app.table(), 1).await.unwrap();
        // A search by name needs two indexes.
        let names = if number < 2 { 503 } else { 200 };
        let expected = (1..=5).map(|index| {
            if index <= 2 {
                names
            } else if index <= number {
                200
            } else {
                503
            }
        });
        assert_eq!(statuses(&operator).await, expected.collect::<Vec<u16>>(), "SearchIndexes {number}");
    }
    for (parameter, value) in QUESTIONS {
        let found = ids(&search(&operator, parameter, value).await);
        let both = [new["id"].as_str().unwrap(), &id];
        let expected = if parameter == "phoneEnding" { &both[1..] } else { &both };
        let mut found: Vec<_> = found.iter().map(String::as_str).collect();
        found.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{parameter}={value}");
    }
    assert_guarded(&app).await;
}

/// Stores a customer with a number in the form that its country gave up, as before it did.
async fn with_old_phone(app: &TestApp, today: &str, old: &str) -> Value {
    let created = app.operator().post("customer", json!({ "phone": today, "lastName": "Adjovi" })).await.body;
    let id = created["id"].as_str().unwrap();
    for mut item in items(app).await {
        let is_guard = text(&item, "pk") == format!("demo#PHONE#{today}");
        if is_guard {
            let key = [("pk", item["pk"].clone()), ("sk", item["sk"].clone())];
            let delete = app.dynamodb.delete_item().table_name(app.table());
            let delete = key.into_iter().fold(delete, |delete, (name, value)| delete.key(name, value));
            delete.send().await.unwrap();
            item.insert("pk".to_owned(), AttributeValue::S(format!("demo#PHONE#{old}")));
            put(app, item).await;
        } else if text(&item, "id") == id && text(&item, "sk") == "PROFILE" {
            item.insert("phone".to_owned(), AttributeValue::S(old.to_owned()));
            item.insert("gsi1pk".to_owned(), AttributeValue::S(format!("demo#PHONE#{old}")));
            put(app, item).await;
        }
    }
    created
}

const OLD: &str = "+22990011234";
const TODAY: &str = "+2290190011234";

#[tokio::test]
async fn a_renumbered_phone_moves_with_its_guard() {
    let app = TestApp::start().await;
    let created = with_old_phone(&app, TODAY, OLD).await;
    let id = created["id"].as_str().unwrap();
    let store = Store::new(&app.dynamodb, app.table());
    let done = store.reindex(&profile(&app, id).await).await.unwrap();
    assert_eq!(done, Reindexed::Renumbered);
    let found = app.operator().get("customer/phone?phone=%2B22990011234").await;
    assert_eq!((found.status, &found.body["id"], &found.body["phone"]), (200, &json!(id), &json!(TODAY)));
    assert_eq!(found.body["version"], 2);
    assert_eq!(ids(&search(&app.operator(), "phoneEnding", "1234").await), [id]);
    assert_eq!(assert_guarded(&app).await, [TODAY]);
    assert_eq!(store.reindex(&profile(&app, id).await).await.unwrap(), Reindexed::Unchanged);
}

#[tokio::test]
async fn a_renumbered_phone_that_another_customer_has_stays_and_is_reported() {
    let app = TestApp::start().await;
    let created = with_old_phone(&app, TODAY, OLD).await;
    let id = created["id"].as_str().unwrap();
    let other = app.operator().register_id(TODAY).await;
    let store = Store::new(&app.dynamodb, app.table());
    for _ in 0..2 {
        let done = store.reindex(&profile(&app, id).await).await.unwrap();
        assert_eq!(done, Reindexed::PhoneTaken);
    }
    let mut phones = assert_guarded(&app).await;
    phones.sort_unstable();
    assert_eq!(phones, [TODAY, OLD]);
    assert_eq!(app.operator().delete(&format!("customer/{other}")).await.status, 204);
    assert_eq!(store.reindex(&profile(&app, id).await).await.unwrap(), Reindexed::Renumbered);
}

#[tokio::test]
async fn a_customer_who_changed_since_it_was_read_keeps_the_change() {
    let (app, id) = upgraded_code().await;
    let before = profile(&app, &id).await;
    let renamed = app.operator().post(&format!("customer/{id}"), json!({ "lastName": "Kelly" })).await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    let store = Store::new(&app.dynamodb, app.table());
    assert_eq!(store.reindex(&before).await.unwrap(), Reindexed::Written);
    let record = profile(&app, &id).await;
    assert_eq!((text(&record, "lp"), text(&record, "ep")), ("demo#LAST#ke", "demo#EMAIL#aoife@example.com"));

    assert_eq!(app.operator().delete(&format!("customer/{id}")).await.status, 204);
    assert_eq!(store.reindex(&before).await.unwrap(), Reindexed::Unchanged);
    assert!(items(&app).await.iter().all(|item| text(item, "id") != id), "an erased customer came back");
}
