//! A stand-in for API Gateway's control plane. It implements the calls of the command with real state. Its pages always
//! have two entries.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Barrier;

/// The maximum number of entries in a page.
const PAGE: usize = 2;

/// An API key in the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredKey {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) enabled: bool,
}

#[derive(Debug)]
struct Plan {
    id: String,
    name: String,
    /// The API's stage that it covers.
    covers: String,
    table: Option<String>,
}

/// The content of the account.
#[derive(Default)]
pub(crate) struct Inventory {
    plans: Vec<Plan>,
    keys: Vec<StoredKey>,
    /// The id of a plan and of a key in it.
    members: BTreeSet<(String, String)>,
    /// The id of the plan, the id of the key and the day of each request.
    requests: Vec<(String, String, String)>,
    writes: Vec<String>,
    refusals: Vec<&'static str>,
    /// Changes by another run, each just before the next call of a kind.
    meanwhile: Vec<(&'static str, Change)>,
    unlisted: bool,
}

type Change = Box<dyn FnOnce(&mut Inventory) + Send>;

/// The stand-in's state, and its controls.
#[derive(Clone)]
pub(crate) struct ControlPlane {
    account: Arc<Mutex<Inventory>>,
    /// The barrier at which runs that create a key wait for each other.
    creating: Arc<Barrier>,
    address: String,
}

impl ControlPlane {
    /// Serves an empty account until the test ends. Creating a key waits until `at_once` runs try to create one.
    pub(crate) async fn start(at_once: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let plane = Self { account: Arc::default(), creating: Arc::new(Barrier::new(at_once)), address };
        let router = Router::new()
            .route("/usageplans", get(get_usage_plans))
            .route("/apikeys", get(get_api_keys).post(create_api_key))
            .route("/apikeys/{key}", patch(update_api_key).delete(delete_api_key))
            .route("/usageplans/{plan}/keys", get(get_usage_plan_keys).post(create_usage_plan_key))
            .route("/usageplans/{plan}/usage", get(get_usage))
            .route("/usageplans/{plan}/keys/{key}", delete(delete_usage_plan_key))
            .with_state(plane.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        plane
    }

    /// The URL of the stand-in.
    pub(crate) fn endpoint(&self) -> &str {
        &self.address
    }

    fn account(&self) -> MutexGuard<'_, Inventory> {
        self.account.lock().unwrap()
    }

    /// Adds a usage plan that covers a stage.
    pub(crate) fn add_plan(&self, name: &str, covers: &str, table: Option<&str>) {
        let mut account = self.account();
        let id = format!("plan{}", account.plans.len());
        let (name, covers, table) = (name.to_owned(), covers.to_owned(), table.map(str::to_owned));
        account.plans.push(Plan { id, name, covers, table });
    }

    /// Adds an API key that is in no plan.
    pub(crate) fn add_key(&self, name: &str, value: &str, enabled: bool) -> StoredKey {
        self.account().add_key(name, value, enabled)
    }

    /// Puts a key into the plan of this name.
    pub(crate) fn put_into(&self, plan: &str, key: &StoredKey) {
        let mut account = self.account();
        let plan = account.plans.iter().find(|known| known.name == plan).unwrap().id.clone();
        account.members.insert((plan, key.id.clone()));
    }

    /// Counts requests of a key under the plan of this name on a day.
    pub(crate) fn send_requests(&self, plan: &str, key: &StoredKey, day: &str, number: usize) {
        let mut account = self.account();
        let plan = account.plans.iter().find(|known| known.name == plan).unwrap().id.clone();
        account.requests.extend(std::iter::repeat_n((plan, key.id.clone(), day.to_owned()), number));
    }

    /// The next call such as `POST apikeys` is refused with a status of 403.
    pub(crate) fn refuse(&self, call: &'static str) {
        self.account().refusals.push(call);
    }

    /// Another run does this just before the next call such as `POST apikeys`.
    pub(crate) fn meanwhile(&self, call: &'static str, change: impl FnOnce(&mut Inventory) + Send + 'static) {
        self.account().meanwhile.push((call, Box::new(change)));
    }

    /// From now on no key is listed.
    pub(crate) fn list_no_keys(&self) {
        self.account().unlisted = true;
    }

    /// Every key, each with the names of the plans that it is in.
    pub(crate) fn keys(&self) -> Vec<(StoredKey, Vec<String>)> {
        let account = self.account();
        let plans_of = |key: &StoredKey| {
            let plans = account.plans.iter().filter(|plan| account.is_in(&plan.id, &key.id));
            plans.map(|plan| plan.name.clone()).collect()
        };
        account.keys.iter().map(|key| (key.clone(), plans_of(key))).collect()
    }

    /// The calls that changed something since the last call of this function, in order.
    pub(crate) fn take_writes(&self) -> Vec<String> {
        std::mem::take(&mut self.account().writes)
    }
}

impl Inventory {
    pub(crate) fn add_key(&mut self, name: &str, value: &str, enabled: bool) -> StoredKey {
        let id = format!("key{}", self.keys.len());
        let key = StoredKey { id, name: name.to_owned(), value: value.to_owned(), enabled };
        self.keys.push(key.clone());
        key
    }

    /// Moves every key from its plan to the plan with this name.
    pub(crate) fn move_keys_to(&mut self, plan: &str) {
        let plan = self.plans.iter().find(|known| known.name == plan).unwrap().id.clone();
        self.members = self.keys.iter().map(|key| (plan.clone(), key.id.clone())).collect();
    }

    fn is_in(&self, plan: &str, key: &str) -> bool {
        self.members.contains(&(plan.to_owned(), key.to_owned()))
    }

    /// Applies the changes of another run that come before this call.
    fn overtake(&mut self, call: &str) {
        if let Some(at) = self.meanwhile.iter().position(|(before, _)| *before == call) {
            let (_, change) = self.meanwhile.remove(at);
            change(self);
        }
    }

    /// Records a write, or returns its refusal.
    fn refuses(&mut self, call: &str) -> Option<Response> {
        if let Some(at) = self.refusals.iter().position(|refused| *refused == call) {
            self.refusals.remove(at);
            return Some(error(StatusCode::FORBIDDEN, "AccessDeniedException", "not authorized to perform it"));
        }
        self.writes.push(call.to_owned());
        None
    }
}

/// The parameters of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListParameters {
    position: Option<usize>,
    limit: Option<usize>,
    key_id: Option<String>,
    name: Option<String>,
    #[serde(default)]
    include_values: bool,
}

impl ListParameters {
    fn page(&self, all: &[Value]) -> Response {
        let (from, size) = (self.position.unwrap_or(0), self.limit.unwrap_or(25).min(PAGE));
        let next = from + size;
        let items: Vec<_> = all.iter().skip(from).take(size).collect();
        let mut page = json!({ "item": items });
        if next < all.len() {
            page["position"] = json!(next.to_string());
        }
        Json(page).into_response()
    }
}

fn error(status: StatusCode, code: &'static str, message: &str) -> Response {
    (status, [("x-amzn-errortype", code)], Json(json!({ "message": message }))).into_response()
}

async fn get_usage_plans(State(plane): State<ControlPlane>, Query(parameters): Query<ListParameters>) -> Response {
    let account = plane.account();
    let asked_for =
        account.plans.iter().filter(|plan| parameters.key_id.as_ref().is_none_or(|key| account.is_in(&plan.id, key)));
    let plans: Vec<_> = asked_for
        .map(|plan| {
            let tags = plan.table.as_ref().map(|table| json!({ "customers-table": table, "owner": "dispatch" }));
            json!({ "id": plan.id, "name": plan.name, "tags": tags })
        })
        .collect();
    parameters.page(&plans)
}

async fn get_api_keys(State(plane): State<ControlPlane>, Query(parameters): Query<ListParameters>) -> Response {
    let account = plane.account();
    let begins = parameters.name.clone().unwrap_or_default();
    let named = account.keys.iter().filter(|key| !account.unlisted && key.name.starts_with(&begins));
    let keys: Vec<_> = named
        .map(|key| {
            let value = parameters.include_values.then_some(&key.value);
            json!({ "id": key.id, "name": key.name, "value": value, "enabled": key.enabled })
        })
        .collect();
    parameters.page(&keys)
}

async fn create_api_key(State(plane): State<ControlPlane>, Json(key): Json<Value>) -> Response {
    plane.creating.wait().await;
    let mut account = plane.account();
    account.overtake("POST apikeys");
    let text = |name: &str| key[name].as_str().unwrap();
    if account.keys.iter().any(|known| known.value == text("value")) {
        return error(StatusCode::CONFLICT, "ConflictException", "API Key already exists");
    }
    assert!((20..=128).contains(&text("value").len()));
    if let Some(refused) = account.refuses("POST apikeys") {
        return refused;
    }
    let key = account.add_key(text("name"), text("value"), key["enabled"] == true);
    let created = json!({ "id": key.id, "name": key.name, "value": key.value, "enabled": key.enabled });
    (StatusCode::CREATED, Json(created)).into_response()
}

async fn update_api_key(
    State(plane): State<ControlPlane>,
    Path(key): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let mut account = plane.account();
    assert_eq!(body["patchOperations"], json!([{ "op": "replace", "path": "/enabled", "value": "true" }]));
    if let Some(refused) = account.refuses("PATCH apikeys") {
        return refused;
    }
    let key = account.keys.iter_mut().find(|known| known.id == key).unwrap();
    key.enabled = true;
    Json(json!({ "id": key.id, "enabled": true })).into_response()
}

async fn delete_api_key(State(plane): State<ControlPlane>, Path(key): Path<String>) -> Response {
    let mut account = plane.account();
    account.overtake("DELETE apikeys");
    if !account.keys.iter().any(|known| known.id == key) {
        return error(StatusCode::NOT_FOUND, "NotFoundException", "Invalid API Key identifier specified");
    }
    if let Some(refused) = account.refuses("DELETE apikeys") {
        return refused;
    }
    account.keys.retain(|known| known.id != key);
    account.members.retain(|(_, member)| *member != key);
    StatusCode::ACCEPTED.into_response()
}

async fn get_usage_plan_keys(
    State(plane): State<ControlPlane>,
    Path(plan): Path<String>,
    Query(parameters): Query<ListParameters>,
) -> Response {
    let account = plane.account();
    let members = account.keys.iter().filter(|key| account.is_in(&plan, &key.id));
    let members: Vec<_> = members.map(|key| json!({ "id": key.id, "type": "API_KEY", "name": key.name })).collect();
    parameters.page(&members)
}

/// The days that usage is requested for, both included.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Days {
    start_date: String,
    end_date: String,
}

async fn get_usage(
    State(plane): State<ControlPlane>,
    Path(plan): Path<String>,
    Query(days): Query<Days>,
    Query(parameters): Query<ListParameters>,
) -> Response {
    let account = plane.account();
    let mut dates = Vec::new();
    let parse = |day: &str| humantime::parse_rfc3339(&format!("{day}T00:00:00Z")).unwrap();
    let (mut day, last) = (parse(&days.start_date), parse(&days.end_date));
    while day <= last {
        dates.push(humantime::format_rfc3339(day).to_string()[..10].to_owned());
        day += Duration::from_hours(24);
    }
    let of_plan = |key: &str, day: &str| {
        account
            .requests
            .iter()
            .filter(|(of, by, on)| (of.as_str(), by.as_str(), on.as_str()) == (&plan, key, day))
            .count()
    };
    let keys: BTreeSet<_> = account.requests.iter().filter(|(of, ..)| *of == plan).map(|(_, key, _)| key).collect();
    let from = parameters.position.unwrap_or(0);
    let page = keys.iter().skip(from).take(PAGE);
    let values: serde_json::Map<_, _> = page
        .map(|key| {
            // The second number is the rest of the quota. The plans have no quota.
            let by_day: Vec<_> = dates.iter().map(|day| json!([of_plan(key, day), 0])).collect();
            // API Gateway's reference does not say how it names a key.
            let known = account.keys.iter().find(|known| known.id == **key).unwrap();
            let name = if plan == "plan0" { &known.id } else { &known.value };
            (name.clone(), json!(by_day))
        })
        .collect();
    let mut usage = json!({ "usagePlanId": plan, "values": values });
    if from + PAGE < keys.len() {
        usage["position"] = json!((from + PAGE).to_string());
    }
    Json(usage).into_response()
}

async fn create_usage_plan_key(
    State(plane): State<ControlPlane>,
    Path(plan): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let mut account = plane.account();
    account.overtake("POST usageplans/keys");
    assert_eq!(body["keyType"], "API_KEY");
    let key = body["keyId"].as_str().unwrap().to_owned();
    assert!(account.keys.iter().any(|known| known.id == key));
    let covers = account.plans.iter().find(|known| known.id == plan).unwrap().covers.clone();
    // As API Gateway does: a key may be in one plan of a stage.
    if account.plans.iter().any(|known| known.covers == covers && account.is_in(&known.id, &key)) {
        return error(StatusCode::CONFLICT, "ConflictException", "the key is in a usage plan of this stage");
    }
    if let Some(refused) = account.refuses("POST usageplans/keys") {
        return refused;
    }
    account.members.insert((plan, key.clone()));
    (StatusCode::CREATED, Json(json!({ "id": key, "type": "API_KEY" }))).into_response()
}

async fn delete_usage_plan_key(
    State(plane): State<ControlPlane>,
    Path((plan, key)): Path<(String, String)>,
) -> Response {
    let mut account = plane.account();
    account.overtake("DELETE usageplans/keys");
    if !account.is_in(&plan, &key) {
        return error(StatusCode::NOT_FOUND, "NotFoundException", "Invalid Usage Plan Key identifier specified");
    }
    if let Some(refused) = account.refuses("DELETE usageplans/keys") {
        return refused;
    }
    account.members.remove(&(plan, key));
    StatusCode::ACCEPTED.into_response()
}
