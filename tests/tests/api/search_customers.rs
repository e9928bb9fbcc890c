//! Which customers a search finds, and who may search.

use api_tests::{Answer, Session, TestApp};
use serde_json::{Value, json};

use crate::operations::path;

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The ids on a page.
pub(crate) fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// The answer to a question with this parameter.
pub(crate) async fn search(caller: &Session, parameter: &str, value: &str) -> Answer {
    caller.get(&format!("customer?{parameter}={}", encoded(value))).await
}

async fn create(caller: &Session, body: Value) -> Value {
    let answer = caller.post("customer", body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body
}

#[tokio::test]
async fn a_customer_is_found_by_name_email_and_last_digits() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let aoife = json!({
        "phone": "0871000042", "firstName": "Aoife", "lastName": "O’Byrne", "email": "Aoife@Example.IE",
    });
    let aoife = create(&operator, aoife).await;
    create(&operator, json!({ "phone": "0861000043", "firstName": "Seán", "lastName": "van der Berg" })).await;
    for (parameter, value, is_found) in [
        ("name", "ob", true),
        ("name", "o'by", true),
        ("name", "OBYRNE, aoi", true),
        ("name", "aoife o", true),
        ("name", "ao o", false),
        ("email", "aoife@example.ie", true),
        ("email", "AOIFE@EXAMPLE.IE", true),
        ("email", "aoife@example.i", false),
        ("phoneEnding", "0042", true),
        ("phoneEnding", "000 042", true),
        ("phoneEnding", "0871 000 042", true),
        ("phoneEnding", "+353871000042", true),
        ("phoneEnding", "0099", false),
        ("phoneEnding", "0861000042", false),
    ] {
        let answer = search(&operator, parameter, value).await;
        let expected = if is_found { vec![&aoife] } else { Vec::new() };
        assert_eq!(answer.body["items"], json!(expected), "{parameter}={value}");
        assert_eq!(answer.body["nextCursor"], Value::Null);
    }
}

#[tokio::test]
async fn without_a_question_all_customers_are_listed_the_newest_first() {
    let app = TestApp::start().await;
    let operator = app.operator();
    assert_eq!(operator.get("customer").await.body, json!({ "items": [], "nextCursor": null }));
    let mut created = Vec::new();
    for n in 0..5 {
        created.insert(0, create(&operator, json!({ "phone": format!("087100000{n}") })).await);
    }
    assert_eq!(operator.get("customer").await.body, json!({ "items": created, "nextCursor": null }));
}

#[tokio::test]
async fn a_search_shows_the_current_record() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let id = create(&operator, json!({ "phone": "0871000042", "firstName": "Aoife", "email": "a@example.com" })).await;
    let id = id["id"].as_str().unwrap();
    let record = format!("customer/{id}");
    let changed = operator.post(&record, json!({ "lastName": "Byrne" })).await;
    let blank: &[&str] = &[];
    for (change, found, gone) in [
        (json!({ "rating": 90 }), &["name=by", "name=aoife b", "email=a@example.com", "phoneEnding=0042"][..], blank),
        (json!({ "lastName": "Kelly" }), &["name=ke", "name=aoife k"], &["name=by"]),
        (json!({ "firstName": null }), &["name=kelly"], &["name=ao"]),
        (json!({ "firstName": "Orla", "lastName": null }), &["name=or"], &["name=ke"]),
        (json!({ "email": "B@example.com" }), &["email=b@example.com"], &["email=a@example.com"]),
        (json!({ "email": null }), blank, &["email=b@example.com"]),
        (json!({ "phone": "0861000043" }), &["phoneEnding=1000043", "name=or"], &["phoneEnding=0042"]),
        (json!({ "phone": "0861000044", "firstName": "Niamh" }), &["phoneEnding=0044", "name=nia"], &["name=or"]),
    ] {
        let changed = operator.post(&record, change).await.body;
        for question in found {
            let (parameter, value) = question.split_once('=').unwrap();
            let answer = search(&operator, parameter, value).await;
            assert_eq!(answer.body["items"], json!([changed]), "{question}");
        }
        for question in gone {
            let (parameter, value) = question.split_once('=').unwrap();
            assert_eq!(ids(&search(&operator, parameter, value).await), blank, "{question}");
        }
    }
    assert_eq!(changed.status, 200);
    assert_eq!(operator.delete(&record).await.status, 204);
    for question in ["", "?name=nia", "?phoneEnding=0044"] {
        assert_eq!(ids(&operator.get(&format!("customer{question}")).await), blank, "{question}");
    }
}

#[tokio::test]
async fn only_the_staff_of_the_tenant_may_search() {
    let app = TestApp::start().await;
    let created = create(&app.operator(), json!({ "phone": "0871000042", "lastName": "Byrne" })).await;
    for role in ["operator", "integration", "admin"] {
        let found = search(&app.staff("demo", role), "name", "byrne").await;
        assert_eq!(found.body["items"], json!([created]), "{role}");
        let other = path("/client/{clientId}/customer", |_| "other");
        for question in ["", "?name=byrne", "?phoneEnding=0042"] {
            let found = app.staff("other", role).get(&format!("{other}{question}")).await;
            assert_eq!(ids(&found), [""; 0], "{role} of another tenant");
        }
        app.staff("other", role).get("customer").await.assert_problem(403, "forbidden");
    }
    app.app("city").get("customer?name=byrne").await.assert_problem(403, "forbidden");
    app.passenger(created["id"].as_str().unwrap()).get("customer").await.assert_problem(403, "forbidden");
    app.stranger().get("customer").await.assert_problem(401, "unauthorized");
    assert_eq!(app.bearer("demo", "operator", None, None).get("customer?name=byrne").await.status, 200);
}

#[tokio::test]
async fn an_invalid_question_is_refused_with_every_broken_rule() {
    let app = TestApp::start().await;
    let operator = app.operator();
    operator.get("customer").await;
    app.wire.take_calls();
    for (query, errors) in [
        ("name=", &[("name", "empty")][..]),
        ("name=a", &[("name", "too_short")]),
        ("name=--", &[("name", "too_short")]),
        ("name=by&name=by", &[("name", "repeated")]),
        ("email=aoife", &[("email", "invalid_email")]),
        ("phoneEnding=042", &[("phoneEnding", "invalid_phone_ending")]),
        ("phoneEnding=12345678901234", &[("phoneEnding", "invalid_phone_ending")]),
        ("phoneEnding=00x42", &[("phoneEnding", "invalid_phone_ending")]),
        ("name=by&email=a@example.com", &[("email", "conflicting_parameters")]),
        ("phoneEnding=0042&name=a", &[("name", "too_short"), ("phoneEnding", "conflicting_parameters")]),
        ("limit=0", &[("limit", "out_of_range")]),
        ("limit=101", &[("limit", "out_of_range")]),
        ("limit=ten&name=a", &[("limit", "wrong_type"), ("name", "too_short")]),
        ("cursor=", &[("cursor", "invalid_cursor")]),
        ("cursor=AAAA&limit=0", &[("cursor", "invalid_cursor"), ("limit", "out_of_range")]),
        ("offset=20", &[("offset", "unknown_parameter")]),
    ] {
        let refused = operator.get(&format!("customer?{query}")).await;
        refused.assert_problem(422, "validation_failed");
        let errors: Vec<_> = errors.iter().map(|(name, code)| ((*name).to_owned(), (*code).to_owned())).collect();
        assert_eq!(refused.errors(), errors, "{query}");
    }
    assert_eq!(search(&operator, "name", &"é".repeat(202)).await.errors()[0].1, "too_long");
    assert!(app.wire.take_calls().is_empty(), "an invalid question reached DynamoDB");
}

#[tokio::test]
async fn last_digits_are_read_in_the_tenants_region() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let irish = create(&admin, json!({ "phone": "+353871000042" })).await;
    let german = create(&admin, json!({ "phone": "+493012345678" })).await;
    assert_eq!(search(&admin, "phoneEnding", "0871000042").await.body["items"], json!([irish]));
    assert_eq!(ids(&search(&admin, "phoneEnding", "03012345678").await), [""; 0]);
    assert_eq!(admin.put("customersettings", json!({ "region": "DE" })).await.status, 200);
    assert_eq!(search(&admin, "phoneEnding", "03012345678").await.body["items"], json!([german]));
}

#[tokio::test]
async fn two_writers_of_the_two_names_leave_keys_of_both() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let names = json!({ "phone": "0871000042", "firstName": "Aoife", "lastName": "Byrne" });
    let created = create(&operator, names).await;
    let record = format!("customer/{}", created["id"].as_str().unwrap());
    for round in 0..10 {
        let (first, last) = (format!("First{round}x"), format!("Last{round}x"));
        let changes = tokio::join!(
            operator.post(&record, json!({ "firstName": first })),
            operator.post(&record, json!({ "lastName": last })),
        );
        assert_eq!((changes.0.status, changes.1.status), (200, 200));
        for question in [format!("{first} {last}"), format!("{last}, {first}")] {
            assert_eq!(ids(&search(&operator, "name", &question).await).len(), 1, "{question}");
        }
    }
}
