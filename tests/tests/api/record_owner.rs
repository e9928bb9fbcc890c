//! What a passenger sees of a record whose number may have changed hands: nothing that the office, or an earlier owner,
//! wrote.

use api_tests::{Answer, NOW, Session, TENANT, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::place::{at, save_new};
use crate::record::id_of;
use crate::stored;

/// A customer of the brand `city` whose owner has changed now.
async fn with_new_owner(app: &TestApp, fields: Value) -> String {
    let mut body = json!({ "phone": "0871234567" });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let created = app.operator().post("brand/city/customer", body).await.body;
    start_ownership(app, id_of(&created)).await;
    id_of(&created).to_owned()
}

/// Does what a login does that starts an ownership.
async fn start_ownership(app: &TestApp, id: &str) {
    let mut profile = stored::profile(app, id).await;
    profile.insert("ownerSince".to_owned(), AttributeValue::N(NOW.to_string()));
    profile.remove("passengerFields");
    stored::put(app, profile).await;
}

/// Fields of the office, and of an earlier owner.
fn hidden() -> Value {
    json!({
        "email": "old@example.com", "firstName": "Aoife", "lastName": "Byrne", "defaultAccount": { "id": "acme" },
        "accountDepartments": [{ "id": "sales" }], "clientCapabilities": [{ "id": "wav" }], "tags": ["VIP"],
        "priority": 30, "minPriority": 40, "loyaltyMiles": 9000, "rating": 7, "driverNote": "Rings twice",
        "managementNote": "Pays late",
    })
}

#[tokio::test]
async fn a_new_owner_sees_nothing_that_the_office_wrote() {
    let app = TestApp::start().await;
    let id = with_new_owner(&app, hidden()).await;
    let address = json!({ "address": "1 Old Street", "latitude": 1.0, "longitude": 1.0, "driverNote": "Gate 7" });
    save_new(&app.operator(), &id, address).await;
    let record = format!("customer/{id}");
    let passenger = app.passenger(&id);
    let seen = passenger.get(&record).await;
    let expected = json!({
        "id": id, "phone": "+353871234567", "email": null, "firstName": null, "lastName": null,
        "defaultAccount": null, "defaultBrand": null, "accounts": [], "accountDepartments": [],
        "brands": [{ "id": "city" }], "clientCapabilities": [], "priority": 60, "priorityType": "REGULAR",
        "loyaltyMiles": 0, "driverNote": null, "active": true, "phoneVerifiedDate": null, "createdDate": NOW,
        "updatedDate": NOW, "version": 1,
    });
    assert_eq!((seen.status, seen.body), (200, expected));
    for path in [format!("{record}/addresses"), format!("brand/city/{record}/addresses")] {
        assert_eq!(passenger.get(&path).await.body, json!({ "items": [] }));
    }
    let card = passenger.get(&format!("brand/city/{record}?include=addresses")).await;
    assert_eq!(card.body["addresses"], json!([]));
    let of_office = app.operator().get(&record).await.body;
    assert_eq!((&of_office["firstName"], &of_office["ownerSince"]), (&json!("Aoife"), &json!(NOW)));
}

#[tokio::test]
async fn a_new_owner_sees_what_they_write_until_the_office_writes_it() {
    let app = TestApp::start().await;
    let id = with_new_owner(&app, hidden()).await;
    let (record, passenger) = (format!("customer/{id}"), app.passenger(&id));
    // It is the hidden value, which counts as absent, so this is a change.
    let same = passenger.post(&record, json!({ "firstName": "Aoife" })).await;
    assert_eq!((&same.body["firstName"], &same.body["version"]), (&json!("Aoife"), &json!(2)));
    let again = passenger.post(&record, json!({ "firstName": "Aoife" })).await;
    assert_eq!((again.status, again.body), (200, same.body));
    // There is nothing to clear, and the office keeps its value.
    let cleared = passenger.post(&record, json!({ "lastName": null, "email": "new@example.com" })).await;
    assert_eq!((&cleared.body["lastName"], &cleared.body["version"]), (&Value::Null, &json!(3)));
    assert_eq!(app.operator().get(&record).await.body["lastName"], "Byrne");

    let by_office = json!({ "firstName": "Orla", "managementNote": "Called" });
    assert_eq!(app.operator().post(&record, by_office).await.status, 200);
    let seen = passenger.get(&record).await.body;
    assert_eq!((&seen["firstName"], &seen["email"]), (&Value::Null, &json!("new@example.com")));
}

#[tokio::test]
async fn a_new_owner_has_places_of_their_own_and_leaves_the_offices_notes() {
    let app = TestApp::start().await;
    let id = with_new_owner(&app, json!({})).await;
    let (path, passenger) = (format!("customer/{id}/addresses"), app.passenger(&id));
    let of_office = save_new(&app.operator(), &id, at(1.0, 1.0)).await;
    let old = id_of(&of_office);
    passenger.post(&path, json!({ "id": old, "label": "mine" })).await.assert_problem(404, "not_found");
    assert_eq!(passenger.delete(&format!("{path}/{old}")).await.status, 204, "what is hidden counts as absent");
    let own = save_new(&passenger, &id, at(1.0, 1.0)).await;
    assert_ne!(own["id"], of_office["id"], "the same place is hidden");
    let noted = json!({ "id": own["id"], "driverNote": "Gate 7", "managementNote": "Late" });
    assert_eq!(app.operator().post(&path, noted).await.status, 200);
    let labelled = passenger.post(&path, json!({ "id": own["id"], "label": "home" })).await;
    assert_eq!((&labelled.body["label"], &labelled.body["driverNote"]), (&json!("home"), &Value::Null));
    assert_eq!(passenger.get(&path).await.body, json!({ "items": [labelled.body] }));
    let items = app.operator().get(&path).await.body["items"].clone();
    let stored = items.as_array().unwrap().iter().find(|item| item["id"] == own["id"]).unwrap();
    assert_eq!((&stored["driverNote"], &stored["managementNote"]), (&json!("Gate 7"), &json!("Late")));
    assert_eq!(items.as_array().unwrap().len(), 2, "the office sees all");
    // The next owner does not see what this one wrote.
    app.pass(1);
    let mut profile = stored::profile(&app, &id).await;
    profile.insert("ownerSince".to_owned(), AttributeValue::N((NOW + 1).to_string()));
    stored::put(&app, profile).await;
    assert_eq!(passenger.get(&path).await.body, json!({ "items": [] }));
}

#[tokio::test]
async fn the_office_confirms_the_owner() {
    let app = TestApp::start().await;
    let id = with_new_owner(&app, json!({ "firstName": "Aoife" })).await;
    let (record, passenger) = (format!("customer/{id}"), app.passenger(&id));
    for (body, status) in [(json!({ "ownerConfirmed": false }), 422), (json!({ "ownerConfirmed": null }), 422)] {
        assert_eq!(app.operator().post(&record, body).await.status, status);
    }
    let by_passenger = passenger.post(&record, json!({ "ownerConfirmed": true })).await;
    by_passenger.assert_problem(403, "field_not_allowed");
    let create = json!({ "phone": "0861234567", "ownerConfirmed": true });
    app.operator().post("customer", create).await.assert_problem(422, "not_writable");
    assert_eq!(passenger.get(&record).await.body["firstName"], Value::Null);
    let confirmed = app.operator().post(&record, json!({ "ownerConfirmed": true })).await;
    assert_eq!((&confirmed.body["ownerSince"], &confirmed.body["version"]), (&Value::Null, &json!(2)));
    let again = app.operator().post(&record, json!({ "ownerConfirmed": true })).await;
    assert_eq!((again.status, again.body), (200, confirmed.body));
    assert_eq!(passenger.get(&record).await.body["firstName"], "Aoife");
}

#[tokio::test]
async fn an_owner_that_starts_during_an_update_hides_what_it_compares() {
    let app = TestApp::start().await;
    let created =
        app.operator().post("customer", json!({ "phone": "0871234567", "email": "a@example.com" })).await.body;
    let id = id_of(&created);
    let mut owned = stored::profile(&app, id).await;
    owned.insert("ownerSince".to_owned(), AttributeValue::N(NOW.to_string()));
    let start = app.dynamodb.put_item().table_name(app.table()).set_item(Some(owned));
    app.wire.before("UpdateItem", async { _ = start.send().await.expect("started") });
    let updated = app.passenger(id).post(&format!("customer/{id}"), json!({ "email": "a@example.com" })).await;
    assert_eq!((&updated.body["email"], &updated.body["version"]), (&json!("a@example.com"), &json!(2)));
}

/// A field that is left out, `null`, or a value.
type Maybe<T> = Option<Option<T>>;

/// A request of a passenger.
#[derive(Debug, Clone)]
enum Request {
    Get {
        brand: Option<bool>,
        addresses: bool,
    },
    Update {
        brand: Option<bool>,
        fields: [Maybe<u8>; 3],
        stale: Option<bool>,
    },
    Addresses {
        brand: Option<bool>,
    },
    /// Saves the nth own address, an address that does not exist for the passenger, or a place.
    Save {
        nth: Option<u8>,
        place: u8,
        label: Option<u8>,
        stale: Option<bool>,
    },
    Delete {
        nth: u8,
        stale: Option<bool>,
    },
}

fn requests() -> impl Strategy<Value = Vec<Request>> {
    let brand = || option::of(any::<bool>());
    let stale = || option::weighted(0.3, any::<bool>());
    let change = || option::of(option::of(0..2_u8));
    let fields = (change(), change(), change()).prop_map(|(email, first, last)| [email, first, last]);
    let request = prop_oneof![
        2 => (brand(), any::<bool>()).prop_map(|(brand, addresses)| Request::Get { brand, addresses }),
        4 => (brand(), fields, stale()).prop_map(|(brand, fields, stale)| Request::Update { brand, fields, stale }),
        1 => brand().prop_map(|brand| Request::Addresses { brand }),
        4 => (option::weighted(0.4, 0..3_u8), 0..3_u8, option::of(0..2_u8), stale())
            .prop_map(|(nth, place, label, stale)| Request::Save { nth, place, label, stale }),
        1 => (0..3_u8, stale()).prop_map(|(nth, stale)| Request::Delete { nth, stale }),
    ];
    vec(request, 1..20)
}

/// A passenger of a record, and the addresses that they have saved.
struct World {
    app: TestApp,
    id: String,
    /// The ids of addresses that the passenger does not see.
    hidden: Vec<String>,
    own: Vec<String>,
}

impl World {
    /// The record has what a passenger sees, and `fields` and `addresses` that they do not.
    async fn start(fields: Value, addresses: u8) -> Self {
        let app = TestApp::start().await;
        let id = with_new_owner(&app, fields).await;
        let mut hidden = Vec::new();
        for n in 0..addresses {
            let place = json!({
                "address": format!("{n} Old Street"), "latitude": f64::from(n), "longitude": 1.0, "label": "label 0",
                "driverNote": "Gate 7",
            });
            hidden.push(id_of(&save_new(&app.operator(), &id, place).await).to_owned());
        }
        Self { app, id, hidden, own: Vec::new() }
    }

    /// The nth own address. After those, hidden ones, which are unknown in the other world.
    fn address(&self, nth: u8) -> String {
        let mut all = self.own.iter().chain(&self.hidden);
        all.nth(usize::from(nth)).cloned().unwrap_or_else(|| "unknown".to_owned())
    }

    async fn send(&mut self, request: &Request) -> Answer {
        let passenger: Session = self.app.passenger(&self.id);
        let scope =
            |brand: Option<bool>| brand.map_or("", |linked| if linked { "brand/city/" } else { "brand/night/" });
        let record = format!("customer/{}", self.id);
        let version = passenger.get(&record).await.body["version"].as_i64().unwrap();
        let tag = |stale: Option<bool>| stale.map(|stale| format!("\"{}\"", version + i64::from(stale)));
        let (method, path, tag, body) = match request {
            Request::Get { brand, addresses } => {
                let query = if *addresses { "?include=addresses&addressLimit=20" } else { "" };
                ("GET", format!("{}{record}{query}", scope(*brand)), None, Value::Null)
            }
            Request::Update { brand, fields, stale } => {
                let mut body = json!({});
                for (name, value) in ["email", "firstName", "lastName"].iter().zip(fields) {
                    if let Some(value) = value {
                        let values = if *name == "email" { ["old@example.com", "b@b.ie"] } else { ["Aoife", "Byrne"] };
                        body[*name] = json!(value.map(|n| values[usize::from(n)]));
                    }
                }
                ("POST", format!("{}{record}", scope(*brand)), tag(*stale), body)
            }
            Request::Addresses { brand } => ("GET", format!("{}{record}/addresses", scope(*brand)), None, Value::Null),
            Request::Save { nth, place, label, stale } => {
                let mut body = json!({ "address": "1 Main Street", "latitude": place, "longitude": 1 });
                if let Some(nth) = nth {
                    body["id"] = json!(self.address(*nth));
                }
                if let Some(label) = label {
                    body["label"] = json!(format!("label {label}"));
                }
                ("POST", format!("{record}/addresses"), tag(*stale), body)
            }
            Request::Delete { nth, stale } => {
                ("DELETE", format!("{record}/addresses/{}", self.address(*nth)), tag(*stale), Value::Null)
            }
        };
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(tag.as_deref().map(|tag| ("if-match", tag)));
        let answer = passenger.send(method, &path, &headers, body.to_string().into_bytes()).await;
        if answer.status == 201 {
            self.own.push(id_of(&answer.body).to_owned());
        }
        answer
    }

    /// The response as text, with names in place of ids that the service issued.
    fn text_of(&self, answer: &Answer) -> String {
        let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| *name != "x-request-id").collect();
        headers.sort_by_key(|(name, _)| name.as_str());
        let mut body = answer.body.clone();
        if let Some(problem) = body.as_object_mut() {
            problem.remove("requestId");
        }
        let mut text = format!("{} {headers:?} {body}", answer.status);
        text = text.replace(&self.id, "{id}");
        for (n, own) in self.own.iter().enumerate() {
            text = text.replace(own, &format!("{{address {n}}}"));
        }
        assert!(!self.hidden.iter().any(|hidden| text.contains(hidden)), "{text}");
        text
    }
}

#[test]
fn records_that_differ_only_in_what_is_hidden_answer_a_passenger_the_same() {
    let runtime = Runtime::new().unwrap();
    let config = Config { cases: 24, max_shrink_iters: 100, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&requests(), |requests| {
        runtime.block_on(async {
            let mut full = World::start(hidden(), 3).await;
            let mut bare = World::start(json!({}), 0).await;
            for (n, request) in requests.iter().enumerate() {
                let (one, other) = (full.send(request).await, bare.send(request).await);
                let (one, other) = (full.text_of(&one), bare.text_of(&other));
                if one != other {
                    return Err(TestCaseError::fail(format!("request {n}, {request:?}:\n{one}\n{other}")));
                }
            }
            // The office still has everything that the passenger does not see.
            let office = full.app.operator();
            let record = office.get(&format!("/client/{TENANT}/customer/{}", full.id)).await.body;
            assert_eq!(record["managementNote"], "Pays late");
            let addresses = office.get(&format!("customer/{}/addresses", full.id)).await.body;
            let kept = addresses["items"].as_array().unwrap();
            assert!(full.hidden.iter().all(|id| kept.iter().any(|address| address["id"] == **id)));
            Ok(())
        })
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
