//! The context of a write.

use crate::domain::{Actor, ClientId, UnixSeconds};

/// The tenant of a write, its author and its time.
#[derive(Debug, Clone)]
pub struct WriteContext {
    pub client: ClientId,
    pub actor: Actor,
    pub now: UnixSeconds,
}
