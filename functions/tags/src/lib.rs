//! The function `tags`: a customer's tags.

mod add;
mod list;
mod remove;

use shared::api::{Docs, Operation, Routes};
use shared::app::App;

/// The handler of each operation.
#[must_use]
pub fn routes() -> Routes<App> {
    Routes::new()
        .on(Operation::ListTags, list::list_tags)
        .on(Operation::AddTag, add::add_tag)
        .on(Operation::RemoveTag, remove::remove_tag)
}

/// The docs of each operation, for the API reference.
#[must_use]
pub fn docs() -> Vec<(Operation, Docs)> {
    vec![
        (Operation::ListTags, list::list_tags_docs()),
        (Operation::AddTag, add::add_tag_docs()),
        (Operation::RemoveTag, remove::remove_tag_docs()),
    ]
}
