//! Tests that apply to all eight operations on links. Tests of a single operation are in the module of its name.

use api_tests::{Fault, Session, TestApp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::record::{after_write, assert_record, id_of};
use crate::refused::{assert_forbidden, strangers};

/// A kind of link: its path segment and its field in a record.
#[derive(Clone, Copy)]
struct Kind {
    segment: &'static str,
    field: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind { segment: "account", field: "accounts" },
    Kind { segment: "accountdepartment", field: "accountDepartments" },
    Kind { segment: "brand", field: "brands" },
    Kind { segment: "clientcapability", field: "clientCapabilities" },
];

impl Kind {
    fn path(self, customer: &Value, id: &str) -> String {
        format!("customer/{}/{}/{id}", id_of(customer), self.segment)
    }

    /// Creates a customer with this number of links of this kind: `member-00` and so on.
    async fn customer_with(self, caller: &Session, phone: &str, links: usize) -> Value {
        let links: Vec<_> = (0..links).map(|n| json!({ "id": format!("member-{n:02}") })).collect();
        let answer = caller.post("customer", json!({ "phone": phone, self.field: links })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body
    }
}

/// A phone for each kind, so that one table serves them all.
fn phones() -> impl Iterator<Item = (Kind, String)> {
    KINDS.into_iter().enumerate().map(|(n, kind)| (kind, format!("087 123 450{n}")))
}

#[tokio::test]
async fn linking_twice_changes_nothing_even_if_the_id_is_encoded_differently() {
    let app = TestApp::start().await;
    for (kind, phone) in phones() {
        let created = app.operator().register(&phone).await;
        app.pass(10);
        let linked = app.operator().post_empty(&kind.path(&created, "One-1")).await;
        app.pass(10);
        for id in ["One-1", "%4Fne%2D1"] {
            assert_record(&app.operator().post_empty(&kind.path(&created, id)).await, &linked.body);
        }
        let other = app.operator().post_empty(&kind.path(&created, "ONE-1")).await;
        assert_eq!(other.body["version"], 3);
        assert_eq!(other.body[kind.field], json!([{ "id": "ONE-1" }, { "id": "One-1" }]), "an id keeps its case");
    }
}

#[tokio::test]
async fn removing_a_missing_link_changes_nothing() {
    let app = TestApp::start().await;
    for (kind, phone) in phones() {
        let created = app.operator().register(&phone).await;
        app.pass(10);
        assert_record(&app.operator().delete(&kind.path(&created, "one")).await, &created);

        let linked = app.operator().post_empty(&kind.path(&created, "one")).await;
        app.pass(10);
        assert_record(&app.operator().delete(&kind.path(&created, "ONE")).await, &linked.body);
    }
}

#[tokio::test]
async fn removing_the_last_link_leaves_an_empty_list() {
    let app = TestApp::start().await;
    for (kind, phone) in phones() {
        let created = kind.customer_with(&app.operator(), &phone, 1).await;
        let unlinked = app.operator().delete(&kind.path(&created, "member-00")).await;
        let now = unlinked.body["updatedDate"].as_i64().unwrap();
        assert_record(&unlinked, &after_write(&created, now, &json!({ kind.field: [] })));
        app.pass(10);
        assert_record(&app.operator().delete(&kind.path(&created, "member-00")).await, &unlinked.body);

        let linked = app.operator().post_empty(&kind.path(&created, "member-00")).await;
        assert_eq!((&linked.body[kind.field], &linked.body["version"]), (&created[kind.field], &json!(3)));
    }
}

#[tokio::test]
async fn a_body_is_ignored_even_if_it_is_malformed_and_of_a_wrong_type() {
    let app = TestApp::start().await;
    let large = vec![b'x'; 70_000];
    let bodies: [(&str, &[u8]); 4] = [
        ("application/json", br#"{"id":"other"}"#),
        ("application/json", b"{\"id\":"),
        ("text/plain; charset=nonsense", b"\xff\xfe\x00"),
        ("application/x-www-form-urlencoded", &large),
    ];
    for (kind, phone) in phones() {
        let created = app.operator().register(&phone).await;
        for (n, (content_type, body)) in bodies.into_iter().enumerate() {
            let path = kind.path(&created, "one");
            let headers = [("content-type", content_type)];
            let linked = app.operator().send("POST", &path, &headers, body.to_vec()).await;
            assert_eq!((linked.status, &linked.body["version"]), (200, &json!(2 + 2 * n)), "{linked:?}");
            assert_eq!(linked.body[kind.field], json!([{ "id": "one" }]));
            let unlinked = app.operator().send("DELETE", &path, &headers, body.to_vec()).await;
            assert_eq!((unlinked.status, &unlinked.body["version"]), (200, &json!(3 + 2 * n)), "{unlinked:?}");
            assert_eq!(unlinked.body[kind.field], json!([]));
        }
    }
}

#[tokio::test]
async fn an_unknown_customer_or_one_of_another_tenant_is_not_found() {
    let app = TestApp::start().await;
    let elsewhere =
        app.staff("demo2", "operator").post("/client/demo2/customer", json!({ "phone": "0871234567" })).await;
    for kind in KINDS {
        for method in ["POST", "DELETE"] {
            let mut answers = Vec::new();
            for customer in [json!({ "id": "01920000-0000-7000-8000-00000000dead" }), elsewhere.body.clone()] {
                let mut answer = app.operator().send(method, &kind.path(&customer, "one"), &[], Vec::new()).await;
                answer.assert_problem(404, "not_found");
                answer.body["requestId"].take();
                answers.push(answer.body);
            }
            assert_eq!(answers[0], answers[1]);
        }
    }
    let id = id_of(&elsewhere.body);
    let untouched = app.staff("demo2", "operator").get(&format!("/client/demo2/customer/{id}")).await;
    assert_eq!(untouched.body, elsewhere.body);
    assert_eq!(app.operator().get("customer/unknown").await.status, 404, "a link created its customer");
}

#[tokio::test]
async fn a_malformed_id_is_refused_before_anything_is_read() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let _ = app.wire.take_calls();
    let long = "x".repeat(65);
    for kind in KINDS {
        for method in ["POST", "DELETE"] {
            for id in ["a.b", "a%2Fb", "a%23b", "%C3%A9", "a+b", "%FF", "%20", &long] {
                let answer = app.operator().send(method, &kind.path(&created, id), &[], Vec::new()).await;
                answer.assert_problem(400, "invalid_path");
            }
            let customer = json!({ "id": "a%23b" });
            let answer = app.operator().send(method, &kind.path(&customer, "one"), &[], Vec::new()).await;
            answer.assert_problem(400, "invalid_path");
        }
    }
    assert_eq!(app.wire.take_calls().len(), 0);
}

#[tokio::test]
async fn only_staff_of_the_tenant_may_link_and_unlink() {
    let app = TestApp::start().await;
    for (kind, phone) in phones() {
        let created = app.operator().register(&phone).await;
        let id = id_of(&created);
        let missing = kind.path(&json!({ "id": "unknown" }), "city");
        let existing = kind.path(&created, "city");
        let paths = [existing.as_str(), missing.as_str()];
        for method in ["POST", "DELETE"] {
            let mut closed = strangers(&app, id);
            closed.extend([app.app("city"), app.passenger(id)]);
            assert_forbidden(&app, closed, method, paths, &Value::Null).await;
        }
        for (n, role) in ["operator", "integration", "admin"].into_iter().enumerate() {
            let staff = app.staff("demo", role);
            assert_eq!(staff.post_empty(paths[0]).await.body["version"], 2 + 2 * n, "{role}");
            assert_eq!(staff.delete(paths[0]).await.body["version"], 3 + 2 * n, "{role}");
        }
    }
}

#[tokio::test]
async fn a_customer_has_at_most_a_hundred_links_of_a_kind() {
    let app = TestApp::start().await;
    for (kind, phone) in phones() {
        let full = kind.customer_with(&app.operator(), &phone, 100).await;
        let refused = app.operator().post_empty(&kind.path(&full, "one-more")).await;
        refused.assert_problem(409, "limit_reached");

        assert_record(&app.operator().post_empty(&kind.path(&full, "member-99")).await, &full);
        assert_record(&app.operator().delete(&kind.path(&full, "one-more")).await, &full);

        let other = KINDS.into_iter().find(|other| other.field != kind.field).unwrap();
        assert_eq!(
            app.operator().post_empty(&other.path(&full, "one")).await.status,
            200,
            "each kind has its own limit"
        );
        assert_eq!(app.operator().delete(&kind.path(&full, "member-99")).await.status, 200);
        let linked = app.operator().post_empty(&kind.path(&full, "one-more")).await;
        assert_eq!(linked.status, 200, "{linked:?}");
        assert_eq!(linked.body[kind.field].as_array().unwrap().len(), 100);
    }
}

#[tokio::test]
async fn concurrent_links_are_all_kept_and_never_exceed_the_limit() {
    let app = TestApp::start().await;
    for (kind, phone) in phones() {
        let created = kind.customer_with(&app.operator(), &phone, 90).await;
        let mut links = JoinSet::new();
        for n in 0..20 {
            let (operator, path) = (app.operator(), kind.path(&created, &format!("new-{n}")));
            links.spawn(async move { operator.post_empty(&path).await.status });
        }
        let mut statuses = links.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [[200; 10], [409; 10]].concat());
        let after = app.operator().get(&format!("customer/{}", id_of(&created))).await;
        assert_eq!(after.body[kind.field].as_array().unwrap().len(), 100);
        assert_eq!(after.body["version"], 11);
    }
}

#[tokio::test]
async fn a_conflict_with_a_transaction_is_retried_a_limited_number_of_times() {
    let app = TestApp::start().await;
    let created = app.operator().register("0871234567").await;
    let path = KINDS[0].path(&created, "one");
    for (method, field) in [("POST", json!([{ "id": "one" }])), ("DELETE", json!([]))] {
        app.wire.inject(Fault::exception("UpdateItem", "TransactionConflictException"));
        let answer = app.operator().send(method, &path, &[], Vec::new()).await;
        assert_eq!((answer.status, &answer.body["accounts"]), (200, &field), "{answer:?}");
        assert_eq!(app.wire.faults_left(), 0);
    }
    for _ in 0..100 {
        app.wire.inject(Fault::exception("UpdateItem", "TransactionConflictException"));
    }
    app.operator().post_empty(&path).await.assert_problem(503, "unavailable");
    assert!(app.wire.faults_left() > 80, "it gave up after {} attempts", 100 - app.wire.faults_left());
}
