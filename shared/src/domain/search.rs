//! What the office can search customers by, and which customers answer a search.
//!
//! An index only finds candidates. [`Question::matches`] decides, on the current record, so both sides fold text in the
//! same way; see `docs/decisions/0019-search.md`.

mod fold;
mod name;

pub use fold::folded_email;
pub use name::{KeyText, NameQuestion};

use super::phone::PhoneEnding;
use super::{Customer, Email, Invalid};

/// What a search asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Every customer.
    All,
    /// Customers with this name, or whose name begins like this.
    Name(NameQuestion),
    /// Customers with this e-mail address in any case; see [`folded_email`].
    Email(String),
    /// Customers whose phone ends with these digits.
    PhoneEnding(PhoneEnding),
}

impl Question {
    /// The question for an e-mail address.
    ///
    /// # Errors
    /// As [`Email::parse`].
    pub fn email(raw: &str) -> Result<Self, Invalid> {
        Email::parse(raw).map(|email| Self::Email(folded_email(&email)))
    }

    /// Whether `customer` answers the question.
    #[must_use]
    pub fn matches(&self, customer: &Customer) -> bool {
        match self {
            Self::All => true,
            Self::Name(name) => name.matches(customer),
            Self::Email(email) => customer.email.as_ref().is_some_and(|own| folded_email(own) == *email),
            Self::PhoneEnding(ending) => ending.matches(&customer.phone),
        }
    }

    /// The query, of those that find candidates for the question, whose candidates `customer` is shown among.
    #[must_use]
    pub fn phase_of(&self, customer: &Customer) -> usize {
        match self {
            Self::Name(name) => usize::from(!name.is_found_by_last_name(customer)),
            Self::All | Self::Email(_) | Self::PhoneEnding(_) => 0,
        }
    }

    /// A text that only this question has. Two spellings of one question have the same text.
    #[must_use]
    pub fn canonical(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Name(name) => format!("name {name}"),
            Self::Email(email) => format!("email {email}"),
            Self::PhoneEnding(ending) => format!("phoneEnding {} {}", ending.is_whole(), ending.reversed()),
        }
    }
}
