//! The routes of a function: which handler serves which operation.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};

use super::Operation;

/// The operations of a function, each with its handler. `S` is the state that the handlers share. The method and the
/// path of a route come from the operation.
#[derive(Debug)]
pub struct Routes<S> {
    router: Router<S>,
    operations: Vec<Operation>,
    load: fn(&S),
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "an empty list of routes is not useful as a default")]
    pub fn new() -> Self {
        Self { router: Router::new(), operations: Vec::new(), load: |_| {} }
    }

    /// Sets a function that loads what the handlers otherwise load when they first use it.
    #[must_use]
    pub fn loading(self, load: fn(&S)) -> Self {
        Self { load, ..self }
    }

    /// Adds the handler of an operation.
    ///
    /// # Panics
    /// If the operation already has a handler.
    #[must_use]
    pub fn on<H: Handler<T, S>, T: 'static>(mut self, operation: Operation, handler: H) -> Self {
        assert!(!self.operations.contains(&operation), "{} has two handlers", operation.name());
        let method = MethodFilter::try_from(operation.method()).expect("axum routes every method of the table");
        self.operations.push(operation);
        Self { router: self.router.route(operation.path(), on(method, handler)), ..self }
    }

    /// The operations that have a handler here.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Loads what the handlers otherwise load when they first use it.
    pub(super) fn load(&self) -> fn(&S) {
        self.load
    }

    /// The handlers without the pipeline: nothing checks the caller.
    pub fn into_router(self) -> Router<S> {
        self.router
    }
}
