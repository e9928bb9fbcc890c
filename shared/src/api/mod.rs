//! The HTTP layer: turns an API Gateway event into a call of a handler, and its result into a response.

pub mod access;
pub mod body;
pub mod caller;
pub mod cors;
pub mod docs;
pub mod etag;
pub mod fields;
pub mod json;
pub mod object;
pub mod operation;
pub mod origin;
pub mod path;
pub mod pipeline;
pub mod problem;
pub mod query;
pub mod reply;
pub mod routes;
pub mod schema;
pub mod served_request;
pub mod unambiguous;
pub mod view;

pub use body::Body;
pub use caller::{Caller, Role, RoleName};
pub use docs::Docs;
pub use operation::Operation;
pub use pipeline::run;
pub use problem::{Code, Problem};
pub use routes::Routes;
