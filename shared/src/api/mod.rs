//! The edge: from an API Gateway event to a handler, and back to an answer or a problem.

pub mod access;
pub mod body;
pub mod caller;
pub mod edge;
pub mod etag;
pub mod fields;
pub mod json;
pub mod object;
pub mod origin;
pub mod path;
pub mod problem;
pub mod problem_set;
pub mod public;
pub mod query;
pub mod reply;
pub mod request_log;
pub mod schema;
mod unambiguous;
pub mod view;

pub use access::Operation;
pub use body::Body;
pub use caller::{Caller, Role};
pub use problem::{Code, Problem};
