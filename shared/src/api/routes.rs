//! Which handler serves which operation. The method and the path of a route come from the operation.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};

use super::Operation;

/// The operations of a function, each with its handler. `S` is what the handlers share.
#[derive(Debug)]
pub struct Routes<S> {
    router: Router<S>,
    operations: Vec<Operation>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "routes without an operation are only where routes begin")]
    pub fn new() -> Self {
        Self { router: Router::new(), operations: Vec::new() }
    }

    /// The same routes, with `operation` served by `handler`.
    ///
    /// # Panics
    /// If the operation has a handler already.
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

    /// The handlers alone, without the pipeline: nothing checks the caller.
    pub fn into_router(self) -> Router<S> {
        self.router
    }
}
