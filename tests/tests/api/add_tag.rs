//! addTag

use api_tests::{NOW, TestApp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::record::{after_write, assert_record, id_of};
use crate::refused::{assert_forbidden, strangers};

/// Invalid tags in the form of a path segment, each with its error.
pub(crate) const REFUSED: [(&str, &str); 16] = [
    ("a%2Fb", "invalid_tag"),
    ("a.b", "invalid_tag"),
    ("a%23b", "invalid_tag"),
    ("a%3Fb", "invalid_tag"),
    // A plus is a space only in a query.
    ("a+b", "invalid_tag"),
    ("a,b", "invalid_tag"),
    ("a%0Ab", "invalid_tag"),
    ("a%00", "invalid_tag"),
    // A soft hyphen, a zero-width space and a no-break space: a tag with an invisible difference would be another tag.
    ("a%C2%ADb", "invalid_tag"),
    ("a%E2%80%8Bb", "invalid_tag"),
    ("a%C2%A0b", "invalid_tag"),
    ("%C2%BD", "invalid_tag"),
    ("%F0%9F%98%80", "invalid_tag"),
    ("%20", "empty"),
    ("%20%E2%80%83", "empty"),
    ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "too_long"),
];

#[tokio::test]
async fn a_tag_is_in_the_record_and_in_the_priority() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let path = format!("customer/{}", id_of(&created));
    app.pass(10);
    let tagged = app.operator().post_empty(&format!("{path}/tag/vip")).await;
    let changes = json!({ "tags": ["VIP"], "priority": 20, "priorityType": "ELITE", "priorityReason": "TAG" });
    let expected = after_write(&created, NOW + 10, &changes);
    assert_record(&tagged, &expected);
    assert_record(&app.operator().get(&path).await, &expected);
}

#[tokio::test]
async fn all_spellings_of_a_tag_are_the_same_tag() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let tag = |raw: &str| format!("customer/{}/tag/{raw}", id_of(&created));
    let forty = "a".repeat(40);
    let twenty_sharp_s = "%C3%9F".repeat(20);
    let written: [(&str, &[&str]); 8] = [
        ("VIP", &["vip", "VIP", "vIp", "%76ip", "%20vip%20", "%E2%80%83vip"]),
        ("NO SMOKING", &["no%20smoking", "NO%20SMOKING"]),
        ("CAF\u{c9}", &["caf%C3%A9", "CAF%C3%89", "cafe%CC%81", "CAFE%CC%81"]),
        ("STRASSE", &["stra%C3%9Fe", "STRA%E1%BA%9EE", "strasse"]),
        // Greek with a final sigma, Arabic digits, and a letter outside the Basic Multilingual Plane.
        ("ΟΔΟΣ", &["%CE%BF%CE%B4%CE%BF%CF%82", "%CE%BF%CE%B4%CE%BF%CF%83"]),
        ("٣_\u{10400}-", &["%D9%A3_%F0%90%90%A8-", "%D9%A3_%F0%90%90%80-"]),
        (&"A".repeat(40), &[&forty]),
        (&"S".repeat(40), &[&twenty_sharp_s]),
    ];
    let mut tags = Vec::new();
    for (folded, forms) in written {
        tags.push(folded);
        tags.sort_unstable();
        let first = app.operator().post_empty(&tag(forms[0])).await;
        assert_eq!(first.status, 200, "{first:?}");
        assert_eq!(first.body["tags"], json!(tags));
        app.pass(10);
        for form in forms {
            assert_record(&app.operator().post_empty(&tag(form)).await, &first.body);
        }
    }
}

#[tokio::test]
async fn an_invalid_tag_is_refused_and_the_error_names_the_parameter() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let path = format!("customer/{}", id_of(&created));
    for (raw, code) in REFUSED {
        let answer = app.operator().post_empty(&format!("{path}/tag/{raw}")).await;
        answer.assert_problem(400, "invalid_path");
        assert_eq!(answer.errors(), [("tagName".to_owned(), code.to_owned())], "{raw}");
    }
    let sharp_s = "%C3%9F".repeat(21);
    let folded_is_longer = app.operator().post_empty(&format!("{path}/tag/{sharp_s}")).await;
    assert_eq!(folded_is_longer.errors(), [("tagName".to_owned(), "too_long".to_owned())]);
    // Invalid UTF-8, and paths that a URL parser between the client and the service could read as another route.
    for raw in ["%FF", "a%C3", "%2E", "%2e%2e", "%2e%2e%2f%2e%2e", "a%5Cb"] {
        app.operator().post_empty(&format!("{path}/tag/{raw}")).await.assert_problem(400, "invalid_path");
    }
    assert_record(&app.operator().get(&path).await, &created);
}

#[tokio::test]
async fn a_body_is_ignored_even_if_it_is_malformed_and_of_a_wrong_type() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let bodies: [(&str, &[u8]); 3] =
        [("application/json", b"{\"tag\":"), ("application/json", b"{\"tag\":\"other\"}"), ("image/png", b"\xff\x00")];
    for (n, (content_type, body)) in bodies.into_iter().enumerate() {
        let path = format!("customer/{}/tag/t{n}", id_of(&created));
        let tagged = app.operator().send("POST", &path, &[("content-type", content_type)], body.to_vec()).await;
        assert_eq!((tagged.status, &tagged.body["version"]), (200, &json!(n + 2)), "{tagged:?}");
    }
    let tags = app.operator().get(&format!("customer/{}/tag", id_of(&created))).await;
    assert_eq!(tags.body["items"], json!(["T0", "T1", "T2"]));
}

#[tokio::test]
async fn a_customer_has_at_most_fifty_tags() {
    let app = TestApp::start().await;
    let tags: Vec<_> = (0..50).map(|n| format!("tag {n}")).collect();
    let full = app.operator().post("customer", json!({ "phone": "0871234567", "tags": tags })).await.body;
    let path = format!("customer/{}/tag", id_of(&full));
    app.pass(10);
    app.operator().post_empty(&format!("{path}/one%20more")).await.assert_problem(409, "limit_reached");
    assert_record(&app.operator().post_empty(&format!("{path}/TAG%2049")).await, &full);
    assert_record(&app.operator().delete(&format!("{path}/one%20more")).await, &full);

    assert_eq!(app.operator().delete(&format!("{path}/TAG%2049")).await.status, 200);
    let tagged = app.operator().post_empty(&format!("{path}/one%20more")).await;
    assert_eq!((tagged.status, tagged.body["tags"].as_array().unwrap().len()), (200, 50));
}

#[tokio::test]
async fn twenty_concurrent_tags_are_all_kept_and_each_is_one_version() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let path = format!("customer/{}/tag", id_of(&created));
    let mut adds = JoinSet::new();
    // Each tag is sent in two spellings.
    for name in (0..20).flat_map(|n| [format!("tag-{n}"), format!("TAG-{n}")]) {
        let (operator, path) = (app.operator(), format!("{path}/{name}"));
        adds.spawn(async move { operator.post_empty(&path).await.status });
    }
    assert_eq!(adds.join_all().await, [200; 40]);
    let after = app.operator().get(&format!("customer/{}", id_of(&created))).await;
    assert_eq!((after.body["tags"].as_array().unwrap().len(), &after.body["version"]), (20, &json!(21)));
}

#[tokio::test]
async fn concurrent_tags_never_exceed_the_limit() {
    let app = TestApp::start().await;
    let tags: Vec<_> = (0..45).map(|n| format!("tag {n}")).collect();
    let created = app.operator().post("customer", json!({ "phone": "0871234567", "tags": tags })).await.body;
    let mut adds = JoinSet::new();
    for n in 0..20 {
        let (operator, path) = (app.operator(), format!("customer/{}/tag/new-{n}", id_of(&created)));
        adds.spawn(async move { operator.post_empty(&path).await.status });
    }
    let mut statuses = adds.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200; 5], vec![409; 15]].concat());
}

#[tokio::test]
async fn an_unknown_customer_is_not_found_and_not_created() {
    let app = TestApp::start().await;
    app.operator().post_empty("customer/unknown/tag/vip").await.assert_problem(404, "not_found");
    app.operator().get("customer/unknown").await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn only_staff_of_the_tenant_may_add_a_tag() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let id = id_of(&created);
    let existing = format!("customer/{id}/tag/vip");
    let mut closed = strangers(&app, id);
    closed.extend([app.app("city"), app.passenger(id)]);
    assert_forbidden(&app, closed, "POST", [&existing, "customer/unknown/tag/vip"], &Value::Null).await;
    for role in ["integration", "admin"] {
        let tagged = app.staff("demo", role).post_empty(&format!("customer/{id}/tag/{role}")).await;
        assert_eq!(tagged.status, 200, "{tagged:?}");
    }
}
