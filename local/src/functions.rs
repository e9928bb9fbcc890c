//! The functions that the gateway routes to.

use std::collections::HashMap;

use axum::Router;
use shared::api::{Docs, Operation, Routes, pipeline};
use shared::app::App;

/// A function that uses the table.
pub struct Function {
    pub name: &'static str,
    pub routes: fn() -> Routes<App>,
    pub docs: fn() -> Vec<(Operation, Docs)>,
}

/// Every function that uses the table.
pub const FUNCTIONS: &[Function] = &[
    Function { name: "customers", routes: customers::routes, docs: customers::docs },
    Function { name: "links", routes: links::routes, docs: links::docs },
    Function { name: "tags", routes: tags::routes, docs: tags::docs },
    Function { name: "addresses", routes: addresses::routes, docs: addresses::docs },
];

/// The function with the public operations.
pub const REFERENCE: &str = "reference";

/// All operations, each with the name of its function.
#[must_use]
pub fn served() -> Vec<(Operation, &'static str)> {
    let own = FUNCTIONS.iter().map(|function| ((function.routes)().operations().to_vec(), function.name));
    let all = own.chain([(reference::routes().operations().to_vec(), REFERENCE)]);
    all.flat_map(|(operations, name)| operations.into_iter().map(move |operation| (operation, name))).collect()
}

/// Every function as a service, by name. Those that use the table share `app`.
#[must_use]
pub fn services(app: &App) -> HashMap<&'static str, Router> {
    let own = FUNCTIONS.iter().map(|function| (function.name, pipeline::service((function.routes)(), app.clone())));
    own.chain([(REFERENCE, pipeline::service(reference::routes(), ()))]).collect()
}
