//! updateCustomer with `If-Match`.

use api_tests::TestApp;
use serde_json::json;
use tokio::task::JoinSet;

use crate::stored;

#[tokio::test]
async fn if_match_allows_the_current_version() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    let long_list = (0..300).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    let tags = ["\"1\"", "\"9\", \"2\"", "*", "\"4\",\"4\"", "W/\"5\", \"5\"", &long_list];
    for (n, tag) in tags.into_iter().enumerate() {
        let body = json!({ "firstName": format!("Aoife {n}") });
        let answer = app.operator().post_with(&path, &[("if-match", tag)], body).await;
        assert_eq!((answer.status, &answer.body["version"]), (200, &json!(n + 2)), "{tag}: {answer:?}");
    }
}

#[tokio::test]
async fn if_match_refuses_an_old_or_unknown_version() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    let now = app.operator().post(&path, json!({ "firstName": "Gráinne" })).await.body;
    let long_list = (3..400).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    for tag in ["\"1\"", "\"3\"", "W/\"2\"", "\"02\"", "\"+2\"", "\"99999999999999999999\"", "\"*\"", &long_list] {
        for body in [json!({ "firstName": "Aoife" }), json!({ "phone": "0861234567" })] {
            let answer = app.operator().post_with(&path, &[("if-match", tag)], body).await;
            answer.assert_problem(412, "precondition_failed");
        }
        for body in [json!({ "firstName": "Gráinne" }), json!({}), json!({ "phone": "0871234567" })] {
            let answer = app.operator().post_with(&path, &[("if-match", tag)], body).await;
            assert_eq!((answer.status, &answer.body), (200, &now), "the record already is as the request wants it");
        }
    }
    assert_eq!(app.operator().get(&path).await.body, now);
}

#[tokio::test]
async fn a_malformed_if_match_is_422_even_if_nothing_would_change() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    let too_long = format!("\"1\", \"{}\"", "9".repeat(4000));
    for (tag, code) in [
        ("1", "invalid_condition"),
        ("\"1", "invalid_condition"),
        ("'1'", "invalid_condition"),
        ("", "invalid_condition"),
        (",", "invalid_condition"),
        ("garbage", "invalid_condition"),
        (&too_long, "too_long"),
    ] {
        for body in [json!({ "firstName": "Aoife" }), json!({})] {
            let answer = app.operator().post_with(&path, &[("if-match", tag)], body).await;
            answer.assert_problem(422, "validation_failed");
            assert_eq!(answer.errors(), [("If-Match".into(), code.into())], "{tag}");
        }
    }
}

#[tokio::test]
async fn an_unknown_customer_is_404_with_any_if_match() {
    let app = TestApp::start().await;
    for headers in [&[][..], &[("if-match", "\"1\"")], &[("if-match", "*")], &[("if-match", "\"garbage\"")]] {
        for body in [json!({ "firstName": "Aoife" }), json!({}), json!({ "phone": "0871234567" })] {
            app.operator().post_with("customer/unknown", headers, body).await.assert_problem(404, "not_found");
        }
    }
    assert_eq!(stored::items(&app).await, [], "an update created something");
}

#[tokio::test]
async fn of_concurrent_updates_with_one_etag_one_succeeds() {
    let app = TestApp::start().await;
    let path = format!("customer/{}", app.operator().register_id("0871234567").await);
    let mut updates = JoinSet::new();
    for n in 0..20 {
        let (operator, path) = (app.operator(), path.clone());
        updates.spawn(async move {
            operator.post_with(&path, &[("if-match", "\"1\"")], json!({ "rating": n })).await.status
        });
    }
    let mut statuses = updates.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![412; 19]].concat());
    assert_eq!(app.operator().get(&path).await.body["version"], 2);
}
