//! Bodies that are not a JSON object, not declared as JSON, or too large. The module `fields` has tests of fields.

use api_tests::{Answer, Session, TestApp};
use serde_json::{Map, Value, json};
use shared::api::problem::MAX_ERRORS;
use shared::domain::settings::MAX_RULES;

use crate::stored;

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

async fn post(caller: &Session, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    caller.send("POST", path, &JSON, body.into()).await
}

/// An object with a phone and `depth` nested lists or objects.
fn nested(depth: usize, open: &str, close: &str) -> Vec<u8> {
    format!(r#"{{"phone":"0871234567","x":{}1{}}}"#, open.repeat(depth), close.repeat(depth)).into_bytes()
}

#[tokio::test]
async fn a_body_that_is_not_json_is_malformed() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0861234567").await;
    let before = stored::items(&app).await;
    let object = br#"{"phone":"0871234567"}"#;
    let utf16 = |bytes: fn(u16) -> [u8; 2]| object.iter().flat_map(|byte| bytes(u16::from(*byte))).collect::<Vec<_>>();
    let malformed: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b" \n ".to_vec(),
        b"{".to_vec(),
        b"}".to_vec(),
        br#"{"phone":"0871234567""#.to_vec(),
        br#"{"phone":"08712"#.to_vec(),
        br#"{"phone":"#.to_vec(),
        br#"{"phone"}"#.to_vec(),
        br#"{"phone":"0871234567",}"#.to_vec(),
        br"{'phone':'0871234567'}".to_vec(),
        br#"{phone:"0871234567"}"#.to_vec(),
        br#"{"phone":"0871234567"} {}"#.to_vec(),
        br#"{"phone":"0871234567"}x"#.to_vec(),
        br#"{"phone":"0871234567"/* mobile */}"#.to_vec(),
        b"{\"phone\":\"0871234567\"}\0".to_vec(),
        b"phone=0871234567".to_vec(),
        b"0871234567".to_vec(),
        br#"{"phone":"0871234567","rating":NaN}"#.to_vec(),
        br#"{"phone":"0871234567","rating":01}"#.to_vec(),
        br#"{"phone":"0871234567","rating":+1}"#.to_vec(),
        br#"{"phone":"0871234567","firstName":"\x41"}"#.to_vec(),
        b"{\"phone\":\"0871234567\",\"driverNote\":\"two\nlines\"}".to_vec(),
        // A byte order mark that is not at the start, other encodings, and bytes that are not UTF-8.
        b"\xef\xbb\xbf".to_vec(),
        [b"\xef\xbb\xbf\xef\xbb\xbf", object.as_slice()].concat(),
        [object.as_slice(), b"\xef\xbb\xbf"].concat(),
        // A number that is out of range and not valid JSON.
        br#"{"phone":"0871234567","rating":01e400}"#.to_vec(),
        br#"{"phone":"0871234567","rating":1e400x}"#.to_vec(),
        br#"{"phone":"0871234567","rating":1e400"#.to_vec(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        b"{\"phone\":\"0871234567\",\"firstName\":\"\xff\"}".to_vec(),
        b"{\"phone\":\"0871234567\",\"firstName\":\"\xc0\x80\"}".to_vec(),
        b"{\"phone\":\"0871234567\",\"firstName\":\"\xed\xa0\x80\"}".to_vec(),
        b"{\"phone\":\"0871234567\",\"firstName\":\"\xe2\x82\"}".to_vec(),
        b"{\"phone\":\"0871234567\",\"\xff\":1}".to_vec(),
        // Half of a surrogate pair is not a character.
        br#"{"phone":"0871234567","firstName":"\ud83d"}"#.to_vec(),
        br#"{"phone":"0871234567","firstName":"\ude00"}"#.to_vec(),
        br#"{"phone":"0871234567","firstName":"\ude00\ud83d"}"#.to_vec(),
        br#"{"phone":"0871234567","\ud83d":1}"#.to_vec(),
        nested(200, "[", "]"),
        nested(200, r#"{"x":"#, "}"),
        nested(20_000, "[", "]"),
        // Parsers disagree on which of two equal fields counts.
        br#"{"phone":"0871234567","phone":"0871234567"}"#.to_vec(),
        br#"{"phone":"0871234567","\u0070hone":"0851234567"}"#.to_vec(),
        br#"{"phone":"0871234567","x":1,"x":1}"#.to_vec(),
        br#"{"phone":"0871234567","defaultBrand":{"id":"city","id":"night"}}"#.to_vec(),
        br#"{"phone":"0871234567","brands":[{"id":"city"},{"id":"day","id":"night"}]}"#.to_vec(),
    ];
    for body in malformed {
        for path in ["customer", "brand/city/customer", &format!("customer/{id}")] {
            let answer = post(&app.operator(), path, body.clone()).await;
            let text = String::from_utf8_lossy(&body[..body.len().min(100)]).into_owned();
            assert_eq!((answer.status, answer.code()), (400, "malformed_json"), "{path} {text}");
            assert!(!String::from_utf8_lossy(&answer.bytes).contains("08712"), "it repeats what was sent: {answer:?}");
        }
    }
    assert_eq!(stored::items(&app).await, before);
}

#[tokio::test]
async fn json_that_is_not_an_object_has_the_wrong_type() {
    let app = TestApp::start().await;
    for body in ["[]", r#"[{"phone":"0871234567"}]"#, "null", "true", r#""0871234567""#, "7"] {
        let answer = post(&app.operator(), "customer", body).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.errors(), [(String::new(), "wrong_type".into())], "{body}");
    }
}

#[tokio::test]
async fn a_body_in_another_encoding_is_refused() {
    let app = TestApp::start().await;
    let body = br#"{"phone":"0871234567"}"#;
    for (name, value) in [
        ("content-type", "application/json; charset=utf-16"),
        ("content-type", "application/json; charset=iso-8859-1"),
        ("content-type", "application/json; charset =utf-16"),
        ("content-type", "application/json; charset= utf-16"),
        ("content-type", "application/json; CHARSET=\"utf-16\""),
        ("content-type", "application/json; charset=utf-8; charset=utf-16"),
        ("content-type", "application/json; x=\";\"; charset=utf-16"),
        ("content-encoding", "gzip"),
        ("content-encoding", "br"),
    ] {
        let mut headers = JSON.to_vec();
        headers.retain(|(other, _)| *other != name);
        headers.push((name, value));
        let answer = app.operator().send("POST", "customer", &headers, body.to_vec()).await;
        answer.assert_problem(415, "unsupported_media_type");
    }
    let headers = [JSON[0], ("content-encoding", "identity")];
    assert_eq!(app.operator().send("POST", "customer", &headers, body.to_vec()).await.status, 201);
}

#[tokio::test]
async fn the_error_of_deep_nesting_names_the_field() {
    let app = TestApp::start().await;
    for body in [nested(100, "[", "]"), nested(100, r#"{"x":"#, "}")] {
        let answer = post(&app.operator(), "customer", body).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.errors(), [("/x".into(), "unknown_field".into())]);
    }
}

#[tokio::test]
async fn escapes_and_white_space_are_accepted() {
    let app = TestApp::start().await;
    let body = b" \r\n\t{ \"\\u0070hone\" : \"0871234567\" , \"firstName\" : \"\\ud83d\\ude00 \\u0041\" } \n";
    let answer = post(&app.operator(), "customer", body.to_vec()).await;
    assert_eq!((answer.status, &answer.body["firstName"]), (201, &json!("😀 A")), "{answer:?}");
}

#[tokio::test]
async fn a_byte_order_mark_at_the_start_is_ignored() {
    let app = TestApp::start().await;
    let body = [b"\xef\xbb\xbf".as_slice(), br#"{"phone":"0871234567"}"#].concat();
    assert_eq!(post(&app.operator(), "customer", body).await.status, 201);
}

#[tokio::test]
async fn the_error_of_a_number_out_of_range_names_the_field() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0861234567").await;
    let long = "9".repeat(400);
    for number in ["1e400", "-1e400", "1E+99999999999999999999", long.as_str()] {
        let told = |code: &str| vec![("/rating".to_owned(), code.to_owned())];
        let rating = post(&app.operator(), "customer", format!(r#"{{"phone":"0871234567","rating":{number}}}"#)).await;
        rating.assert_problem(422, "validation_failed");
        assert_eq!(rating.errors(), told("out_of_range"), "{number}");

        let body = format!(
            r#"{{"phone":{number},"priority":{number},"active":{number},"tags":[{number}],"brands":[{{"id":{number}}}],"x":[{number}]}}"#
        );
        let fields = post(&app.operator(), "customer", body).await;
        let mut errors = fields.errors();
        errors.sort();
        let expected = [
            ("/active", "wrong_type"),
            ("/brands/0/id", "wrong_type"),
            ("/phone", "wrong_type"),
            ("/priority", "out_of_range"),
            ("/tags/0", "wrong_type"),
            ("/x", "unknown_field"),
        ];
        assert_eq!(errors, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())), "{number}");

        let address = format!(r#"{{"address":"1 Main St","latitude":{number},"longitude":{number}}}"#);
        let saved = post(&app.operator(), &format!("customer/{id}/addresses"), address).await;
        let expected = ["/latitude", "/longitude"].map(|pointer| (pointer.to_owned(), "out_of_range".to_owned()));
        assert_eq!(saved.errors(), expected, "{number}");
        let whole = post(&app.operator(), "customer", number).await;
        assert_eq!(whole.errors(), [(String::new(), "wrong_type".into())], "{number}");
    }
}

#[tokio::test]
async fn the_first_hundred_errors_are_listed() {
    let app = TestApp::start().await;
    let unknown = |count: usize| {
        let mut body: Map<String, Value> = (0..count).map(|n| (format!("x{n}"), Value::Null)).collect();
        body.insert("phone".to_owned(), json!("0871234567"));
        Value::Object(body)
    };
    let detail = |answer: &Answer| answer.body["detail"].as_str().unwrap().to_owned();
    let whole = app.operator().post("customer", unknown(MAX_ERRORS)).await;
    let cut = app.operator().post("customer", unknown(4000)).await;
    assert_eq!((whole.errors().len(), cut.errors().len()), (MAX_ERRORS, MAX_ERRORS));
    assert_eq!(whole.errors(), cut.errors());
    assert_eq!(detail(&cut), format!("{} Only the first {MAX_ERRORS} errors are listed.", detail(&whole)));

    let rules = json!({ "tagRules": vec![json!({}); MAX_RULES] });
    assert_eq!(app.admin().put("customersettings", rules).await.errors().len(), MAX_ERRORS);
    let problem = &local::openapi::document()["components"]["schemas"]["Problem"];
    assert_eq!(problem["properties"]["errors"]["maxItems"], MAX_ERRORS);
}

#[tokio::test]
async fn a_body_must_be_declared_as_json() {
    let app = TestApp::start().await;
    let body = br#"{"phone":"0871234567"}"#;
    let refused = [
        None,
        Some(""),
        Some("text/plain"),
        Some("text/json"),
        Some("application"),
        Some("application/jsonp"),
        Some("application/problem+json"),
        Some("application/x-www-form-urlencoded"),
        Some("text/plain; application/json"),
        Some("application/json, text/plain"),
        Some("application/json; charset"),
        Some("multipart/form-data; boundary=application/json"),
    ];
    for declared in refused {
        let headers: Vec<_> = declared.map(|value| ("content-type", value)).into_iter().collect();
        let answer = app.operator().send("POST", "customer", &headers, body.to_vec()).await;
        assert_eq!((answer.status, answer.code()), (415, "unsupported_media_type"), "{declared:?}");
        let update = app.operator().send("POST", "customer/unknown", &headers, b"{}".to_vec()).await;
        assert_eq!(update.status, 415, "{declared:?}");
    }
    assert_eq!(stored::items(&app).await, []);
    let accepted = [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "Application/JSON ; charset=utf-8",
        " application/json",
    ];
    for declared in accepted {
        let answer = app.operator().send("POST", "customer", &[("Content-Type", declared)], body.to_vec()).await;
        assert!(matches!(answer.status, 200 | 201), "{declared}: {answer:?}");
    }
}

#[tokio::test]
async fn a_body_of_64_kib_is_accepted_and_a_larger_one_is_not() {
    let app = TestApp::start().await;
    let padded = |size: usize| {
        let mut body = br#"{"phone":"0871234567"}"#.to_vec();
        body.resize(size, b' ');
        body
    };
    for size in [65_537, 100_000, 3 * 1024 * 1024, 11 * 1024 * 1024] {
        post(&app.operator(), "customer", padded(size)).await.assert_problem(413, "payload_too_large");
    }
    assert_eq!(stored::items(&app).await, []);
    assert_eq!(post(&app.operator(), "customer", padded(65_536)).await.status, 201);
}

#[tokio::test]
async fn authorization_comes_before_the_body() {
    let app = TestApp::start().await;
    let stranger = app.staff("other", "operator");
    for body in [b"{".to_vec(), vec![b' '; 70_000]] {
        post(&stranger, "customer", body.clone()).await.assert_problem(403, "forbidden");
        let undeclared = stranger.send("POST", "customer", &[], body).await;
        undeclared.assert_problem(403, "forbidden");
    }
}
