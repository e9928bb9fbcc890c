//! Free text with a maximum length.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::Invalid;

/// Trimmed text in Unicode NFC with 1 to `MAX` code points. It has a visible character, and no control or `REFUSED`
/// characters. The limit includes surrounding spaces and both characters of a CR LF, because a schema's `maxLength`
/// counts them too. With `LINES` the text may have several lines: CR LF and CR become LF, and a tab becomes a space.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize, const LINES: bool = false>(String);

/// A first or last name.
pub type Name = Text<100>;
/// A note on a customer that drivers see.
pub type DriverNote = Text<500, true>;
/// A note on a customer that only the office sees.
pub type ManagementNote = Text<1000, true>;

impl<const MAX: usize, const LINES: bool> Text<MAX, LINES> {
    /// Trims and normalises `raw`.
    ///
    /// # Errors
    /// [`Invalid::Empty`], [`Invalid::TooLong`] or [`Invalid::ControlCharacter`].
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let composed: String = raw.nfc().collect();
        let text = composed.trim();
        if is_blank(text) {
            return Err(Invalid::Empty);
        }
        let is_line_or_tab = |c| LINES && matches!(c, '\n' | '\r' | '\t');
        if text.chars().any(|c| is_refused(c) || (c.is_control() && !is_line_or_tab(c))) {
            return Err(Invalid::ControlCharacter);
        }
        let actual = composed.chars().count();
        if actual > MAX {
            return Err(Invalid::TooLong { max: MAX, actual });
        }
        Ok(Self(text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ")))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Joins the lines by `, ` and leaves out blank lines. A comma at the end of a line is not repeated.
    pub(super) fn on_one_line(&self) -> String {
        let lines: Vec<&str> = self.0.split('\n').map(str::trim).filter(|line| !is_blank(line)).collect();
        let (last, before) = lines.split_last().expect("a text has something visible");
        let before = before.iter().map(|line| line.trim_end_matches([',', ' '])).filter(|line| !line.is_empty());
        before.chain([*last]).collect::<Vec<_>>().join(", ")
    }
}

/// Invisible characters other than spaces: direction marks, joiners, fillers and variation selectors. The list contains
/// Unicode's `Default_Ignorable_Code_Point`, the annotation marks and the braille blank. Names, notes, e-mails, phones
/// and tags all use this list. It is not a Unicode property, because a property grows with Unicode and a regular
/// expression must be able to express the same set.
const INVISIBLE: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
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
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Characters of the Basic Multilingual Plane that are refused in any text, in addition to control characters: line and
/// paragraph separators, noncharacters, and bidirectional embeddings and overrides, which change how the surrounding
/// text is shown.
const REFUSED: &[(char, char)] =
    &[('\u{2028}', '\u{2029}'), ('\u{202a}', '\u{202e}'), ('\u{fdd0}', '\u{fdef}'), ('\u{fffe}', '\u{ffff}')];

/// Whether `c` is one of the `INVISIBLE` characters.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

fn is_refused(c: char) -> bool {
    // The last two code points of every plane are noncharacters.
    let is_last_of_a_plane = u32::from(c) & 0xfffe == 0xfffe;
    is_last_of_a_plane || REFUSED.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
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
    fn text_is_trimmed_and_composed() {
        assert_eq!(Name::parse("  Zoe\u{308} ").unwrap().as_str(), "Zo\u{eb}");
    }

    #[test]
    fn the_length_counts_code_points_after_normalizing_and_before_trimming() {
        assert!(Text::<3>::parse("e\u{301}e\u{301}e\u{301}").is_ok());
        assert_eq!(Text::<3>::parse("  a "), Err(Invalid::TooLong { max: 3, actual: 4 }));
        assert_eq!(Text::<3>::parse("\u{958}\u{958}"), Err(Invalid::TooLong { max: 3, actual: 4 }));
        assert_eq!(Text::<3>::parse("名前名前"), Err(Invalid::TooLong { max: 3, actual: 4 }));
    }

    #[test]
    fn blank_text_is_empty() {
        for raw in ["", " \u{a0}\t", "\u{200b}", "\u{202e}\u{2066}", "\u{feff} \u{fe0f}", "\u{e0100}", "\n\u{2028}"] {
            assert_eq!(Name::parse(raw), Err(Invalid::Empty), "{raw:?}");
            assert_eq!(DriverNote::parse(raw), Err(Invalid::Empty), "{raw:?}");
        }
    }

    #[test]
    fn joiners_isolates_and_selectors_are_kept_inside_a_text() {
        for raw in ["می\u{200c}خواهم", "👩\u{200d}🚀", "\u{2067}שרה\u{2069}", "❤\u{fe0f}", "a\u{200e}b"]
        {
            assert_eq!(Name::parse(raw).unwrap().as_str(), raw);
        }
    }

    #[test]
    fn forbidden_characters_are_refused() {
        let separators = ['\u{2028}', '\u{2029}'];
        let noncharacters = ['\u{fdd0}', '\u{fdef}', '\u{fffe}', '\u{ffff}', '\u{1fffe}', '\u{10ffff}'];
        let controls = ['\0', '\u{7}', '\u{b}', '\u{c}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}'];
        for c in ('\u{202a}'..='\u{202e}').chain(separators).chain(noncharacters).chain(controls) {
            let raw = format!("a{c}b");
            assert_eq!(Name::parse(&raw), Err(Invalid::ControlCharacter), "{c:?}");
            assert_eq!(DriverNote::parse(&raw), Err(Invalid::ControlCharacter), "{c:?}");
        }
    }

    #[test]
    fn a_note_keeps_its_lines_and_a_name_has_none() {
        let note = DriverNote::parse(" a\r\nb\rc\n\n\td\r\n").unwrap();
        assert_eq!(note.as_str(), "a\nb\nc\n\n d");
        for raw in ["a\nb", "a\rb", "a\r\nb", "a\tb"] {
            assert_eq!(Name::parse(raw), Err(Invalid::ControlCharacter), "{raw:?}");
        }
    }

    #[test]
    fn debug_output_does_not_contain_the_text() {
        assert_eq!(format!("{:?}", Name::parse("Aoife").unwrap()), "Text(…)");
    }
}
