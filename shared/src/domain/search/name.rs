//! Searching by name.

use std::fmt;

use super::fold::words;
use crate::domain::text::Name;
use crate::domain::{Customer, Invalid};

/// The maximum number of letters of a [`KeyText`]. A sort key has at most 1,024 bytes; a letter takes up to four, and
/// the customer's id follows.
const MAX_LETTERS: usize = 100;

/// What an index sorts names by: one folded name and then the other, without a separator. So one prefix finds a question
/// however its words are split, and `mc donald` finds `McDonald`.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText(String);

impl KeyText {
    /// The key text of a customer with the name `leading`, and with `other` as the other name. `None` if nothing of
    /// `leading` is left after folding.
    #[must_use]
    pub fn of(leading: Option<&Name>, other: Option<&Name>) -> Option<Self> {
        let leading = folded(leading);
        if leading.is_empty() { None } else { Some(Self::cut(&(leading + &folded(other)))) }
    }

    fn cut(letters: &str) -> Self {
        Self(letters.chars().take(MAX_LETTERS).collect())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The letters that choose the partition: the first if it is a Han character, kana or Hangul, which are many;
    /// otherwise the first two.
    #[must_use]
    pub fn first_letters(&self) -> &str {
        let letters = if self.0.starts_with(is_one_enough) { 1 } else { 2 };
        let end = self.0.char_indices().nth(letters).map_or(self.0.len(), |(end, _)| end);
        &self.0[..end]
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(…)")
    }
}

fn folded(name: Option<&Name>) -> String {
    name.map(|name| words(name.as_str()).concat()).unwrap_or_default()
}

/// The beginning of a first or last name, or of both in either order, the first of the two whole.
#[derive(Clone, PartialEq, Eq)]
pub struct NameQuestion {
    /// The folded words without separators.
    joined: String,
    /// Where one name may end and the other begin: between words, and between Han characters, kana or Hangul, which are
    /// written without spaces.
    splits: Vec<usize>,
}

impl NameQuestion {
    /// The maximum number of characters of a question: two names with a separator.
    pub const MAX: usize = 201;
    /// The minimum number of letters, except for Han characters, kana and Hangul.
    pub const MIN_LETTERS: usize = 2;

    /// # Errors
    /// [`Invalid::Empty`], [`Invalid::TooLong`], or [`Invalid::TooShort`] with the letters that are left after folding.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        if raw.trim().is_empty() {
            return Err(Invalid::Empty);
        }
        let actual = raw.chars().count();
        if actual > Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX, actual });
        }
        let words = words(raw);
        let joined = words.concat();
        let actual = joined.chars().count();
        if actual < Self::MIN_LETTERS && !joined.starts_with(is_one_enough) {
            return Err(Invalid::TooShort { min: Self::MIN_LETTERS, actual });
        }
        let mut splits = Vec::new();
        let mut end = 0;
        for word in &words[..words.len() - 1] {
            end += word.len();
            splits.push(end);
        }
        let letters = joined.char_indices().zip(joined.chars().skip(1));
        let without_spaces = letters.filter(|((_, one), next)| is_one_enough(*one) && is_one_enough(*next));
        splits.extend(without_spaces.map(|((start, one), _)| start + one.len_utf8()));
        Ok(Self { joined, splits })
    }

    /// What the key text of every matching customer begins with, in one of the two indexes on names.
    #[must_use]
    pub fn key_prefix(&self) -> KeyText {
        KeyText::cut(&self.joined)
    }

    /// Whether the words, joined, begin the last or the first name, or the first of them are one whole name and the
    /// others begin the other name.
    #[must_use]
    pub fn matches(&self, customer: &Customer) -> bool {
        let (last, first) = (folded(customer.last_name.as_ref()), folded(customer.first_name.as_ref()));
        let is_split = |end: &usize| {
            let (whole, rest) = self.joined.split_at(*end);
            (whole == last && first.starts_with(rest)) || (whole == first && last.starts_with(rest))
        };
        last.starts_with(&self.joined) || first.starts_with(&self.joined) || self.splits.iter().any(is_split)
    }

    /// Whether the index on last names finds `customer` with this question.
    #[must_use]
    pub fn is_found_by_last_name(&self, customer: &Customer) -> bool {
        let key = KeyText::of(customer.last_name.as_ref(), customer.first_name.as_ref());
        key.is_some_and(|key| key.0.starts_with(&self.key_prefix().0))
    }
}

impl fmt::Display for NameQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = self.joined.clone();
        let mut splits = self.splits.clone();
        splits.sort_unstable();
        splits.dedup();
        splits.into_iter().rev().for_each(|at| words.insert(at, ' '));
        f.write_str(&words)
    }
}

impl fmt::Debug for NameQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameQuestion(…)")
    }
}

/// Whether one letter of this script says as much as two letters of an alphabet: Han characters, kana and Hangul.
fn is_one_enough(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3038}'..='\u{303b}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3fffd}'
        | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{1aff0}'..='\u{1b16f}'
        | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}')
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    fn named(first: &str, last: &str) -> Customer {
        let mut customer = Customer::sample();
        customer.first_name = Name::parse(first).ok();
        customer.last_name = Name::parse(last).ok();
        customer
    }

    /// Whether the two queries find `customer`, and the record matches.
    fn is_found(customer: &Customer, question: &str) -> bool {
        let question = NameQuestion::parse(question).unwrap_or_else(|invalid| panic!("{question:?}: {invalid}"));
        let (first, last) = (customer.first_name.as_ref(), customer.last_name.as_ref());
        let prefix = question.key_prefix();
        let is_hit = [KeyText::of(last, first), KeyText::of(first, last)]
            .into_iter()
            .flatten()
            .any(|key| key.first_letters() == prefix.first_letters() && key.as_str().starts_with(prefix.as_str()));
        assert!(is_hit || !question.matches(customer), "{question} matches, and no query finds it");
        is_hit && question.matches(customer)
    }

    #[test]
    fn a_name_is_found_by_its_beginnings_in_either_order() {
        for (first, last, found, not_found) in [
            (
                "Aoife",
                "Byrne",
                &["by", "byrne", "AOI", "aoife by", "byrne ao", "byrne, ao", "Aoife Byrne"][..],
                &["yrne", "ao by", "byrn ao", "byrneao", "aoife c"][..],
            ),
            ("Ronald", "McDonald", &["mc donald", "mcdon", "mc d", "ronald mc d"], &["donald"]),
            ("Pádraig", "Mac Giolla Phádraig", &["mac giolla", "macgiolla ph", "padraig mac"], &["giolla"]),
            (
                "Jan",
                "van der Berg",
                &["van der be", "berg", "jan van der berg", "van der berg, jan", "jan berg", "ber"],
                &["bergjan"],
            ),
            ("Do", "Kim", &["kim", "do kim", "kim do", "do"], &["dok"]),
            ("Thanh", "Le", &["le", "le thanh", "thanh le", "thanh l"], &["let"]),
            ("Maria", "de la Cruz", &["cruz", "de la cruz", "maria de la cruz", "cruz maria"], &["maria l"]),
            ("Jun", "O", &["o jun", "o j", "jun o", "ju"], &["oju"]),
            ("芳", "王", &["王", "芳", "王芳", "王 芳", "芳王", "芳 王"], &["李", "王李"]),
            ("서연", "김", &["김", "김서", "서", "서연 김"], &["연"]),
            ("ケンジ", "高橋", &["ｹ", "高", "高橋 ケ"], &["橋"]),
            ("प्रिया", "शर्मा", &["शर", "प्रिया श"], &["मा"]),
            ("", "Byrne", &["by"], &["byrne a"]),
            ("Aoife", "", &["ao", "aoife"], &["aoife b"]),
            ("Aoife", "🚕", &["ao"], &["aoife b"]),
            ("", "", &[], &["by"]),
        ] {
            let customer = named(first, last);
            for question in found {
                assert!(is_found(&customer, question), "{question} finds {first} {last}");
            }
            for question in not_found {
                assert!(!is_found(&customer, question), "{question} does not find {first} {last}");
            }
        }
    }

    #[test]
    fn a_question_joined_from_words_may_match_what_its_single_words_do_not() {
        assert!(is_found(&named("aoife", "byrne"), "byrne ao"));
        assert!(!is_found(&named("eao", "byrn"), "byrne ao"));
    }

    #[test]
    fn a_question_needs_two_letters_or_one_of_han_kana_or_hangul() {
        for raw in ["ao", "ß", "ﬁ", "王", "ｱ", "あ", "김", "12"] {
            assert!(NameQuestion::parse(raw).is_ok(), "{raw}");
        }
        for (raw, actual) in [("a", 1), ("é", 1), ("-", 0), ("🚕🚕", 0), ("d'", 1), ("van b", 1), ("श", 1)] {
            assert_eq!(NameQuestion::parse(raw), Err(Invalid::TooShort { min: 2, actual }), "{raw}");
        }
        assert_eq!(NameQuestion::parse(" "), Err(Invalid::Empty));
        assert_eq!(NameQuestion::parse(&"a".repeat(202)), Err(Invalid::TooLong { max: 201, actual: 202 }));
    }

    #[test]
    fn the_first_letters_choose_the_partition() {
        let letters = |first, last| {
            let customer = named(first, last);
            let key = KeyText::of(customer.last_name.as_ref(), customer.first_name.as_ref());
            key.map(|key| key.first_letters().to_owned())
        };
        assert_eq!(letters("Aoife", "Byrne").as_deref(), Some("by"));
        assert_eq!(letters("Jun", "O").as_deref(), Some("oj"));
        assert_eq!(letters("", "O").as_deref(), Some("o"));
        assert_eq!(letters("芳", "王").as_deref(), Some("王"));
        assert_eq!(letters("Aoife", "...").as_deref(), None);
        assert_eq!(letters("Aoife", ""), None);
    }

    #[test]
    fn a_name_that_grows_when_it_is_folded_still_fits_into_a_key() {
        let customer = named(&"ﷺ".repeat(100), &"𠜎".repeat(100));
        let (first, last) = (customer.first_name.as_ref(), customer.last_name.as_ref());
        for key in [KeyText::of(first, last), KeyText::of(last, first)] {
            let key = key.unwrap();
            assert_eq!(key.as_str().chars().count(), MAX_LETTERS);
            assert!(key.as_str().len() + "#".len() + crate::domain::id::MAX_ID <= 1024);
        }
        assert!(is_found(&customer, &"ﷺ".repeat(100)));
        assert!(is_found(&customer, &"𠜎".repeat(100)));
        assert!(!is_found(&customer, &"𠜎".repeat(101)));
    }

    #[test]
    fn debug_output_contains_no_name() {
        let question = NameQuestion::parse("Byrne").unwrap();
        assert_eq!(format!("{question:?} {:?}", question.key_prefix()), "NameQuestion(…) KeyText(…)");
    }

    /// First and last names of 12 scripts, in every combination within a script: each is found by its whole names in
    /// both orders, by each name alone, and by the names in another spelling.
    #[test]
    fn names_of_twelve_scripts_are_found() {
        let scripts: [(&[&str], &[&str]); 12] = [
            (
                &[
                    "Aoife", "Seán", "Zoë", "Łukasz", "Søren", "Çağla", "Íris", "Gonçalo", "Nguyễn", "Đorđe", "D'Arcy",
                    "Jean-Luc", "Do", "Xi", "Ægir", "Ştefan",
                ],
                &[
                    "O’Sullivan",
                    "Ní Bhriain",
                    "dos Santos",
                    "van den Heuvel",
                    "McCarthy",
                    "Yılmaz",
                    "Müller",
                    "Großmann",
                    "Clarke-Hughes",
                    "al-Sayed",
                    "Le",
                    "O",
                    "d’Angelo",
                    "St. John",
                    "de la Cruz",
                    "Ó Dónaill",
                ],
            ),
            (
                &["Олена", "Андрій", "Юлія", "Сергій", "Фёдор", "Ярослав", "Ганна"],
                &["Шевченко", "Ткачук", "Кравець", "Мельник", "Поліщук", "Йовенко", "Лисенко"],
            ),
            (
                &["Γιώργος", "Ελένη", "Νίκος", "Κατερίνα", "Σοφία", "Ήρα"],
                &["Παπαδόπουλος", "Νικολάου", "Γεωργίου", "Αντωνίου", "Βασιλείου", "Ώρας"],
            ),
            (
                &["محمد", "فاطمة", "أحمد", "لَيْلَى", "يوسف", "مريم"],
                &["الحسن", "عبد الله", "المصري", "حداد", "خليل", "النجار"],
            ),
            (&["נועה", "דוד", "תָּמָר", "יונתן", "שרה"], &["כהן", "לוי", "מזרחי", "פרידמן", "בן־דוד"]),
            (&["आरव", "प्रिया", "विवेक", "अनन्या", "रोहन"], &["शर्मा", "वर्मा", "सिंह", "गुप्ता", "मिश्रा"]),
            (&["অনিক", "রিয়া", "সৌরভ", "মিতা"], &["সেন", "দাস", "চৌধুরী", "ঠাকুর"]),
            (&["கண்ணன்", "மீனா", "அருண்", "தேவி"], &["ராஜன்", "குமார்", "செல்வன்", "நாயர்"]),
            (&["สมชาย", "มาลี", "ประยุทธ์", "อรทัย"], &["ใจดี", "ศรีสุข", "ทองดี", "แก้วมณี"]),
            (&["伟", "芳", "秀英", "静怡", "浩然"], &["王", "李", "张", "欧阳", "𠮷田"]),
            (&["陽菜", "さくら", "ケンジ", "ｱﾔｶ", "美咲"], &["佐藤", "鈴木", "高橋", "タナカ", "わたなべ"]),
            (&["서연", "민준", "지우", "하은", "수"], &["김", "이", "박", "남궁", "황보"]),
        ];
        let mut names = 0;
        for (first_names, last_names) in scripts {
            names += first_names.len() * last_names.len();
            for (first, last) in first_names.iter().flat_map(|first| last_names.iter().map(move |last| (first, last))) {
                let customer = named(first, last);
                let upper = format!("{last} {first}").to_uppercase();
                let wide: String = format!("{first}, {last}").nfd().collect();
                for question in [format!("{first} {last}"), format!("{last}, {first}"), upper, wide] {
                    let is_asked = NameQuestion::parse(&question).is_ok();
                    assert!(!is_asked || is_found(&customer, &question), "{question} finds {first} {last}");
                }
                for name in [first, last] {
                    assert!(
                        NameQuestion::parse(name).is_err() || is_found(&customer, name),
                        "{name} finds {first} {last}"
                    );
                }
            }
        }
        assert!(names >= 500, "{names}");
    }

    proptest::proptest! {
        #[test]
        fn no_question_matches_a_customer_that_the_queries_do_not_find(
            first in "[a-dA-Dé'ß -]{0,6}|[王芳김ガ]{0,3}", last in "[a-dA-Dé'ß -]{0,6}|[王芳김ガ]{0,3}",
            question in "[a-dA-Dé'ß ,-]{1,8}|[王芳김ガ ]{1,4}",
        ) {
            if NameQuestion::parse(&question).is_ok() {
                is_found(&named(&first, &last), &question);
            }
        }
    }
}
