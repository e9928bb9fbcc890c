//! Sends requests as a certain caller.

use axum::Router;
use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request};
use local::gateway::CallerContext;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{Answer, TENANT, contract};

/// A caller of the API.
#[derive(Clone)]
pub struct Session {
    gateway: Router,
    proof: Proof,
}

/// How the functions get the caller.
#[derive(Clone)]
enum Proof {
    /// From this context, without the authorizer.
    Told(Value),
    /// From the authorizer, by this `Authorization` header, if any.
    Sent(Option<String>),
}

impl Session {
    /// A context without `exp` does not expire.
    pub(crate) fn told(gateway: Router, mut context: Value) -> Self {
        if let Some(fields) = context.as_object_mut() {
            fields.entry("exp").or_insert_with(|| i64::MAX.to_string().into());
        }
        Self { gateway, proof: Proof::Told(context) }
    }

    pub(crate) fn sending(gateway: Router, authorization: Option<&str>) -> Self {
        Self { gateway, proof: Proof::Sent(authorization.map(str::to_owned)) }
    }

    /// The same caller, through another gateway.
    #[must_use]
    pub fn through(&self, gateway: Router) -> Self {
        Self { gateway, proof: self.proof.clone() }
    }

    /// `GET`; a path that does not begin with `/` is below `/client/demo/`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Vec::new()).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], Vec::new()).await
    }

    /// `POST` without a body.
    pub async fn post_empty(&self, path: &str) -> Answer {
        self.send("POST", path, &[], Vec::new()).await
    }

    /// `POST` of a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_with(path, &[], body).await
    }

    /// `POST` of a JSON body with more headers.
    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        self.send("POST", path, &all, body.to_string().into_bytes()).await
    }

    /// `PUT` of a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, &[("content-type", "application/json")], body.to_string().into_bytes()).await
    }

    /// Any request.
    ///
    /// # Panics
    /// If a check that applies to every response fails.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let path = &if path.starts_with('/') { path.to_owned() } else { format!("/client/{TENANT}/{path}") };
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request = match &self.proof {
            Proof::Told(context) => request.extension(CallerContext(context.clone())),
            Proof::Sent(Some(authorization)) => request.header(AUTHORIZATION, authorization),
            Proof::Sent(None) => request,
        };
        let request = request.body(Body::from(body)).expect("a request");
        let mut answer = Answer::read(self.gateway.clone().oneshot(request).await.expect("infallible")).await;
        answer.check();
        answer.operation = contract::check(method, path, &answer);
        answer
    }

    /// Creates a customer with this phone, and returns the record.
    ///
    /// # Panics
    /// If the customer exists already.
    pub async fn register(&self, phone: &str) -> Value {
        let answer = self.post("customer", json!({ "phone": phone })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body
    }

    /// Creates a customer with this phone, and returns the id.
    pub async fn register_id(&self, phone: &str) -> String {
        self.register(phone).await["id"].as_str().expect("an id").to_owned()
    }
}

/// All values of a response header.
pub(crate) fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    headers.get_all(name).iter().map(|value| value.to_str().expect("text").to_owned()).collect()
}
