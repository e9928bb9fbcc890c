//! Tags. They are folded, so that `vip` and `VIP` are the same tag.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use super::Invalid;
use super::text::is_invisible;

/// A label on a customer: 1 to 40 letters, marks, digits, spaces, `-` or `_`, in upper case. Invisible letters and
/// marks are refused, because the tag would look like another tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(String);

impl Tag {
    /// The maximum number of characters, both as sent, with surrounding spaces, and after folding. (`ß` folds to two
    /// characters.)
    pub const MAX: usize = 40;

    /// Folds `raw` and checks the result. A tag in a response is always accepted in a request.
    ///
    /// # Errors
    /// [`Invalid::NotATag`] for a character that is not allowed, [`Invalid::Empty`] or [`Invalid::TooLong`].
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let folded = fold(raw);
        let actual = folded.chars().count();
        if actual == 0 {
            return Err(Invalid::Empty);
        }
        if !folded.chars().all(allowed) {
            return Err(Invalid::NotATag);
        }
        let actual = actual.max(raw.nfc().count());
        if actual > Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX, actual });
        }
        Ok(Self(folded))
    }

    /// The tag of the built-in priority rule.
    #[must_use]
    pub fn vip() -> Self {
        Self("VIP".to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Trims, normalizes to NFC, replaces `ẞ` by `ss`, converts to upper case without a locale, and normalizes again. This
/// is repeated until nothing changes, because an upper-case character can combine with its neighbour into a character
/// that has another mapping.
fn fold(raw: &str) -> String {
    let mut text = raw.to_owned();
    loop {
        let composed: String = text.trim().nfc().collect();
        let folded: String = composed.replace('ẞ', "ss").to_uppercase().nfc().collect();
        if folded == text {
            return folded;
        }
        text = folded;
    }
}

fn allowed(c: char) -> bool {
    let is_word = matches!(c.general_category_group(), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark)
        || c.general_category() == GeneralCategory::DecimalNumber;
    matches!(c, ' ' | '-' | '_') || (is_word && !is_invisible(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_form_do_not_matter() {
        for raw in ["vip", "VIP", " Vip ", "vıp".replace('ı', "i").as_str()] {
            assert_eq!(Tag::parse(raw).unwrap(), Tag::vip(), "{raw}");
        }
        assert_eq!(Tag::parse("straße").unwrap(), Tag::parse("STRAẞE").unwrap());
        assert_eq!(Tag::parse("straße").unwrap(), Tag::parse("strasse").unwrap());
        assert_eq!(Tag::parse("cafe\u{301}").unwrap(), Tag::parse("CAFÉ").unwrap());
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_is_folding_once(raw in "\\PC{0,12}", marked in "[a-zß-ɏͅΐẞﬀ-ﬆǰ ]{1,12}") {
            for raw in [raw, marked] {
                let once = fold(&raw);
                assert_eq!(fold(&once), once, "{raw:?}");
                if let Ok(tag) = Tag::parse(&raw) {
                    assert_eq!(Tag::parse(tag.as_str()), Ok(tag));
                }
            }
        }
    }

    #[test]
    fn other_characters_are_refused() {
        for raw in
            ["a/b", "a.b", "a#b", "😀", "a\nb", "a,b", "½", "VIP\u{fe0f}", "V\u{34f}IP", "\u{3164}", "VIP\u{e0100}"]
        {
            assert_eq!(Tag::parse(raw), Err(Invalid::NotATag), "{raw}");
        }
        assert_eq!(Tag::parse("   "), Err(Invalid::Empty));
    }

    #[test]
    fn the_length_is_that_of_the_folded_tag() {
        assert!(Tag::parse(&"a".repeat(40)).is_ok());
        assert!(Tag::parse(&"ß".repeat(20)).is_ok());
        assert_eq!(Tag::parse(&"ß".repeat(21)), Err(Invalid::TooLong { max: 40, actual: 42 }));
    }
}
