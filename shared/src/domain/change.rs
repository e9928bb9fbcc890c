//! The change of one field in a partial update.

/// A field in a partial update: left out, cleared or set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// The field was left out and stays the same.
    #[default]
    Keep,
    /// The field was `null`.
    Clear,
    Set(T),
}

impl<T> Change<T> {
    /// The new value, if the field is set.
    #[must_use]
    pub fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The new value, if the field is set. In a create, clearing a field is the same as leaving it out.
    pub fn into_set(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// Converts the new value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(f(value)),
        }
    }

    /// Turns clearing into setting `default`, for a field that always has a value.
    #[must_use]
    pub fn or_default(self, default: T) -> Self {
        match self {
            Self::Clear => Self::Set(default),
            other => other,
        }
    }
}

impl<T: Clone> Change<T> {
    /// Applies this change to an optional field.
    pub fn apply(&self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value.clone()),
        }
    }

    /// Applies this change to a field that always has a value. Clearing has no effect; see [`Change::or_default`].
    pub fn apply_required(&self, field: &mut T) {
        if let Self::Set(value) = self {
            *field = value.clone();
        }
    }
}
