//! What can be wrong with a value that a caller sent.

/// A rule that a value breaks. The message says what to do and never repeats the value, which may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("is required")]
    Required,
    #[error("must be {0}")]
    WrongType(&'static str),
    #[error("must not be empty; send null to clear it, or leave it out to keep it")]
    Empty,
    #[error("must not be null: it cannot be cleared")]
    NotClearable,
    #[error("must have at most {max} characters, and has {actual}")]
    TooLong { max: usize, actual: usize },
    #[error("must have at most {max} bytes in UTF-8, and has {actual}")]
    TooManyBytes { max: usize, actual: usize },
    #[error("must have at least {min} characters, and has {actual}")]
    TooShort { min: usize, actual: usize },
    #[error("must not contain control characters")]
    ControlCharacter,
    #[error("must be 1 to 64 characters out of A-Z, a-z, 0-9, '_' and '-'")]
    NotAnId,
    #[error("must be an e-mail address such as name@example.com")]
    NotAnEmail,
    #[error("is not a valid phone number in region {region}; add the country's prefix, such as +353")]
    NotAPhone { region: String },
    #[error("must not have an extension: send the number alone")]
    PhoneExtension,
    #[error("must be one of the two-letter ISO 3166 country codes, such as IE")]
    NotARegion,
    #[error("must be 1 to 40 letters, digits, spaces, '-' or '_'")]
    NotATag,
    #[error("must be * without quotes, which asks for a new customer only; leave it out to match")]
    NotACondition,
    #[error("has no meaning for this operation: remove the header")]
    ConditionNotSupported,
    #[error("must be from {min} to {max}")]
    OutOfRange { min: i64, max: i64 },
    #[error("must be at most {max} entries, and has {actual}")]
    TooMany { max: usize, actual: usize },
    #[error("has the same rule twice: keep one of them")]
    Repeated,
    #[error("is not a field of this request; check its spelling")]
    UnknownField,
    #[error("is read-only, or changed by an operation of its own: leave it out")]
    NotWritable,
    #[error("may not be sent with this role: leave it out")]
    FieldNotAllowed,
    #[error("is proven by an operator, not by the passenger: ask one to change it")]
    PhoneChangeNeedsOperator,
}

impl Invalid {
    /// A stable name for the rule, which clients may branch on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::WrongType(_) => "wrong_type",
            Self::Empty => "empty",
            Self::NotClearable => "not_clearable",
            Self::TooLong { .. } | Self::TooManyBytes { .. } => "too_long",
            Self::TooShort { .. } => "too_short",
            Self::ControlCharacter => "control_character",
            Self::NotAnId => "invalid_id",
            Self::NotAnEmail => "invalid_email",
            Self::NotAPhone { .. } => "invalid_phone",
            Self::PhoneExtension => "phone_extension",
            Self::NotARegion => "invalid_region",
            Self::NotATag => "invalid_tag",
            Self::NotACondition => "invalid_condition",
            Self::ConditionNotSupported => "condition_not_supported",
            Self::OutOfRange { .. } => "out_of_range",
            Self::TooMany { .. } => "too_many",
            Self::Repeated => "repeated",
            Self::UnknownField => "unknown_field",
            Self::NotWritable => "not_writable",
            Self::FieldNotAllowed => "field_not_allowed",
            Self::PhoneChangeNeedsOperator => "phone_change_needs_operator",
        }
    }
}
