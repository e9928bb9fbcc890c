//! What an update says of one field.

/// A field of a partial update: left out, cleared, or set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// The field was left out: it stays as it is.
    #[default]
    Keep,
    /// The field was `null`.
    Clear,
    Set(T),
}

impl<T> Change<T> {
    /// The value that was set, if one was.
    #[must_use]
    pub fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The value that was set, if one was; for a create, where clearing is leaving out.
    pub fn into_set(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The same change of another type.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(f(value)),
        }
    }

    /// Clearing sets `default`: for a field that always has a value.
    #[must_use]
    pub fn or_default(self, default: T) -> Self {
        match self {
            Self::Clear => Self::Set(default),
            other => other,
        }
    }
}

impl<T: Clone> Change<T> {
    /// Applies this to an optional field.
    pub fn apply(&self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value.clone()),
        }
    }

    /// Applies this to a field that always has a value, which clearing leaves as it is.
    pub fn apply_required(&self, field: &mut T) {
        if let Self::Set(value) = self {
            *field = value.clone();
        }
    }
}
