//! The fields of a customer's body. Each rule is checked, and all errors are reported at once.

use api_tests::{Answer, TestApp};
use serde_json::{Value, json};

use crate::stored;

async fn create(app: &TestApp, field: &str, value: &Value) -> Answer {
    app.operator().post("customer", json!({ "phone": "0871234567", field: value })).await
}

#[tokio::test]
async fn a_field_that_does_not_exist_is_refused_by_name() {
    let app = TestApp::start().await;
    let names = [
        ("firstname", "/firstname"),
        ("first_name", "/first_name"),
        ("mergePreference", "/mergePreference"),
        ("", "/"),
        ("a/b~c", "/a~1b~0c"),
        ("名前", "/名前"),
        ("a\nb\"", "/a\nb\""),
        ("__proto__", "/__proto__"),
    ];
    for (name, pointer) in names {
        let answer = create(&app, name, &json!(null)).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.errors(), [(pointer.into(), "unknown_field".into())]);
    }
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn each_error_points_to_its_place() {
    let app = TestApp::start().await;
    let long = |n: usize| json!("x".repeat(n));
    let cases = [
        ("email", json!(1), "", "wrong_type"),
        ("email", json!(""), "", "empty"),
        ("email", json!("aoife"), "", "invalid_email"),
        ("email", json!("a b@c.ie"), "", "invalid_email"),
        ("email", json!(format!("{}@b.ie", "x".repeat(250))), "", "too_long"),
        ("firstName", json!(["A"]), "", "wrong_type"),
        ("firstName", json!("  "), "", "empty"),
        ("firstName", long(101), "", "too_long"),
        ("lastName", json!({}), "", "wrong_type"),
        ("driverNote", long(501), "", "too_long"),
        ("managementNote", long(1001), "", "too_long"),
        ("managementNote", json!(false), "", "wrong_type"),
        ("password", json!("seven77"), "", "too_short"),
        ("priority", json!("60"), "", "wrong_type"),
        ("priority", json!(true), "", "wrong_type"),
        ("priority", json!(60.5), "", "wrong_type"),
        ("priority", json!(9), "", "out_of_range"),
        ("priority", json!(81), "", "out_of_range"),
        ("priority", json!(316), "", "out_of_range"),
        ("minPriority", json!(-10), "", "out_of_range"),
        ("minPriority", json!(u64::MAX), "", "out_of_range"),
        ("loyaltyMiles", json!(-1), "", "out_of_range"),
        ("loyaltyMiles", json!(1_000_000_001), "", "out_of_range"),
        ("loyaltyMiles", json!(1e300), "", "out_of_range"),
        ("rating", json!(2_147_483_648_u32), "", "out_of_range"),
        ("rating", json!([1]), "", "wrong_type"),
        ("active", json!("true"), "", "wrong_type"),
        ("active", json!(1), "", "wrong_type"),
        ("defaultAccount", json!("acme"), "", "wrong_type"),
        ("defaultAccount", json!([]), "", "wrong_type"),
        ("defaultAccount", json!({}), "/id", "required"),
        ("defaultBrand", json!({ "id": null }), "/id", "wrong_type"),
        ("defaultBrand", json!({ "id": 7 }), "/id", "wrong_type"),
        ("defaultBrand", json!({ "id": "a#b" }), "/id", "invalid_id"),
        ("defaultBrand", json!({ "id": "" }), "/id", "invalid_id"),
        ("defaultBrand", json!({ "id": "x".repeat(65) }), "/id", "invalid_id"),
        ("defaultBrand", json!({ "id": "city", "na/me": 1 }), "/na~1me", "unknown_field"),
        ("accounts", json!({ "id": "acme" }), "", "wrong_type"),
        ("accounts", json!(["acme"]), "/0", "wrong_type"),
        ("brands", json!([{ "id": "city" }, null]), "/1", "wrong_type"),
        ("accountDepartments", json!([{ "id": "a" }, { "id": "a/b" }]), "/1/id", "invalid_id"),
        ("clientCapabilities", json!([{}]), "/0/id", "required"),
        ("tags", json!("VIP"), "", "wrong_type"),
        ("tags", json!(["VIP", 1]), "/1", "wrong_type"),
        ("tags", json!([" "]), "/0", "empty"),
        ("tags", json!(["a/b"]), "/0", "invalid_tag"),
        ("tags", json!(["😀"]), "/0", "invalid_tag"),
        ("tags", json!(["ß".repeat(21)]), "/0", "too_long"),
    ];
    for (field, value, below, code) in cases {
        let answer = create(&app, field, &value).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.errors(), [(format!("/{field}{below}"), code.into())], "{field}: {value}");
    }
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn all_errors_are_reported_at_once() {
    let app = TestApp::start().await;
    let body = json!({
        "phone": "secret-value",
        "email": "secret-value",
        "firstName": "",
        "priority": 9,
        "active": "secret-value",
        "defaultBrand": { "id": "secret value", "extra": 1 },
        "accounts": [{ "id": "#" }, { "id": "fine" }, {}],
        "tags": ["a/b", "fine", "c/d"],
        "nick": "secret-value",
        "version": 7,
    });
    let answer = app.operator().post("customer", body).await;
    answer.assert_problem(422, "not_writable");
    let expected = [
        ("/accounts/0/id", "invalid_id"),
        ("/accounts/2/id", "required"),
        ("/active", "wrong_type"),
        ("/defaultBrand/extra", "unknown_field"),
        ("/defaultBrand/id", "invalid_id"),
        ("/email", "invalid_email"),
        ("/firstName", "empty"),
        ("/nick", "unknown_field"),
        ("/phone", "phone_letters"),
        ("/priority", "out_of_range"),
        ("/tags/0", "invalid_tag"),
        ("/tags/2", "invalid_tag"),
        ("/version", "not_writable"),
    ];
    assert_eq!(answer.errors(), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    assert!(!String::from_utf8(answer.bytes).unwrap().contains("secret"), "a value is repeated");
}

#[tokio::test]
async fn names_of_every_script_are_kept() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    let names = [
        "Ní Bhriain",
        "O\u{2019}Brien",
        "D'Arcy-Smith",
        "Nguyễn Thị Ánh",
        "Łukasz",
        "Ελένη",
        "Ольга",
        "Ђорђе",
        "שרה",
        "محمد",
        "علی\u{200c}رضا",
        "प्रिया",
        "க்ஷேமா",
        "ณัฐพงศ์",
        "ကျော်",
        "김철수",
        "さくら",
        "王小明",
        "𠮷野",
        "ሰላም",
        "ᏣᎳᎩ",
        "👩\u{200d}🚀",
        "X Æ A-12",
        "<b>\"&;--",
        "null",
    ];
    for name in names {
        let answer = app.operator().post(&path, json!({ "firstName": name, "driverNote": name })).await;
        assert_eq!((answer.status, &answer.body["firstName"]), (200, &json!(name)), "{name}");
        assert_eq!(app.operator().get(&path).await.body["driverNote"], name);
    }
    for (typed, kept) in
        [("  Zoe\u{308}\u{a0}\n", "Zo\u{eb}"), ("\u{1112}\u{1161}\u{11ab}", "\u{d55c}"), ("\u{212b}sa", "\u{c5}sa")]
    {
        let answer = app.operator().post(&path, json!({ "lastName": typed })).await;
        assert_eq!(answer.body["lastName"], kept);
    }
}

#[tokio::test]
async fn forbidden_characters_are_refused() {
    let app = TestApp::start().await;
    for c in ['\0', '\u{7}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}', '\u{2028}', '\u{202e}', '\u{fffe}', '\u{10ffff}'] {
        for field in ["firstName", "lastName", "driverNote", "managementNote"] {
            let answer = create(&app, field, &json!(format!("a{c}b"))).await;
            assert_eq!(answer.errors(), [(format!("/{field}"), "control_character".into())], "{c:?}");
        }
    }
    for c in ['\t', '\r', '\n'] {
        let name = create(&app, "firstName", &json!(format!("a{c}b"))).await;
        assert_eq!(name.errors(), [("/firstName".into(), "control_character".into())], "{c:?}");
    }
    for email in ["ao\u{200b}ife@example.ie", "aoife@example.ie\u{200e}", "\u{feff}aoife@example.ie"] {
        let answer = create(&app, "email", &json!(email)).await;
        assert_eq!(answer.errors(), [("/email".into(), "invalid_email".into())], "{email:?}");
    }
    let tag = create(&app, "tags", &json!(["VIP\u{fe0f}"])).await;
    assert_eq!(tag.errors(), [("/tags/0".into(), "invalid_tag".into())]);
    assert_eq!(stored::items(&app).await, []);
}

#[tokio::test]
async fn a_note_keeps_its_lines() {
    let app = TestApp::start().await;
    let note = create(&app, "managementNote", &json!("a\r\nb\rc\n\n\td\n")).await;
    assert_eq!((note.status, &note.body["managementNote"]), (201, &json!("a\nb\nc\n\n d")));
}

#[tokio::test]
async fn limits_count_characters_and_not_bytes() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    for (field, limit) in [("firstName", 100), ("lastName", 100), ("driverNote", 500), ("managementNote", 1000)] {
        for c in ["x", "é", "字", "😀"] {
            let most = c.repeat(limit);
            let answer = app.operator().post(&path, json!({ field: most })).await;
            assert_eq!((answer.status, &answer.body[field]), (200, &json!(most)), "{limit} of {c}");
            let refused = app.operator().post(&path, json!({ field: c.repeat(limit + 1) })).await;
            assert_eq!(refused.errors(), [(format!("/{field}"), "too_long".into())], "{c}");
        }
        // The text is composed first, so two code points that form one character count once.
        let composed = app.operator().post(&path, json!({ field: "e\u{301}".repeat(limit) })).await;
        assert_eq!((composed.status, &composed.body[field]), (200, &json!("é".repeat(limit))));
    }
    let tags: Vec<_> = (10..60).map(|n| format!("{n}{}", "字".repeat(38))).collect();
    let tagged = app.operator().post("customer", json!({ "phone": "0861234567", "tags": tags })).await;
    assert_eq!((tagged.status, &tagged.body["tags"]), (201, &json!(tags)), "{tagged:?}");
}

#[tokio::test]
async fn whole_numbers_in_any_notation_are_integers() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    for (written, priority) in [("20", 20), ("30.0", 30), ("4e1", 40), ("500E-1", 50), ("6.00e+1", 60)] {
        let body = format!(r#"{{"priority":{written}}}"#).into_bytes();
        let answer = app.operator().send("POST", &path, &[("content-type", "application/json")], body).await;
        assert_eq!(answer.body["assignedPriority"], priority, "{written}: {answer:?}");
    }
}
