//! Folding: two spellings of a name that people take for the same become the same text.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::domain::Email;
use crate::domain::text::is_invisible;

/// Particles of family names. People leave them out, or do not know whether they are part of the name.
const PARTICLES: [&str; 17] =
    ["van", "von", "der", "den", "de", "da", "do", "dos", "del", "di", "la", "le", "al", "el", "bin", "ter", "ten"];

/// The words of a name or of a question, folded. A particle is left out if another word follows.
pub(super) fn words(text: &str) -> Vec<String> {
    let folded = folded(text);
    let split = folded.split(|c| !is_kept(c) && !is_inside_word(c));
    let words = split.map(|word| word.chars().filter(|c| is_kept(*c)).collect::<String>());
    let mut words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let last = words.pop();
    words.retain(|word| !PARTICLES.contains(&word.as_str()));
    words.extend(last);
    words
}

/// An e-mail address in the form in which addresses are compared: in any case.
#[must_use]
pub fn folded_email(email: &Email) -> String {
    case_folded(email.as_str().chars()).nfc().collect()
}

/// `text` without differences of case, of compatibility forms and of the marks that [`is_left_out`] names.
fn folded(text: &str) -> String {
    let decomposed = case_folded(text.nfkc()).collect::<String>();
    let letters = decomposed.nfkd().filter(|c| !is_left_out(*c)).flat_map(|c| {
        let (first, second) = match c {
            'ø' => ('o', None),
            'ł' => ('l', None),
            'đ' => ('d', None),
            'æ' => ('a', Some('e')),
            other => (other, None),
        };
        [Some(first), second].into_iter().flatten()
    });
    // Composing again keeps Hangul, kana and Indic letters whole.
    letters.nfc().collect()
}

/// Unicode's full case folding, by the mappings of the standard library. Lower case comes first because of `ẞ`, which has
/// no other upper case, and then upper case, which writes `ß` as `SS` and `ı` as `I`.
fn case_folded(chars: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    chars.flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// Combining marks that people leave out: those of the Latin, Greek and Cyrillic scripts, and the vowel points of Arabic
/// and Hebrew.
fn is_left_out(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{652}' | '\u{591}'..='\u{5c7}')
}

/// Letters, the marks that are left, and digits.
fn is_kept(c: char) -> bool {
    let is_kind = match c.general_category_group() {
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark => true,
        _ => c.general_category() == GeneralCategory::DecimalNumber,
    };
    is_kind && !is_invisible(c) && !is_apostrophe(c)
}

/// Characters that do not end a word: `O'Brien` is one word, `al-Hassan` and `byrne,ao` are two.
fn is_inside_word(c: char) -> bool {
    is_apostrophe(c) || is_invisible(c)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '‘' | '’' | '‛' | '′' | '\u{2b9}'..='\u{2bf}' | '\u{55a}' | '\u{5f3}' | '\u{5f4}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_folding_is_that_of_unicode() {
        // Cherokee is the one script that Unicode folds to upper case. Either way each letter has one form.
        let is_cherokee = |c: char| matches!(c, '\u{13a0}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}');
        for c in ('\0'..=char::MAX).filter(|c| !is_cherokee(*c)) {
            let unicode = unicase::UniCase::unicode(c.to_string()).to_folded_case();
            // A letter that is newer than the tables of one side stays as it is there.
            if unicode != c.to_string() && c.is_alphabetic() {
                assert_eq!(case_folded(std::iter::once(c)).collect::<String>(), unicode, "{c:?}");
            }
        }
    }

    #[test]
    fn a_folded_text_stays_the_same_when_it_is_folded_again() {
        for c in '\0'..=char::MAX {
            let once = folded(&c.to_string());
            assert_eq!(folded(&once), once, "{c:?}");
        }
    }

    #[test]
    fn spellings_of_one_name_are_one_text() {
        for (one, others) in [
            ("obrien", &["O'Brien", "O’Brien", "O Brien", "O‘BRIEN", "o`brien", "Oʼbrien", "O´Brien"][..]),
            ("sean", &["Seán", "SEÁN", "Sea\u{301}n", "ｓｅａｎ"]),
            ("strasse", &["Straße", "STRASSE", "STRAẞE"]),
            ("soren", &["Søren", "SØREN"]),
            ("lukasz", &["Łukasz", "ŁUKASZ"]),
            ("dorde", &["Đorđe", "ĐORĐE"]),
            ("aegir", &["Ægir", "ÆGIR", "Ǽgir"]),
            ("isik", &["Işık", "ışık", "IŞIK", "İşik"]),
            ("γιωργοσ", &["Γιώργος", "ΓΙΩΡΓΟΣ", "γιώργοσ"]),
            ("иосиф", &["Йосиф", "ИОСИФ"]),
            ("محمد", &["محمد", "مُحَمَّد"]),
            ("שלום", &["שלום", "שָׁלוֹם"]),
            ("서연", &["서연", "서연"]),
            ("ガ", &["ガ", "ｶﾞ", "カ\u{3099}"]),
            ("प्रिया", &["प्रिया"]),
            ("annemarie", &["Anne-Marie", "Anne Marie", "anne\u{200b}marie", "Anne–Marie"]),
            ("ﷺ".nfkc().collect::<String>().replace(' ', "").as_str(), &["ﷺ"]),
            ("12", &["1²"]),
            ("", &["", "-", "…", "🚕", "'"]),
        ] {
            for other in others {
                assert_eq!(words(other).concat(), one, "{other}");
            }
        }
    }

    #[test]
    fn a_particle_is_left_out_if_another_word_follows() {
        for (text, kept) in [
            ("van der Berg", &["berg"][..]),
            ("Van Der Berg", &["berg"]),
            ("Maria de Souza", &["maria", "souza"]),
            ("al-Hassan", &["hassan"]),
            ("da Silva", &["silva"]),
            ("Le", &["le"]),
            ("van der", &["der"]),
            ("Silva da", &["silva", "da"]),
            ("Delacroix", &["delacroix"]),
            ("byrne,ao", &["byrne", "ao"]),
        ] {
            assert_eq!(words(text), kept, "{text}");
        }
    }

    #[test]
    fn an_email_is_compared_in_any_case() {
        let folded = |raw| folded_email(&Email::parse(raw).unwrap());
        assert_eq!(folded("Aoife.Byrne@Example.IE"), "aoife.byrne@example.ie");
        assert_eq!(folded("ΟΔΟΣ@example.com"), folded("οδος@EXAMPLE.com"));
        assert_ne!(folded("a.b@example.com"), folded("ab@example.com"));
    }
}
