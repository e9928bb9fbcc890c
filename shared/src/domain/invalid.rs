//! The rules that a value in a request can break.

/// A rule that a value breaks. The message says what to do. It never repeats the value, because the value may be
/// personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("is required")]
    Required,
    #[error("must be {0}")]
    WrongType(&'static str),
    #[error("must not be empty")]
    Empty,
    #[error("must not be empty; omit it, or send null for no value")]
    EmptyNotNull,
    #[error("must not be null; this field cannot be cleared")]
    NotClearable,
    #[error("must have at most {max} characters; it has {actual}")]
    TooLong { max: usize, actual: usize },
    #[error("must have at most {max} bytes in UTF-8; it has {actual}")]
    TooManyBytes { max: usize, actual: usize },
    #[error("must have at least {min} characters; it has {actual}")]
    TooShort { min: usize, actual: usize },
    #[error("is one of the most common passwords; choose another")]
    CommonPassword,
    #[error("is little more than the name of the company or the phone number; choose another")]
    GuessablePassword,
    #[error(
        "must not contain control characters, line or paragraph separators, bidirectional embeddings or overrides \
         (U+202A to U+202E), or noncharacters"
    )]
    ControlCharacter,
    #[error("must be 1 to 64 characters from A-Z, a-z, 0-9, '_' and '-'")]
    NotAnId,
    #[error("must be an e-mail address, such as name@example.com, without spaces or invisible characters")]
    NotAnEmail,
    #[error("is not a valid phone number; check its digits")]
    NotAPhone,
    #[error("is not a valid phone number in region {region}; check its digits, or add the country code, such as +353")]
    NotAPhoneInRegion { region: String },
    #[error("has too few digits for a phone number; send the whole number with its area code")]
    PhoneTooShort,
    #[error("has too many digits for a phone number")]
    PhoneTooLong,
    #[error(
        "has too many digits for a phone number in region {region}; check its digits, or add the country code, such as \
         +353"
    )]
    PhoneTooLongInRegion { region: String },
    #[error("has more than one phone number; send one")]
    PhoneTwoNumbers,
    #[error("must not have an extension; send the number alone")]
    PhoneExtension,
    #[error("must not have letters; send the digits of the number")]
    PhoneLetters,
    #[error("is not a phone number: the caller withholds it; ask the caller for the number")]
    PhoneWithheld,
    #[error("must be the last 4 to 12 digits of a phone number, or a whole number")]
    NotAPhoneEnding,
    #[error("must be a two-letter ISO 3166 country code, such as IE")]
    NotARegion,
    #[error("must be 1 to 40 letters, digits, spaces, '-' or '_'")]
    NotATag,
    #[error("must be * without quotes; omit the header to match existing customers")]
    NotACondition,
    #[error("must be `*` or a list of ETags in double quotes, such as \"3\"")]
    NotEntityTags,
    #[error("has no meaning for this operation: remove the header")]
    ConditionNotSupported,
    #[error("must be from {min} to {max}")]
    OutOfRange { min: i64, max: i64 },
    #[error("must have at most {max} entries; it has {actual}")]
    TooMany { max: usize, actual: usize },
    #[error("repeats an earlier rule of the list; remove one of them")]
    Repeated,
    #[error("must be given only once")]
    RepeatedParameter,
    #[error("must not name a value twice")]
    RepeatedValue,
    #[error("must be {0}")]
    UnknownValue(&'static str),
    #[error("has an effect only with `include=addresses`; add that, or remove this parameter")]
    NeedsAddresses,
    #[error("cannot be combined with `{0}`; send one of the two")]
    ConflictsWith(&'static str),
    #[error(
        "is not a cursor of this search; send a `nextCursor` unchanged, with the same parameters, or start again without it"
    )]
    NotACursor,
    #[error("is not a parameter of this operation; check the spelling")]
    UnknownParameter,
    #[error("is not a field of this request; check the spelling")]
    UnknownField,
    #[error("cannot be written here: it is read-only, or another operation changes it; remove it")]
    NotWritable,
    #[error("cannot be written by this role; remove it")]
    FieldNotAllowed,
    #[error("cannot be changed by a passenger; ask an operator to change it")]
    PhoneChangeNeedsOperator,
}

impl Invalid {
    /// Every code, in the order of the rules.
    pub const CODES: &[&str] = &[
        "required",
        "wrong_type",
        "empty",
        "not_clearable",
        "too_long",
        "too_short",
        "common_password",
        "guessable_password",
        "control_character",
        "invalid_id",
        "invalid_email",
        "invalid_phone",
        "phone_too_short",
        "phone_too_long",
        "phone_two_numbers",
        "phone_extension",
        "phone_letters",
        "phone_withheld",
        "invalid_phone_ending",
        "invalid_region",
        "invalid_tag",
        "invalid_condition",
        "condition_not_supported",
        "out_of_range",
        "too_many",
        "repeated",
        "unknown_value",
        "include_required",
        "conflicting_parameters",
        "invalid_cursor",
        "unknown_parameter",
        "unknown_field",
        "not_writable",
        "field_not_allowed",
        "phone_change_needs_operator",
    ];

    /// A stable name for the rule, which clients may branch on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::WrongType(_) => "wrong_type",
            Self::Empty | Self::EmptyNotNull => "empty",
            Self::NotClearable => "not_clearable",
            Self::TooLong { .. } | Self::TooManyBytes { .. } => "too_long",
            Self::TooShort { .. } => "too_short",
            Self::CommonPassword => "common_password",
            Self::GuessablePassword => "guessable_password",
            Self::ControlCharacter => "control_character",
            Self::NotAnId => "invalid_id",
            Self::NotAnEmail => "invalid_email",
            Self::NotAPhone | Self::NotAPhoneInRegion { .. } => "invalid_phone",
            Self::PhoneTooShort => "phone_too_short",
            Self::PhoneTooLong | Self::PhoneTooLongInRegion { .. } => "phone_too_long",
            Self::PhoneTwoNumbers => "phone_two_numbers",
            Self::PhoneExtension => "phone_extension",
            Self::PhoneLetters => "phone_letters",
            Self::PhoneWithheld => "phone_withheld",
            Self::NotAPhoneEnding => "invalid_phone_ending",
            Self::NotARegion => "invalid_region",
            Self::NotATag => "invalid_tag",
            Self::NotACondition | Self::NotEntityTags => "invalid_condition",
            Self::ConditionNotSupported => "condition_not_supported",
            Self::OutOfRange { .. } => "out_of_range",
            Self::TooMany { .. } => "too_many",
            Self::Repeated | Self::RepeatedParameter | Self::RepeatedValue => "repeated",
            Self::UnknownValue(_) => "unknown_value",
            Self::NeedsAddresses => "include_required",
            Self::ConflictsWith(_) => "conflicting_parameters",
            Self::NotACursor => "invalid_cursor",
            Self::UnknownParameter => "unknown_parameter",
            Self::UnknownField => "unknown_field",
            Self::NotWritable => "not_writable",
            Self::FieldNotAllowed => "field_not_allowed",
            Self::PhoneChangeNeedsOperator => "phone_change_needs_operator",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule after `rule` in the order of the enum. A new variant does not compile until it is added here.
    fn next(rule: &Invalid) -> Option<Invalid> {
        let region = || "IE".to_owned();
        Some(match rule {
            Invalid::Required => Invalid::WrongType("a string"),
            Invalid::WrongType(_) => Invalid::Empty,
            Invalid::Empty => Invalid::EmptyNotNull,
            Invalid::EmptyNotNull => Invalid::NotClearable,
            Invalid::NotClearable => Invalid::TooLong { max: 1, actual: 2 },
            Invalid::TooLong { .. } => Invalid::TooManyBytes { max: 1, actual: 2 },
            Invalid::TooManyBytes { .. } => Invalid::TooShort { min: 2, actual: 1 },
            Invalid::TooShort { .. } => Invalid::CommonPassword,
            Invalid::CommonPassword => Invalid::GuessablePassword,
            Invalid::GuessablePassword => Invalid::ControlCharacter,
            Invalid::ControlCharacter => Invalid::NotAnId,
            Invalid::NotAnId => Invalid::NotAnEmail,
            Invalid::NotAnEmail => Invalid::NotAPhone,
            Invalid::NotAPhone => Invalid::NotAPhoneInRegion { region: region() },
            Invalid::NotAPhoneInRegion { .. } => Invalid::PhoneTooShort,
            Invalid::PhoneTooShort => Invalid::PhoneTooLong,
            Invalid::PhoneTooLong => Invalid::PhoneTooLongInRegion { region: region() },
            Invalid::PhoneTooLongInRegion { .. } => Invalid::PhoneTwoNumbers,
            Invalid::PhoneTwoNumbers => Invalid::PhoneExtension,
            Invalid::PhoneExtension => Invalid::PhoneLetters,
            Invalid::PhoneLetters => Invalid::PhoneWithheld,
            Invalid::PhoneWithheld => Invalid::NotAPhoneEnding,
            Invalid::NotAPhoneEnding => Invalid::NotARegion,
            Invalid::NotARegion => Invalid::NotATag,
            Invalid::NotATag => Invalid::NotACondition,
            Invalid::NotACondition => Invalid::NotEntityTags,
            Invalid::NotEntityTags => Invalid::ConditionNotSupported,
            Invalid::ConditionNotSupported => Invalid::OutOfRange { min: 0, max: 1 },
            Invalid::OutOfRange { .. } => Invalid::TooMany { max: 1, actual: 2 },
            Invalid::TooMany { .. } => Invalid::Repeated,
            Invalid::Repeated => Invalid::RepeatedParameter,
            Invalid::RepeatedParameter => Invalid::RepeatedValue,
            Invalid::RepeatedValue => Invalid::UnknownValue("one of these"),
            Invalid::UnknownValue(_) => Invalid::NeedsAddresses,
            Invalid::NeedsAddresses => Invalid::ConflictsWith("name"),
            Invalid::ConflictsWith(_) => Invalid::NotACursor,
            Invalid::NotACursor => Invalid::UnknownParameter,
            Invalid::UnknownParameter => Invalid::UnknownField,
            Invalid::UnknownField => Invalid::NotWritable,
            Invalid::NotWritable => Invalid::FieldNotAllowed,
            Invalid::FieldNotAllowed => Invalid::PhoneChangeNeedsOperator,
            Invalid::PhoneChangeNeedsOperator => return None,
        })
    }

    #[test]
    fn the_list_contains_the_code_of_every_rule() {
        let rules = std::iter::successors(Some(Invalid::Required), next);
        let mut codes: Vec<_> = rules.map(|rule| rule.code()).collect();
        codes.dedup();
        assert_eq!(codes, Invalid::CODES);
    }
}
