//! Pages of a search: cursors, borders, and writes between two pages.

use std::collections::BTreeSet;

use api_tests::{Session, TENANT, TestApp};
use fastrand::Rng;
use serde_json::{Value, json};
use shared::domain::text::Name;
use shared::domain::{ClientId, Customer, Email, Phone, Region};
use shared::store::Store;

use crate::search_customers::ids;

/// All pages of a question, each with its ids.
async fn pages(caller: &Session, question: &str, limit: usize) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = caller.get(&format!("customer?{question}&limit={limit}{cursor}")).await;
        pages.push(ids(&page));
        assert!(pages.last().unwrap().len() <= limit);
        match page.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
    }
}

/// Stores customers with numbers from `from` on, and returns their ids.
async fn load(app: &TestApp, from: u32, count: u32, name: impl Fn(u32) -> (String, String)) -> Vec<String> {
    let region = Region::parse("IE").unwrap();
    let customers: Vec<_> = (from..from + count)
        .map(|n| {
            let phone = Phone::parse(&format!("+35387{n:07}"), region).unwrap();
            let mut customer = Customer::register(phone, 1_790_000_000);
            let (first, last) = name(n);
            customer.first_name = Name::parse(&first).ok();
            customer.last_name = Name::parse(&last).ok();
            customer.email = Email::parse("all@example.com").ok();
            customer
        })
        .collect();
    let store = Store::new(&app.dynamodb, app.table());
    let client = ClientId::parse(TENANT).unwrap();
    for batch in customers.chunks(Store::LOAD_AT_ONCE) {
        assert_eq!(store.load(&client, batch).await.unwrap(), batch.len());
    }
    customers.into_iter().map(|customer| customer.id.to_string()).collect()
}

fn set(ids: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    ids.into_iter().collect()
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_customers_with_equal_names() {
    let app = TestApp::start().await;
    let operator = app.operator();
    // Both names begin with the question, so each customer is in both indexes.
    let all = set(load(&app, 1_000_000, 53, |n| {
        ("Byron".to_owned(), if n % 2 == 0 { "Byrne" } else { "" }.to_owned())
    })
    .await);
    for question in ["name=byr", "name=byron", "email=ALL@example.com"] {
        for limit in [1, 2, 7, 26, 27, 52, 53, 54, 100] {
            let shown = pages(&operator, question, limit).await.concat();
            assert_eq!(set(shown.clone()), all, "{question} by {limit}");
            assert_eq!(shown.len(), all.len(), "{question} by {limit} repeats a customer");
        }
    }
    for limit in [1, 10, 53, 100] {
        let listed = pages(&operator, "", limit).await;
        let mut newest_first: Vec<_> = all.iter().cloned().collect();
        newest_first.reverse();
        assert_eq!(listed.concat(), newest_first, "a list by {limit}");
        assert_eq!(listed.len(), 53_usize.div_ceil(limit), "a list by {limit} ends with its last customer");
    }
}

#[tokio::test]
async fn names_are_in_order_last_names_first() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let names = [("Kelly", "Ann"), ("Anna", "Kelly"), ("Bo", "Kellyn"), ("Ann", "Kelly"), ("Kel", "Ann")];
    for (n, (first, last)) in names.iter().enumerate() {
        let body = json!({ "phone": format!("087100000{n}"), "firstName": first, "lastName": last });
        assert_eq!(operator.post("customer", body).await.status, 201);
    }
    let found = operator.get("customer?name=kel").await.body;
    let full = |item: &Value| format!("{} {}", item["lastName"].as_str().unwrap(), item["firstName"].as_str().unwrap());
    let found: Vec<_> = found["items"].as_array().unwrap().iter().map(full).collect();
    assert_eq!(found, ["Kelly Ann", "Kelly Anna", "Kellyn Bo", "Ann Kel", "Ann Kelly"]);
}

/// Customers who do not change are shown exactly once, whatever others do between two pages.
#[tokio::test]
async fn writes_between_pages_neither_repeat_nor_hide_customers_who_do_not_change() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let mut rng = Rng::with_seed(7);
    let name = |n: u32| {
        (["Kai", "Kel", "Kelly"][n as usize % 3].to_owned(), ["Kelly", "Kane", "Byrne"][n as usize % 2].to_owned())
    };
    for (round, question) in (0_u32..).zip(["name=ka", "name=ke", "name=kelly%20k", "email=all@example.com", ""]) {
        let from = 2_000_000 + round * 100_000;
        let all = load(&app, from, 60, name).await;
        let (still, moving) = all.split_at(40);
        let before = set(pages(&operator, question, 100).await.concat());
        let mut shown: Vec<String> = Vec::new();
        let mut changed: BTreeSet<String> = BTreeSet::new();
        let mut cursor = String::new();
        for step in 0.. {
            let page = operator.get(&format!("customer?{question}&limit=7{cursor}")).await;
            shown.extend(ids(&page));
            let id = &moving[rng.usize(..moving.len())];
            changed.insert(id.clone());
            let record = format!("customer/{id}");
            match rng.u8(..4) {
                0 => drop(operator.delete(&record).await),
                1 => drop(operator.post(&record, json!({ "firstName": "Kelly", "lastName": "Kane" })).await),
                2 => drop(operator.post(&record, json!({ "lastName": "Kelly" })).await),
                _ => {
                    let phone = format!("+35386{:07}", from + step);
                    drop(operator.post(&record, json!({ "phone": phone, "email": "all@example.com" })).await);
                }
            }
            match page.body["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let unchanged = |id: &&String| !changed.contains(*id);
        let expected: BTreeSet<_> = before.iter().filter(unchanged).collect();
        let seen: Vec<_> = shown.iter().filter(unchanged).collect();
        assert_eq!(seen.iter().copied().collect::<BTreeSet<_>>(), expected, "{question}");
        assert_eq!(seen.len(), expected.len(), "{question} repeats a customer");
        assert!(still.iter().all(|id| !changed.contains(id)));
    }
}

#[tokio::test]
async fn a_cursor_works_for_its_tenant_and_question_only_and_never_reaches_dynamodb_otherwise() {
    let app = TestApp::start().await;
    let operator = app.operator();
    load(&app, 1_000_000, 5, |_| ("Aoife".to_owned(), "Byrne".to_owned())).await;
    let cursor_of = async |question: &str| {
        let page = operator.get(&format!("customer?{question}&limit=2")).await;
        page.body["nextCursor"].as_str().unwrap().to_owned()
    };
    let by_name = cursor_of("name=byr").await;
    let of_list = cursor_of("").await;
    let other = app.staff("other", "operator");
    other.get("/client/other/customer").await;
    app.wire.take_calls();
    for (caller, question, cursor) in [
        (&operator, "name=byrn", by_name.as_str()),
        (&operator, "name=aoife", &by_name),
        (&operator, "", &by_name),
        (&operator, "email=all@example.com", &by_name),
        (&operator, "name=byr", &of_list),
        (&operator, "name=byr", &by_name[1..]),
        (&operator, "name=byr", &by_name[..by_name.len() - 1]),
        (&operator, "name=byr", &by_name.to_uppercase()),
        (&operator, "name=byr", &"A".repeat(40)),
        (&operator, "name=byr", &"A".repeat(5000)),
        (&operator, "name=byr", "%00"),
    ] {
        let refused = caller.get(&format!("customer?{question}&cursor={cursor}")).await;
        refused.assert_problem(422, "validation_failed");
        assert_eq!(refused.errors(), [("cursor".to_owned(), "invalid_cursor".to_owned())], "{question} {cursor}");
    }
    let refused = other.get(&format!("/client/other/customer?cursor={of_list}")).await;
    assert_eq!(refused.errors(), [("cursor".to_owned(), "invalid_cursor".to_owned())]);
    assert!(app.wire.take_calls().is_empty(), "a forged cursor reached DynamoDB");

    // It works with another limit, another spelling of the question, in another execution environment, and after days.
    app.pass(10 * 86_400);
    let elsewhere = operator.through(app.another_gateway());
    let rest = elsewhere.get(&format!("customer?name=BYR%20&limit=100&cursor={by_name}")).await;
    assert_eq!(ids(&rest).len(), 3);
}

#[tokio::test]
async fn a_cursor_works_after_its_customer_was_erased() {
    let app = TestApp::start().await;
    let operator = app.operator();
    load(&app, 1_000_000, 5, |_| ("Aoife".to_owned(), "Byrne".to_owned())).await;
    for question in ["name=byr", "phoneEnding=0001", "email=all@example.com", ""] {
        let page = operator.get(&format!("customer?{question}&limit=1")).await;
        let Some(cursor) = page.body["nextCursor"].as_str() else { continue };
        let shown = ids(&page);
        let all = set(pages(&operator, question, 100).await.concat());
        assert_eq!(operator.delete(&format!("customer/{}", shown[0])).await.status, 204);
        let rest = ids(&operator.get(&format!("customer?{question}&limit=100&cursor={cursor}")).await);
        assert_eq!(set(rest), &all - &set(shown), "{question}");
    }
}

/// The calls of a page do not depend on how many customers there are.
#[tokio::test]
async fn a_thousand_customers_take_the_calls_of_ten() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let questions = ["name=byr&limit=5", "email=all@example.com&limit=5", "limit=5"];
    let mut measured = Vec::new();
    for count in [10, 1200] {
        load(&app, 1_000_000 + count, count, |_| ("Aoife".to_owned(), "Byrne".to_owned())).await;
        app.wire.take_calls();
        for question in questions {
            assert_eq!(operator.get(&format!("customer?{question}")).await.status, 200);
            let calls = app.wire.take_calls();
            let calls: Vec<_> = calls.into_iter().map(|call| (call.operation, call.capacity)).collect();
            measured.push((question, calls));
        }
    }
    let (few, many) = measured.split_at(questions.len());
    assert_eq!(few, many);
    assert_eq!(pages(&operator, "name=byrne", 100).await.concat().len(), 1210);
}
