//! A proxy between the SDK and the embedded DynamoDB. It records every call with its consumed capacity, and can return
//! errors that the embedded DynamoDB never returns.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A call to DynamoDB.
#[derive(Debug, Clone)]
pub struct Call {
    /// The operation, such as `GetItem`.
    pub operation: String,
    pub request: Value,
    /// The consumed read and write units, as DynamoDB reports them.
    pub capacity: f64,
    /// Those of `capacity` that are the index's.
    pub index_capacity: f64,
}

impl Call {
    /// Whether the call reads a tenant's settings, which are outside all budgets.
    fn is_of_settings(&self) -> bool {
        self.request["Key"]["sk"]["S"] == "SETTINGS"
    }
}

/// A response that the proxy returns instead of DynamoDB.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The operation that fails.
    pub operation: &'static str,
    pub status: u16,
    pub body: Value,
    /// How many calls of the operation succeed first.
    pub after: usize,
}

impl Fault {
    /// An exception of DynamoDB.
    #[must_use]
    pub fn exception(operation: &'static str, name: &str) -> Self {
        let body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{name}"), "message": "injected" });
        Self { operation, status: 400, body, after: 0 }
    }

    /// The cancellation of a transaction, with a reason for each action.
    #[must_use]
    pub fn cancellation(reasons: &[&str]) -> Self {
        let reasons: Vec<_> = reasons.iter().map(|code| json!({ "Code": code })).collect();
        let mut fault = Self::exception("TransactWriteItems", "TransactionCanceledException");
        fault.body["CancellationReasons"] = json!(reasons);
        fault
    }
}

/// How fast DynamoDB responds.
#[derive(Debug, Clone, Copy)]
enum Pace {
    Normal,
    /// Each call takes this much longer.
    Slow(Duration),
    /// No call gets a response.
    Hanging,
}

/// What happens just before the next call of an operation.
struct Interruption {
    operation: &'static str,
    happens: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl fmt::Debug for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interruption").field("operation", &self.operation).finish_non_exhaustive()
    }
}

/// The controls of the proxy.
#[derive(Debug, Clone)]
pub struct Wire {
    inner: Arc<Inner>,
    address: String,
}

#[derive(Debug)]
struct Inner {
    upstream: String,
    http: reqwest::Client,
    calls: Mutex<Vec<Call>>,
    faults: Mutex<VecDeque<Fault>>,
    interruption: Mutex<Option<Interruption>>,
    pace: Mutex<Pace>,
    /// The keys of the running transactions, if transactions can conflict.
    in_flight: Mutex<Option<BTreeSet<String>>>,
    conflicts: AtomicUsize,
    /// The table whose indexes are queried, if it is not the one that is written.
    indexed_table: Mutex<Option<String>>,
}

impl Wire {
    /// Starts the proxy on a free port, in front of the DynamoDB at `upstream`. It ends with the runtime.
    pub async fn start(upstream: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let inner = Arc::new(Inner {
            upstream,
            http,
            calls: Mutex::default(),
            faults: Mutex::default(),
            interruption: Mutex::default(),
            pace: Mutex::new(Pace::Normal),
            in_flight: Mutex::default(),
            conflicts: AtomicUsize::default(),
            indexed_table: Mutex::default(),
        });
        let router = Router::new().fallback(forward).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { inner, address }
    }

    /// The URL of the proxy.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.address
    }

    /// Lets the next call that matches `fault` fail. Faults happen in the order in which they are added.
    pub fn inject(&self, fault: Fault) {
        self.inner.faults.lock().expect("no panic").push_back(fault);
    }

    /// Lets this happen just before the next call of `operation` is forwarded: what another writer does between a read and
    /// a write of a request.
    pub fn before(&self, operation: &'static str, happens: impl Future<Output = ()> + Send + 'static) {
        *self.inner.interruption.lock().expect("no panic") =
            Some(Interruption { operation, happens: Box::pin(happens) });
    }

    /// From now on each call takes this much longer.
    pub fn slow_down(&self, by: Duration) {
        *self.inner.pace.lock().expect("no panic") = Pace::Slow(by);
    }

    /// From now on no call gets a response, and its connection stays open.
    pub fn hang(&self) {
        *self.inner.pace.lock().expect("no panic") = Pace::Hanging;
    }

    /// From now on the indexes of this table are queried, such as those of a copy that is no longer written.
    pub fn query_indexes_of(&self, table: Option<&str>) {
        *self.inner.indexed_table.lock().expect("no panic") = table.map(str::to_owned);
    }

    /// From now on a transaction is cancelled if another one is writing the same item, as in DynamoDB.
    pub fn let_transactions_conflict(&self) {
        *self.inner.in_flight.lock().expect("no panic") = Some(BTreeSet::new());
    }

    /// How many transactions conflicted.
    #[must_use]
    pub fn conflicts(&self) -> usize {
        self.inner.conflicts.load(Ordering::Relaxed)
    }

    /// The number of faults that have not happened yet.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        self.inner.faults.lock().expect("no panic").len()
    }

    /// The calls since the last time, without those for tenant settings.
    #[expect(clippy::must_use_candidate, reason = "forgetting the calls so far is a use too")]
    pub fn take_calls(&self) -> Vec<Call> {
        self.take_all_calls().into_iter().filter(|call| !call.is_of_settings()).collect()
    }

    /// The calls since the last time, including those for tenant settings.
    #[must_use]
    pub fn take_all_calls(&self) -> Vec<Call> {
        std::mem::take(&mut *self.inner.calls.lock().expect("no panic"))
    }
}

async fn forward(State(wire): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let mut request: Value = serde_json::from_slice(&body).expect("the SDK sends JSON");

    if request.get("IndexName").is_some()
        && let Some(table) = wire.indexed_table.lock().expect("no panic").as_ref()
    {
        request["TableName"] = json!(table);
    }

    let pace = *wire.pace.lock().expect("no panic");
    match pace {
        Pace::Normal => {}
        Pace::Slow(by) => tokio::time::sleep(by).await,
        Pace::Hanging => std::future::pending().await,
    }

    let interruption = wire.interruption.lock().expect("no panic").take_if(|next| next.operation == operation);
    if let Some(interruption) = interruption {
        interruption.happens.await;
    }
    let fault = {
        let mut faults = wire.faults.lock().expect("no panic");
        let index = faults.iter().position(|fault| fault.operation == operation);
        match index.map(|index| (index, &mut faults[index].after)) {
            Some((_, after)) if *after > 0 => {
                *after -= 1;
                None
            }
            Some((index, _)) => faults.remove(index),
            None => None,
        }
    };
    let keys = if operation == "TransactWriteItems" { keys_of(&request) } else { BTreeSet::new() };
    let fault = fault.or_else(|| wire.enter(&keys).err());
    if let Some(fault) = fault {
        wire.calls.lock().expect("no panic").push(Call { operation, request, capacity: 0.0, index_capacity: 0.0 });
        let status = StatusCode::from_u16(fault.status).expect("a status");
        return (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], fault.body.to_string())
            .into_response();
    }

    if operation != "CreateTable" && operation != "DescribeTable" {
        request["ReturnConsumedCapacity"] = json!("INDEXES");
    }
    let mut upstream = wire.http.post(&wire.upstream).body(request.to_string());
    for name in ["x-amz-target", "content-type", "authorization", "x-amz-date"] {
        if let Some(value) = headers.get(name) {
            upstream = upstream.header(name, value);
        }
    }
    let answer = upstream.send().await.expect("the embedded DynamoDB answers");
    let status = answer.status();
    let text = answer.bytes().await.expect("a body");
    wire.leave(&keys);
    let reported: Value = serde_json::from_slice(&text).unwrap_or_default();
    let consumed = &reported["ConsumedCapacity"];
    let (capacity, index_capacity) = (units(consumed), index_units(consumed));
    wire.calls.lock().expect("no panic").push(Call { operation, request, capacity, index_capacity });
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], text).into_response()
}

/// The keys of a transaction's items, each as JSON.
fn keys_of(request: &Value) -> BTreeSet<String> {
    let actions = request["TransactItems"].as_array().into_iter().flatten();
    let targets = actions.filter_map(|action| action.as_object()?.values().next());
    let keys = targets.map(|target| target.get("Key").unwrap_or(&target["Item"]));
    keys.map(|key| format!("{} {}", key["pk"]["S"], key["sk"]["S"])).collect()
}

impl Inner {
    /// Begins a transaction on `keys`, unless another one is writing one of them.
    fn enter(&self, keys: &BTreeSet<String>) -> Result<(), Fault> {
        let mut in_flight = self.in_flight.lock().expect("no panic");
        let Some(in_flight) = in_flight.as_mut() else { return Ok(()) };
        if in_flight.is_disjoint(keys) {
            in_flight.extend(keys.iter().cloned());
            return Ok(());
        }
        self.conflicts.fetch_add(1, Ordering::Relaxed);
        let busy = |key| if in_flight.contains(key) { "TransactionConflict" } else { "None" };
        Err(Fault::cancellation(&keys.iter().map(busy).collect::<Vec<_>>()))
    }

    fn leave(&self, keys: &BTreeSet<String>) {
        if let Some(in_flight) = self.in_flight.lock().expect("no panic").as_mut() {
            in_flight.retain(|key| !keys.contains(key));
        }
    }
}

fn units(reported: &Value) -> f64 {
    match reported {
        Value::Array(tables) => tables.iter().map(units).sum(),
        table => table["CapacityUnits"].as_f64().unwrap_or_default(),
    }
}

/// The units of all indexes.
fn index_units(reported: &Value) -> f64 {
    match reported {
        Value::Array(tables) => tables.iter().map(index_units).sum(),
        table => table["GlobalSecondaryIndexes"].as_object().into_iter().flatten().map(|(_, index)| units(index)).sum(),
    }
}
