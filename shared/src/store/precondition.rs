//! The versions of a customer that a caller allows a write at.

/// The maximum number of versions in a condition: DynamoDB's limit for the operands of `IN`.
pub const MAX_VERSIONS: usize = 100;

/// The versions of a customer at which a write may happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    AnyVersion,
    /// One of these, at most [`MAX_VERSIONS`]. An empty list admits no version.
    OneOf(Vec<i64>),
}

/// The customer would change, but its version is not one that the precondition names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreconditionFailed;

impl Precondition {
    pub(super) fn admits(&self, version: i64) -> bool {
        match self {
            Self::AnyVersion => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}
