//! unlinkAccount and unlinkBrand: only these two kinds of links have a default.

use api_tests::{NOW, TestApp};
use serde_json::{Value, json};

use crate::record::{after_write, assert_record, id_of};

/// A kind of link that can be a default: its path segment, its list and its default.
struct Kind {
    segment: &'static str,
    list: &'static str,
    default: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind { segment: "account", list: "accounts", default: "defaultAccount" },
    Kind { segment: "brand", list: "brands", default: "defaultBrand" },
];

/// A customer with the links `acme` (the default) and `zeta`.
async fn customer(app: &TestApp, Kind { list, default, .. }: &Kind) -> Value {
    let links = json!([{ "id": "acme" }, { "id": "zeta" }]);
    let body = json!({ "phone": "0871234567", *list: links, *default: { "id": "acme" } });
    let answer = app.operator().post("customer", body).await;
    assert_eq!((answer.status, &answer.body[*list]), (201, &links), "{answer:?}");
    answer.body
}

#[tokio::test]
async fn unlinking_the_default_clears_it_in_the_same_write() {
    for kind in KINDS {
        let Kind { segment, list, default } = &kind;
        let app = TestApp::start().await;
        let created = customer(&app, &kind).await;
        let id = id_of(&created);
        app.pass(10);
        let unlinked = app.operator().delete(&format!("customer/{id}/{segment}/acme")).await;
        let expected = after_write(&created, NOW + 10, &json!({ *list: [{ "id": "zeta" }], *default: null }));
        assert_record(&unlinked, &expected);
        assert_record(&app.operator().get(&format!("customer/{id}")).await, &expected);
        app.operator().get(&format!("{segment}/acme/customer/{id}")).await.assert_problem(404, "not_found");

        app.pass(10);
        assert_record(&app.operator().delete(&format!("customer/{id}/{segment}/acme")).await, &expected);
        let relinked = app.operator().post_empty(&format!("customer/{id}/{segment}/acme")).await;
        assert_eq!(relinked.body[*default], Value::Null, "a link brought the old default back");
    }
}

#[tokio::test]
async fn unlinking_another_link_keeps_the_default() {
    for kind in KINDS {
        let Kind { segment, list, .. } = &kind;
        let app = TestApp::start().await;
        let created = customer(&app, &kind).await;
        let unlinked = app.operator().delete(&format!("customer/{}/{segment}/zeta", id_of(&created))).await;
        assert_record(&unlinked, &after_write(&created, NOW, &json!({ *list: [{ "id": "acme" }] })));
    }
}

#[tokio::test]
async fn a_default_is_always_linked_despite_concurrent_changes() {
    for kind in KINDS {
        let Kind { segment, list, default } = &kind;
        let app = TestApp::start().await;
        let created = customer(&app, &kind).await;
        let path = format!("customer/{}", id_of(&created));
        for id in ["zeta", "acme"].repeat(10) {
            let (operator, unlink) = (app.operator(), format!("{path}/{segment}/{id}"));
            let (set, unlinked) =
                tokio::join!(operator.post(&path, json!({ *default: { "id": id } })), operator.delete(&unlink));
            assert_eq!((set.status, unlinked.status), (200, 200), "{set:?} {unlinked:?}");
            for record in [&set.body, &unlinked.body, &operator.get(&path).await.body] {
                let (named, links) = (&record[*default], record[*list].as_array().unwrap());
                assert!(named.is_null() || links.contains(named), "{record}");
            }
        }
    }
}
