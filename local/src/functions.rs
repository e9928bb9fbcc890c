//! The functions that the gateway routes to.

use std::collections::HashMap;

use axum::Router;
use customers::{Cursors, Customers};
use shared::api::{Docs, Operation, pipeline};
use shared::app::App;

/// A function that uses the table.
pub struct Function {
    pub name: &'static str,
    pub operations: fn() -> Vec<Operation>,
    pub docs: fn() -> Vec<(Operation, Docs)>,
    /// The function as a service, on the state that all functions share.
    service: fn(&App) -> Router,
}

/// The secret of the cursors on one machine. Everyone who has a cursor here can read the data file as well.
pub const CURSOR_KEY: &str = "the cursors of one machine are no secret";

/// Every function that uses the table.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "customers",
        operations: || customers::routes().operations().to_vec(),
        docs: customers::docs,
        service: |app| {
            let state = Customers { app: app.clone(), cursors: Cursors::new(CURSOR_KEY) };
            pipeline::service(customers::routes(), state)
        },
    },
    Function {
        name: "links",
        operations: || links::routes().operations().to_vec(),
        docs: links::docs,
        service: |app| pipeline::service(links::routes(), app.clone()),
    },
    Function {
        name: "tags",
        operations: || tags::routes().operations().to_vec(),
        docs: tags::docs,
        service: |app| pipeline::service(tags::routes(), app.clone()),
    },
    Function {
        name: "addresses",
        operations: || addresses::routes().operations().to_vec(),
        docs: addresses::docs,
        service: |app| pipeline::service(addresses::routes(), app.clone()),
    },
];

/// The function with the public operations.
pub const REFERENCE: &str = "reference";

/// All operations, each with the name of its function.
#[must_use]
pub fn served() -> Vec<(Operation, &'static str)> {
    let own = FUNCTIONS.iter().map(|function| ((function.operations)(), function.name));
    let all = own.chain([(reference::routes().operations().to_vec(), REFERENCE)]);
    all.flat_map(|(operations, name)| operations.into_iter().map(move |operation| (operation, name))).collect()
}

/// Every function as a service, by name. Those that use the table share `app`.
#[must_use]
pub fn services(app: &App) -> HashMap<&'static str, Router> {
    let own = FUNCTIONS.iter().map(|function| (function.name, (function.service)(app)));
    own.chain([(REFERENCE, pipeline::service(reference::routes(), ()))]).collect()
}
