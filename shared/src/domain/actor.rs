//! The author of a record.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Invalid;
use super::id::is_id;

/// The caller who created or changed a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    pub role: ActorRole,
    /// `None` if the caller's token has no subject, or one that is not an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
}

/// The role of the author.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ActorRole {
    Operator,
    Integration,
    Admin,
    App,
    Passenger,
}

impl ActorRole {
    pub const ALL: [Self; 5] = [Self::Operator, Self::Integration, Self::Admin, Self::App, Self::Passenger];
}

/// The subject (`sub`) of a caller's token. It can identify a person, so it is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Subject(String);

impl Subject {
    /// # Errors
    /// [`Invalid::NotAnId`] unless it is 1 to 64 of `A-Z a-z 0-9 _ -`.
    pub fn parse(raw: impl Into<String>) -> Result<Self, Invalid> {
        let raw = raw.into();
        if is_id(&raw) { Ok(Self(raw)) } else { Err(Invalid::NotAnId) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Subject {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(raw)
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_contain_the_subject() {
        let actor = Actor { role: ActorRole::Operator, subject: Subject::parse("u-1").ok() };
        assert!(!format!("{actor:?}").contains("u-1"));
    }
}
