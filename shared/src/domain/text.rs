//! Free text with a limit.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::Invalid;

/// Trimmed text in Unicode NFC with 1 to `MAX` code points and no control characters. Spaces around it count too, since
/// a schema's `maxLength` knows of no trimming.
/// `LINES` allows the line feed, for notes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize, const LINES: bool = false>(String);

/// A first or last name.
pub type Name = Text<100>;
/// What drivers are shown about a customer.
pub type DriverNote = Text<500, true>;
/// What only the office sees about a customer.
pub type ManagementNote = Text<1000, true>;

impl<const MAX: usize, const LINES: bool> Text<MAX, LINES> {
    /// Trims and normalises `raw`.
    ///
    /// # Errors
    /// [`Invalid::Empty`], [`Invalid::TooLong`] or [`Invalid::ControlCharacter`].
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let composed: String = raw.nfc().collect();
        let text = composed.trim();
        if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
            return Err(Invalid::Empty);
        }
        if text.chars().any(|c| c.is_control() && !(LINES && c == '\n')) {
            return Err(Invalid::ControlCharacter);
        }
        let actual = composed.chars().count();
        if actual > MAX {
            return Err(Invalid::TooLong { max: MAX, actual });
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is not seen beside the spaces: marks of the writing direction, joiners, and what is no character. A list and not
/// a category of Unicode, so that the reference can say the same to a client in a regular expression; a category also
/// grows with Unicode, and holds signs of numbers that are seen.
pub const INVISIBLE: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{fffe}', '\u{ffff}'),
];

fn is_invisible(c: char) -> bool {
    INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

impl<const MAX: usize, const LINES: bool> fmt::Debug for Text<MAX, LINES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_trimmed_and_composed() {
        assert_eq!(Name::parse("  Zoe\u{308} ").unwrap().as_str(), "Zo\u{eb}");
    }

    #[test]
    fn counts_code_points_after_normalising_and_before_trimming() {
        assert!(Text::<3>::parse("e\u{301}e\u{301}e\u{301}").is_ok());
        assert_eq!(Text::<3>::parse("  a "), Err(Invalid::TooLong { max: 3, actual: 4 }));
        assert_eq!(Text::<3>::parse("\u{958}\u{958}"), Err(Invalid::TooLong { max: 3, actual: 4 }));
        assert_eq!(Text::<3>::parse("名前名前"), Err(Invalid::TooLong { max: 3, actual: 4 }));
    }

    #[test]
    fn blank_text_is_empty() {
        for raw in [" \u{a0}\t", "\u{200b}", "\u{202e}\u{2066}", "\u{feff} \u{ffff}"] {
            assert_eq!(Name::parse(raw), Err(Invalid::Empty), "{raw:?}");
        }
        assert!(Name::parse("می\u{200c}خواهم").is_ok());
    }

    #[test]
    fn control_characters_are_refused_but_for_the_line_feed_in_notes() {
        assert_eq!(Name::parse("a\u{0}b"), Err(Invalid::ControlCharacter));
        assert_eq!(Name::parse("a\nb"), Err(Invalid::ControlCharacter));
        assert_eq!(DriverNote::parse("a\u{7f}b"), Err(Invalid::ControlCharacter));
        assert_eq!(DriverNote::parse("a\nb").unwrap().as_str(), "a\nb");
        assert_eq!(DriverNote::parse("a\r\nb"), Err(Invalid::ControlCharacter));
    }

    #[test]
    fn does_not_show_itself_when_debugged() {
        assert_eq!(format!("{:?}", Name::parse("Aoife").unwrap()), "Text(…)");
    }
}
