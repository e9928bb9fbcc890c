//! Compares the DynamoDB calls of every operation, and their capacity units, with its budget.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use api_tests::{Answer, NOW, Session, TestApp};
use serde_json::{Value, json};
use shared::api::Operation;

use crate::place::{at, save_new};

/// One measured request.
struct Row {
    operation: Operation,
    case: &'static str,
    /// The calls that the request makes, in their order.
    calls: &'static [&'static str],
    /// The read and write units that DynamoDB reports for them. Items here are smaller than 1 KB. A write with a failed
    /// condition costs one unit, but its error reports none.
    units: f64,
}

/// The read units of a customer with 200 addresses of the usual size, which are those of its list of addresses.
const WITH_200_ADDRESSES: f64 = 13.0;

const GET: &[&str] = &["GetItem"];
const QUERY: &[&str] = &["Query"];
const UPDATE: &[&str] = &["UpdateItem"];

/// A customer with links, tags and an address.
struct Fixture {
    app: TestApp,
    operator: Session,
    id: String,
    measured: Mutex<HashSet<Operation>>,
}

impl Fixture {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let operator = app.admin();
        let body = json!({
            "phone": "0871234567",
            "tags": ["VIP"],
            "defaultAccount": { "id": "acme" },
            "defaultBrand": { "id": "city" },
            "accountDepartments": [{ "id": "d1" }],
            "clientCapabilities": [{ "id": "wav" }],
        });
        let id = operator.post("customer", body).await.body["id"].as_str().unwrap().to_owned();
        app.wire.take_calls();
        Self { app, operator, id, measured: Mutex::default() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a row and its answer are made where they are checked")]
    fn check(&self, row: Row, answer: Answer, status: u16) {
        let Row { operation, case, calls, units } = row;
        assert_eq!(answer.operation, Some(operation.name()), "{case}: {answer:?}");
        assert_eq!(answer.status, status, "{} ({case}): {answer:?}", operation.name());
        self.measured.lock().unwrap().insert(operation);
        let made = self.app.wire.take_calls();
        let names: Vec<_> = made.iter().map(|call| call.operation.as_str()).collect();
        assert_eq!(names, calls, "{} ({case})", operation.name());
        let spent: f64 = made.iter().map(|call| call.capacity).sum();
        assert!((spent - units).abs() < 1e-9, "{} ({case}) took {spent} units, not {units}", operation.name());
    }

    /// The operations that were checked.
    fn measured(self) -> HashSet<Operation> {
        self.measured.into_inner().unwrap()
    }
}

/// Settings are cached by each function, so their calls are outside the budget.
const OUTSIDE_THE_BUDGET: &[Operation] = &[Operation::GetCustomerSettings, Operation::PutCustomerSettings];

#[tokio::test]
async fn every_operation_makes_the_calls_of_its_budget() {
    let measured = [
        searches().await,
        reads().await,
        creates().await,
        updates().await,
        blocks().await,
        links_and_tags().await,
        addresses_and_deletes().await,
    ];
    let measured: HashSet<_> = measured.into_iter().flatten().collect();
    let expected = Operation::authenticated().filter(|operation| !OUTSIDE_THE_BUDGET.contains(operation));
    assert_eq!(measured, expected.collect());
}

fn row(operation: Operation, case: &'static str, calls: &'static [&'static str], units: f64) -> Row {
    Row { operation, case, calls, units }
}

async fn reads() -> HashSet<Operation> {
    use Operation::{
        FindCustomerByPhone, GetAccountCustomer, GetBrandCustomer, GetCustomer, ListAddresses, ListBrandAddresses,
        ListTags,
    };
    let f = Fixture::start().await;
    let id = &f.id;
    for (operation, path, status, calls, units) in [
        (GetCustomer, format!("customer/{id}"), 200, GET, 1.0),
        (GetCustomer, "customer/unknown".into(), 404, GET, 1.0),
        (GetBrandCustomer, format!("brand/city/customer/{id}"), 200, GET, 1.0),
        (GetBrandCustomer, format!("brand/other/customer/{id}"), 404, GET, 1.0),
        (GetAccountCustomer, format!("account/acme/customer/{id}"), 200, GET, 1.0),
        (ListTags, format!("customer/{id}/tag"), 200, GET, 1.0),
        (ListAddresses, format!("customer/{id}/addresses"), 200, QUERY, 1.0),
        (ListBrandAddresses, format!("brand/city/customer/{id}/addresses"), 200, QUERY, 1.0),
        (ListBrandAddresses, format!("brand/other/customer/{id}/addresses"), 404, QUERY, 1.0),
        // Reading the index is eventually consistent and costs half a unit.
        (FindCustomerByPhone, "customer/phone?phone=0871234567".into(), 200, &["Query", "GetItem"], 1.5),
        (FindCustomerByPhone, "customer/phone?phone=0861234567".into(), 404, &["Query", "GetItem"], 1.5),
        (
            FindCustomerByPhone,
            "customer/phone?phone=0871234567&include=phoneInfo".into(),
            200,
            &["Query", "GetItem"],
            1.5,
        ),
        (
            FindCustomerByPhone,
            "customer/phone?phone=0861234567&include=phoneInfo".into(),
            404,
            &["Query", "GetItem"],
            1.5,
        ),
    ] {
        let answer = f.operator.get(&path).await;
        f.check(row(operation, "", calls, units), answer, status);
    }
    // Digits that are also valid with a plus are looked up again only if no customer has them.
    f.operator.put("customersettings", json!({ "region": "US" })).await;
    f.app.wire.take_calls();
    let lookup: &[&str] = &["Query", "GetItem"];
    let twice: &[&str] = &["Query", "GetItem", "Query", "GetItem"];
    for (case, phone, status, calls, units) in [
        ("no customer in two readings", "4752345678", 404, twice, 3.0),
        ("no customer in the only reading", "2125550123", 404, lookup, 1.5),
        ("with a plus", "%2B4752345678", 404, lookup, 1.5),
    ] {
        let answer = f.operator.get(&format!("customer/phone?phone={phone}")).await;
        f.check(row(FindCustomerByPhone, case, calls, units), answer, status);
    }
    f.operator.register("+4752345678").await;
    f.app.wire.take_calls();
    let answer = f.operator.get("customer/phone?phone=4752345678&include=addresses").await;
    f.check(row(FindCustomerByPhone, "the other reading", &["Query", "GetItem", "Query", "Query"], 3.0), answer, 200);
    f.measured()
}

async fn searches() -> HashSet<Operation> {
    use Operation::SearchCustomers;
    let f = Fixture::start().await;
    let names = json!({
        "phone": "0861234567", "firstName": "Aoife", "lastName": "Byrne", "email": "aoife@example.com",
    });
    f.operator.post("customer", names).await;
    f.app.wire.take_calls();
    let one_phase: &[&str] = &["Query", "BatchGetItem"];
    let two_phases: &[&str] = &["Query", "Query", "BatchGetItem"];
    // Each query of an index is half a unit, and each record is one.
    for (case, question, calls, units) in [
        ("by name", "name=by", two_phases, 2.0),
        ("by name, a page that is full", "name=by&limit=1", one_phase, 1.5),
        ("by first name", "name=ao", two_phases, 2.0),
        ("by name, none", "name=murphy", &["Query", "Query"], 1.0),
        ("by e-mail", "email=aoife@example.com", one_phase, 1.5),
        ("by last digits", "phoneEnding=234567", one_phase, 2.5),
        ("by phone", "phoneEnding=0861234567", one_phase, 1.5),
        ("by last digits, none", "phoneEnding=0000", QUERY, 0.5),
        ("list", "limit=100", one_phase, 2.5),
        ("list, a page", "limit=1", one_phase, 1.5),
    ] {
        let answer = f.operator.get(&format!("customer?{question}")).await;
        f.check(row(SearchCustomers, case, calls, units), answer, 200);
    }
    // A cursor that is refused costs nothing.
    let refused = f.operator.get("customer?cursor=AAAA").await;
    f.check(row(SearchCustomers, "a forged cursor", &[], 0.0), refused, 422);
    f.measured()
}

/// A record with what an office fills in takes one unit to write, with all its index keys.
#[tokio::test]
async fn a_full_record_is_smaller_than_one_unit() {
    use Operation::{AddTag, LinkAccount, UpdateCustomer};
    let f = Fixture::start().await;
    let full = json!({
        "phone": "0861234567", "firstName": "Caoimhe-Saoirse", "lastName": "O’Sullivan-Fitzgerald",
        "email": "caoimhe.saoirse.osullivan@example.com", "defaultAccount": { "id": "account-01" },
        "defaultBrand": { "id": "city" }, "accountDepartments": [{ "id": "account-01-sales" }],
        "clientCapabilities": [{ "id": "wheelchair" }], "tags": ["VIP", "AIRPORT"], "minPriority": 50,
        "loyaltyMiles": 12000, "driverNote": "Please ring on arrival.",
    });
    let created = f.operator.post("customer", full).await;
    // Twice: customer and guard. Once: six index entries.
    f.check(row(Operation::CreateCustomer, "full", &["Query", "TransactWriteItems"], 10.5), created.clone(), 201);
    let path = format!("customer/{}", created.body["id"].as_str().unwrap());
    f.check(row(AddTag, "full", UPDATE, 1.0), f.operator.post_empty(&format!("{path}/tag/new")).await, 200);
    f.check(row(LinkAccount, "full", UPDATE, 1.0), f.operator.post_empty(&format!("{path}/account/new")).await, 200);
    let rated = f.operator.post(&path, json!({ "rating": 90, "managementNote": "Pays by invoice." })).await;
    f.check(row(UpdateCustomer, "full", UPDATE, 1.0), rated, 200);
    let renames: &[&str] = &["GetItem", "UpdateItem"];
    let renamed = f.operator.post(&path, json!({ "lastName": "Ní Bhriain" })).await;
    f.check(row(UpdateCustomer, "full, a name", renames, 6.0), renamed, 200);
    let erased = f.operator.delete(&path).await;
    // Twice: the record, the guard and the password. Once: six index entries.
    f.check(row(Operation::DeleteCustomer, "full", &["Query", "TransactWriteItems"], 13.0), erased, 204);
}

/// A read with addresses reads all of them, even if it shows few. A read without addresses reads none.
#[tokio::test]
async fn only_a_read_with_addresses_takes_more_units_in_one_call() {
    use Operation::{FindCustomerByPhone, GetAccountCustomer, GetBrandCustomer, GetCustomer};
    let f = Fixture::start().await;
    let id = &f.id;
    let reads = [
        (GetCustomer, format!("customer/{id}?"), GET, QUERY),
        (GetBrandCustomer, format!("brand/city/customer/{id}?"), GET, QUERY),
        (GetAccountCustomer, format!("account/acme/customer/{id}?"), GET, QUERY),
        (FindCustomerByPhone, "customer/phone?phone=0871234567&".into(), &["Query", "GetItem"], &["Query", "Query"]),
    ];
    // The read of an index is half a unit. 200 addresses of some 250 bytes and the record are 13
    // units, of 4 KB each.
    for (saved, units) in [(0_u32, 1.0), (1, 1.0), (200, WITH_200_ADDRESSES)] {
        for n in u32::from(saved == 200)..saved {
            let angle = f64::from(n) / 1000.0;
            save_new(&f.operator, id, at(50.0 + angle, -6.1)).await;
        }
        f.app.wire.take_calls();
        for (operation, path, without, with) in &reads {
            let of_index = if *operation == FindCustomerByPhone { 0.5 } else { 0.0 };
            let answer = f.operator.get(path.trim_end_matches(['?', '&'])).await;
            f.check(row(*operation, "alone", without, 1.0 + of_index), answer, 200);
            for limit in [1, 20] {
                let answer = f.operator.get(&format!("{path}include=addresses&addressLimit={limit}")).await;
                f.check(row(*operation, "with addresses", with, units + of_index), answer, 200);
            }
        }
    }
}

async fn creates() -> HashSet<Operation> {
    use Operation::{CreateBrandCustomer, CreateCustomer};
    let f = Fixture::start().await;
    let create = async |path: &str, phone: &str| f.operator.post(path, json!({ "phone": phone })).await;

    // A transaction costs twice the units of its items, customer and guard, but not of the index entries: three for a phone
    // alone, and one for each name and the e-mail.
    let creates: &[&str] = &["Query", "TransactWriteItems"];
    f.check(row(CreateCustomer, "creates", creates, 7.5), create("customer", "0861234567").await, 201);
    let with_password = json!({ "phone": "0831234567", "password": "correct horse" });
    f.check(
        row(CreateCustomer, "creates with a password", creates, 9.5),
        f.operator.post("customer", with_password).await,
        201,
    );
    let names =
        json!({ "phone": "0891234567", "firstName": "Aoife", "lastName": "Byrne", "email": "aoife@example.com" });
    let created = f.operator.post("customer", names).await;
    f.check(row(CreateCustomer, "creates with names and e-mail", creates, 10.5), created, 201);
    let matches: &[&str] = &["Query", "GetItem"];
    f.check(row(CreateCustomer, "matches", matches, 1.5), create("customer", "0861234567").await, 200);

    let brand = "brand/city/customer";
    f.check(row(CreateBrandCustomer, "creates", creates, 7.5), create(brand, "0851234567").await, 201);
    f.check(row(CreateBrandCustomer, "matches, linked", matches, 1.5), create(brand, "0851234567").await, 200);
    let links: &[&str] = &["Query", "GetItem", "UpdateItem"];
    f.check(row(CreateBrandCustomer, "matches, links", links, 2.5), create(brand, "0861234567").await, 200);
    f.measured()
}

async fn updates() -> HashSet<Operation> {
    use Operation::{UpdateBrandCustomer, UpdateCustomer};
    let f = Fixture::start().await;
    f.operator.register("0861234567").await;
    f.app.wire.take_calls();
    let path = format!("customer/{}", f.id);
    let update = async |body: Value| f.operator.post(&path, body).await;

    f.check(row(UpdateCustomer, "changes", UPDATE, 1.0), update(json!({ "rating": 90 })).await, 200);
    f.check(row(UpdateCustomer, "equal values", UPDATE, 0.0), update(json!({ "rating": 90 })).await, 200);
    // The keys of two indexes contain both names, so an update of one reads the other. A new key is an entry, and a
    // changed one is two: one removed and one added.
    let renames: &[&str] = &["GetItem", "UpdateItem"];
    f.check(row(UpdateCustomer, "a first name", renames, 3.0), update(json!({ "firstName": "Aoife" })).await, 200);
    f.check(row(UpdateCustomer, "an equal name", GET, 1.0), update(json!({ "firstName": "Aoife" })).await, 200);
    let both = json!({ "firstName": "Aoife", "lastName": "Byrne" });
    f.check(row(UpdateCustomer, "both names", UPDATE, 4.0), update(both.clone()).await, 200);
    f.check(row(UpdateCustomer, "equal names", UPDATE, 0.0), update(both).await, 200);
    f.check(row(UpdateCustomer, "a last name", renames, 6.0), update(json!({ "lastName": "Kelly" })).await, 200);
    f.check(row(UpdateCustomer, "an e-mail", UPDATE, 2.0), update(json!({ "email": "a@example.com" })).await, 200);
    f.check(row(UpdateCustomer, "a new e-mail", UPDATE, 3.0), update(json!({ "email": "b@example.com" })).await, 200);
    f.check(row(UpdateCustomer, "another case", UPDATE, 1.0), update(json!({ "email": "B@example.com" })).await, 200);
    f.check(row(UpdateCustomer, "no e-mail", UPDATE, 2.0), update(json!({ "email": null })).await, 200);
    f.check(
        row(UpdateCustomer, "no names", UPDATE, 3.0),
        update(json!({ "firstName": null, "lastName": null })).await,
        200,
    );
    f.check(row(UpdateCustomer, "{}", GET, 1.0), update(json!({})).await, 200);
    let same = json!({ "phone": "087 123 4567", "rating": 80 });
    f.check(row(UpdateCustomer, "the same phone", UPDATE, 1.0), update(same).await, 200);
    f.check(row(UpdateCustomer, "only the same phone", GET, 1.0), update(json!({ "phone": "0871234567" })).await, 200);

    let moves: &[&str] = &["UpdateItem", "TransactWriteItems"];
    let taken = json!({ "phone": "0861234567", "rating": 70 });
    let answer = update(taken).await;
    let calls = f.app.wire.take_calls();
    assert_eq!((answer.status, answer.code()), (409, "phone_taken"));
    assert_eq!(calls.iter().map(|call| call.operation.as_str()).collect::<Vec<_>>(), moves);
    // Twice each: the customer, the old guard, the new guard and the password. Once each: removing and adding the entries
    // of two indexes.
    let answer = update(json!({ "phone": "0851234567", "rating": 70 })).await;
    f.check(row(UpdateCustomer, "a new phone", moves, 12.0), answer, 200);
    let answer = update(json!({ "phone": "0871234567" })).await;
    f.check(row(UpdateCustomer, "only a new phone", &["GetItem", "TransactWriteItems"], 13.0), answer, 200);

    for (brand, status, units) in [("city", 200, 1.0), ("other", 404, 0.0)] {
        let path = format!("brand/{brand}/customer/{}", f.id);
        let answer = f.operator.post(&path, json!({ "driverNote": brand })).await;
        f.check(row(UpdateBrandCustomer, brand, UPDATE, units), answer, status);
    }
    let stale = f.operator.post_with(&path, &[("if-match", "\"99\"")], json!({ "rating": 60 })).await;
    f.check(row(UpdateCustomer, "stale", UPDATE, 0.0), stale, 412);
    let stale = f.operator.post_with(&path, &[("if-match", "\"99\"")], json!({ "lastName": "C" })).await;
    f.check(row(UpdateCustomer, "a name, stale", GET, 1.0), stale, 412);
    let unknown = f.operator.post("customer/unknown", json!({ "rating": 60 })).await;
    f.check(row(UpdateCustomer, "unknown", UPDATE, 0.0), unknown, 404);
    let unknown = f.operator.post("customer/unknown", json!({ "lastName": "B" })).await;
    f.check(row(UpdateCustomer, "a name, unknown", GET, 1.0), unknown, 404);
    f.measured()
}

async fn blocks() -> HashSet<Operation> {
    use Operation::{BlockCustomer, UnblockCustomer};
    let f = Fixture::start().await;
    let path = format!("customer/{}/block", f.id);
    let block = async |body: Value| f.operator.put(&path, body).await;
    let first = json!({ "level": "refuse", "reason": "Damage", "untilDate": NOW + 10 });
    f.check(row(BlockCustomer, "first", UPDATE, 1.0), block(first.clone()).await, 200);
    f.check(row(BlockCustomer, "again", UPDATE, 0.0), block(first).await, 200);
    let other = json!({ "level": "warn", "reason": "Damage", "untilDate": NOW + 10 });
    f.check(row(BlockCustomer, "another level", UPDATE, 1.0), block(other.clone()).await, 200);
    for (operation, method) in [(BlockCustomer, "PUT"), (UnblockCustomer, "DELETE")] {
        let stale = [("content-type", "application/json"), ("if-match", "\"99\"")];
        let body = json!({ "level": "warn", "reason": "Late" }).to_string().into_bytes();
        let refused = f.operator.send(method, &path, &stale, body).await;
        f.check(row(operation, "stale", UPDATE, 0.0), refused, 412);
    }
    f.check(row(UnblockCustomer, "first", UPDATE, 1.0), f.operator.delete(&path).await, 200);
    f.check(row(UnblockCustomer, "again", UPDATE, 0.0), f.operator.delete(&path).await, 200);
    f.check(row(BlockCustomer, "first again", UPDATE, 1.0), block(other).await, 200);
    f.app.pass(10);
    f.check(row(UnblockCustomer, "expired", UPDATE, 0.0), f.operator.delete(&path).await, 200);
    let next = block(json!({ "level": "warn", "reason": "Damage" })).await;
    f.check(row(BlockCustomer, "after one that expired", &["UpdateItem", "UpdateItem"], 1.0), next, 200);
    let unknown = f.operator.delete("customer/unknown/block").await;
    f.check(row(UnblockCustomer, "unknown", UPDATE, 0.0), unknown, 404);
    f.measured()
}

#[tokio::test]
async fn a_password_is_hashed_only_for_an_update_that_is_not_refused() {
    use Operation::{UpdateBrandCustomer, UpdateCustomer};
    let f = Fixture::start().await;
    f.operator.register("0861234567").await;
    f.app.wire.take_calls();
    let path = format!("customer/{}", f.id);
    let update = async |path: &str, body: Value| f.operator.post(path, body).await;
    let password = json!({ "password": "correct horse" });

    // These updates were refused after a read and without a write, so nothing was hashed.
    let stale = f.operator.post_with(&path, &[("If-Match", "\"7\"")], password.clone()).await;
    f.check(row(UpdateCustomer, "a password, stale", GET, 1.0), stale, 412);
    f.check(
        row(UpdateCustomer, "a password, unknown", GET, 1.0),
        update("customer/unknown", password.clone()).await,
        404,
    );
    let other = update(&format!("brand/other/{path}"), password.clone()).await;
    f.check(row(UpdateBrandCustomer, "a password, another brand", GET, 1.0), other, 404);
    let writes: &[&str] = &["GetItem", "TransactWriteItems"];
    // Only the transaction finds out whether the phone is taken.
    let taken = update(&path, json!({ "phone": "0861234567", "password": "correct horse" })).await;
    assert_eq!((taken.status, taken.code()), (409, "phone_taken"));
    let calls = f.app.wire.take_calls();
    assert_eq!(calls.iter().map(|call| call.operation.as_str()).collect::<Vec<_>>(), writes);

    // Twice each: the customer and the password.
    f.check(row(UpdateCustomer, "a password", writes, 5.0), update(&path, password).await, 200);
    let moved = update(&path, json!({ "phone": "0851234567", "password": "correct horse" })).await;
    f.check(row(UpdateCustomer, "a password and a new phone", writes, 13.0), moved, 200);
    let null = json!({ "password": null });
    f.check(row(UpdateCustomer, "no password", writes, 5.0), update(&path, null.clone()).await, 200);
    let again = update(&path, null).await;
    f.check(row(UpdateCustomer, "no password again", writes, 1.0), again, 200);
    let with_name = update(&path, json!({ "password": null, "firstName": "Aoife" })).await;
    f.check(row(UpdateCustomer, "no password and a name", writes, 6.0), with_name, 200);
}

async fn links_and_tags() -> HashSet<Operation> {
    use Operation::{
        AddTag, LinkAccount, LinkAccountDepartment, LinkBrand, LinkClientCapability, RemoveTag, UnlinkAccount,
        UnlinkAccountDepartment, UnlinkBrand, UnlinkClientCapability,
    };
    let f = Fixture::start().await;
    // The fixture's link of each kind.
    let linked = HashMap::from([
        ("account", "account/acme"),
        ("accountdepartment", "accountdepartment/d1"),
        ("brand", "brand/city"),
        ("clientcapability", "clientcapability/wav"),
        ("tag", "tag/vip"),
    ]);
    for (add, remove, segment) in [
        (LinkAccount, UnlinkAccount, "account/new"),
        (LinkAccountDepartment, UnlinkAccountDepartment, "accountdepartment/new"),
        (LinkBrand, UnlinkBrand, "brand/new"),
        (LinkClientCapability, UnlinkClientCapability, "clientcapability/new"),
        (AddTag, RemoveTag, "tag/new"),
    ] {
        let path = format!("customer/{}/{segment}", f.id);
        for (case, units) in [("first", 1.0), ("again", 0.0)] {
            let answer = f.operator.post_empty(&path).await;
            f.check(row(add, case, UPDATE, units), answer, 200);
        }
        for (case, units) in [("first", 1.0), ("again", 0.0)] {
            let answer = f.operator.delete(&path).await;
            f.check(row(remove, case, UPDATE, units), answer, 200);
        }
        for (operation, method, path) in [
            (add, "POST", path),
            (remove, "DELETE", format!("customer/{}/{}", f.id, linked[segment.split('/').next().unwrap()])),
        ] {
            let stale = f.operator.send(method, &path, &[("if-match", "\"99\"")], Vec::new()).await;
            f.check(row(operation, "stale", UPDATE, 0.0), stale, 412);
        }
        let unknown = f.operator.post_empty(&format!("customer/unknown/{segment}")).await;
        f.check(row(add, "unknown", UPDATE, 0.0), unknown, 404);
    }
    let twice: &[&str] = &["UpdateItem", "UpdateItem"];
    for (operation, segment) in [(UnlinkAccount, "account/acme"), (UnlinkBrand, "brand/city")] {
        let answer = f.operator.delete(&format!("customer/{}/{segment}", f.id)).await;
        f.check(row(operation, "the default", twice, 1.0), answer, 200);
    }
    f.measured()
}

async fn addresses_and_deletes() -> HashSet<Operation> {
    use Operation::{DeleteAddress, DeleteCustomer, SaveAddress};
    let f = Fixture::start().await;
    let path = format!("customer/{}/addresses", f.id);
    let body = json!({ "address": "1 Main Street", "latitude": 53.1, "longitude": -6.1 });
    let writes: &[&str] = &["Query", "TransactWriteItems"];

    let created = f.operator.post(&path, body.clone()).await;
    let address = format!("{path}/{}", created.body["id"].as_str().unwrap());
    f.check(row(SaveAddress, "creates", writes, 5.0), created, 201);
    let again = f.operator.post(&path, body.clone()).await;
    f.check(row(SaveAddress, "equal values", QUERY, 1.0), again, 200);
    let label = json!({ "latitude": 53.1, "longitude": -6.1, "label": "home" });
    let labelled = f.operator.post(&path, label).await;
    f.check(row(SaveAddress, "updates", writes, 5.0), labelled, 200);
    let stale = [("content-type", "application/json"), ("if-match", "\"99\"")];
    for (operation, method, path, body) in [
        (SaveAddress, "POST", &path, json!({ "address": "2 Main Street", "latitude": 1, "longitude": 1 })),
        (DeleteAddress, "DELETE", &address, Value::Null),
        (DeleteCustomer, "DELETE", &format!("customer/{}", f.id), Value::Null),
    ] {
        let refused = f.operator.send(method, path, &stale, body.to_string().into_bytes()).await;
        f.check(row(operation, "stale", QUERY, 1.0), refused, 412);
    }
    let deleted = f.operator.delete(&address).await;
    f.check(row(DeleteAddress, "first", writes, 5.0), deleted, 204);
    let repeated = f.operator.delete(&address).await;
    f.check(row(DeleteAddress, "again", QUERY, 1.0), repeated, 204);

    let saved = f.operator.post(&path, body).await;
    assert_eq!(saved.status, 201);
    f.app.wire.take_calls();
    // Twice each: record, guard, password and one address. Once: three index entries.
    let erased = f.operator.delete(&format!("customer/{}", f.id)).await;
    f.check(row(DeleteCustomer, "first", writes, 12.0), erased, 204);
    let repeated = f.operator.delete(&format!("customer/{}", f.id)).await;
    f.check(row(DeleteCustomer, "again", QUERY, 1.0), repeated, 204);
    f.measured()
}
