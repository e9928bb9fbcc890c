//! The context of a write.

use crate::domain::{Access, Actor, ClientId, UnixSeconds};

/// The tenant of a write, its author, its time, and what the customer's record must allow.
#[derive(Debug, Clone)]
pub struct WriteContext {
    pub client: ClientId,
    pub actor: Actor,
    pub now: UnixSeconds,
    pub access: Access,
}
