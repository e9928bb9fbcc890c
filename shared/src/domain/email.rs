//! E-mail addresses. They are stored as typed, and customers are not matched by them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::is_invisible;
use super::{Invalid, Text};

/// An e-mail address. Its case is kept. The check only finds typing errors; only a delivered mail proves that an
/// address works.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(Text<{ Email::MAX }>);

impl Email {
    /// The maximum number of characters (RFC 5321, section 4.5.3.1.3, without the angle brackets).
    pub const MAX: usize = 254;

    /// Requires text before and after one `@`, and no spaces or invisible characters.
    ///
    /// # Errors
    /// [`Invalid::NotAnEmail`], or an error of [`Text::parse`].
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let text = Text::parse(raw)?;
        match text.as_str().rsplit_once('@') {
            Some((local, host))
                if !local.is_empty()
                    && !host.is_empty()
                    && !text.as_str().contains(|c: char| c.is_whitespace() || is_invisible(c))
                    && (local.starts_with('"') || !local.contains('@')) =>
            {
                Ok(Self(text))
            }
            _ => Err(Invalid::NotAnEmail),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_keeps_its_case() {
        assert_eq!(Email::parse(" Aoife.Byrne@Example.IE ").unwrap().as_str(), "Aoife.Byrne@Example.IE");
    }

    #[test]
    fn malformed_addresses_are_refused() {
        for raw in ["aoife", "@example.ie", "aoife@", "aoife byrne@example.ie", "a@b@c"] {
            assert_eq!(Email::parse(raw), Err(Invalid::NotAnEmail), "{raw}");
        }
    }

    #[test]
    fn invisible_characters_are_refused() {
        for c in ['\u{ad}', '\u{200b}', '\u{200d}', '\u{200e}', '\u{2069}', '\u{fe0f}', '\u{feff}', '\u{e0100}'] {
            for raw in [format!("ao{c}ife@example.ie"), format!("aoife@example.ie{c}"), format!("{c}aoife@example.ie")]
            {
                assert_eq!(Email::parse(&raw), Err(Invalid::NotAnEmail), "{raw:?}");
            }
        }
        assert_eq!(Email::parse("aoife@\u{202e}example.ie"), Err(Invalid::ControlCharacter));
    }

    #[test]
    fn other_scripts_are_accepted() {
        assert!(Email::parse("用户@例子.广告").is_ok());
    }
}
