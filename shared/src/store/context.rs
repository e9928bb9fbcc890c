//! What every write is told of its request.

use crate::domain::{Actor, ClientId, UnixSeconds};

/// Whose table a request writes, who sent it, and when.
#[derive(Debug, Clone)]
pub struct WriteContext {
    pub client: ClientId,
    pub actor: Actor,
    pub now: UnixSeconds,
}
