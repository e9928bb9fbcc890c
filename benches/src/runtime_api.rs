//! The part of the Lambda Runtime API that a function uses: it polls for an event and posts its answer.
//!
//! The measured times are those that Lambda would see: when the function polls, and when its answer arrives.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Failure;

/// The maximum time of a poll or an answer. Under valgrind, a function takes fifty times as long as usual.
const PATIENCE: Duration = Duration::from_mins(2);

/// A poll for the next event.
struct Poll {
    at: Instant,
    event: oneshot::Sender<Vec<u8>>,
}

/// An answer that a function posts.
struct Posted {
    at: Instant,
    answer: Result<Bytes, Bytes>,
}

#[derive(Clone)]
struct Sides {
    polls: mpsc::UnboundedSender<Poll>,
    answers: mpsc::UnboundedSender<Posted>,
}

/// The Runtime API of one function.
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    polls: mpsc::UnboundedReceiver<Poll>,
    answers: mpsc::UnboundedReceiver<Posted>,
    /// The last poll, which has not got an event yet.
    waiting: Option<Poll>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (polls_in, polls) = mpsc::unbounded_channel();
        let (answers_in, answers) = mpsc::unbounded_channel();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(error))
            // Lambda's own limit for an answer is 6 MB.
            .layer(DefaultBodyLimit::max(6 * 1024 * 1024))
            .with_state(Sides { polls: polls_in, answers: answers_in });
        let serving = tokio::spawn(axum::serve(listener, router).into_future());
        Ok(Self { address, polls, answers, waiting: None, serving })
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits for the next poll of the function. [`Self::invoke`] gives it the event.
    pub(crate) async fn polled(&mut self) -> Result<Instant, Failure> {
        if let Some(poll) = &self.waiting {
            return Ok(poll.at);
        }
        let poll = tokio::select! {
            poll = timeout(PATIENCE, self.polls.recv()) => poll,
            Some(Posted { answer, .. }) = self.answers.recv() => {
                return Err(format!("the function does not start: {}", text(&answer.unwrap_or_else(|error| error))).into());
            }
        };
        let poll = poll.map_err(|_| "the function does not ask for an event")?.expect("the server has the sender");
        Ok(self.waiting.insert(poll).at)
    }

    /// Gives the function this event, and returns its answer and the time it took.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Result<(Duration, Value), Failure> {
        self.polled().await?;
        let poll = self.waiting.take().expect("it has polled");
        let event = event.to_string().into_bytes();
        let given = Instant::now();
        poll.event.send(event).map_err(|_| "the function has stopped asking")?;
        let posted = timeout(PATIENCE, self.answers.recv()).await.map_err(|_| "the function does not answer")?;
        let Posted { at, answer } = posted.expect("the server has the sender");
        let answer = answer.map_err(|error| format!("the function fails: {}", text(&error)))?;
        let answer = serde_json::from_slice(&answer).map_err(|error| format!("the answer is not JSON: {error}"))?;
        Ok((at - given, answer))
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

async fn next(State(sides): State<Sides>) -> Response {
    let (sender, event) = oneshot::channel();
    // There is no receiver once the function has been measured and is about to end.
    let _ = sides.polls.send(Poll { at: Instant::now(), event: sender });
    match event.await {
        Ok(event) => {
            let headers = [
                ("content-type", "application/json"),
                ("lambda-runtime-aws-request-id", "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"),
                // In the year 2100.
                ("lambda-runtime-deadline-ms", "4102444800000"),
                ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:measured"),
                ("lambda-runtime-trace-id", "Root=1-67000000-000000000000000000000001"),
            ];
            (headers, event).into_response()
        }
        Err(_) => StatusCode::GONE.into_response(),
    }
}

async fn response(State(sides): State<Sides>, body: Bytes) -> StatusCode {
    let _ = sides.answers.send(Posted { at: Instant::now(), answer: Ok(body) });
    StatusCode::ACCEPTED
}

async fn error(State(sides): State<Sides>, body: Bytes) -> StatusCode {
    let _ = sides.answers.send(Posted { at: Instant::now(), answer: Err(body) });
    StatusCode::ACCEPTED
}
