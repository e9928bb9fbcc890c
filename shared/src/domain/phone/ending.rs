//! The last digits of a phone, as the office searches by them.

use std::fmt;

use super::{Phone, Region, count_digits, digits, is_separator, plain};
use crate::domain::Invalid;

/// The last digits of a phone, or all of them.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneEnding {
    /// The digits from the last to the first.
    reversed: String,
    /// Whether these are all digits of the number.
    is_whole: bool,
}

impl PhoneEnding {
    /// The digits by which an index groups phones: a question has at least so many.
    pub const MIN_DIGITS: usize = 4;
    pub const MAX_DIGITS: usize = 12;

    /// Reads the digits of a query string, with any separators. Digits that are a whole number of `region` are read as that
    /// number, and all others as they are: `0871 000 042` is one number in Ireland, `1000 042` is the end of some.
    ///
    /// # Errors
    /// [`Invalid::NotAPhoneEnding`].
    pub fn parse_query(raw: &str, region: Region) -> Result<Self, Invalid> {
        if let Ok(phone) = Phone::parse_query(raw, region) {
            return Ok(Self { reversed: phone.reversed_digits(), is_whole: true });
        }
        let typed = plain(raw);
        let is_clean = typed.chars().all(|c| c.is_ascii_digit() || c == '+' || is_separator(c));
        if is_clean && (Self::MIN_DIGITS..=Self::MAX_DIGITS).contains(&count_digits(&typed)) {
            Ok(Self { reversed: digits(&typed).chars().rev().collect(), is_whole: false })
        } else {
            Err(Invalid::NotAPhoneEnding)
        }
    }

    /// The digits from the last to the first.
    #[must_use]
    pub fn reversed(&self) -> &str {
        &self.reversed
    }

    /// Whether these are all digits of the number.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether `phone` ends with these digits.
    #[must_use]
    pub fn matches(&self, phone: &Phone) -> bool {
        let reversed = phone.reversed_digits();
        if self.is_whole { reversed == self.reversed } else { reversed.starts_with(&self.reversed) }
    }
}

impl Phone {
    /// The digits of the number with its country code, from the last to the first.
    #[must_use]
    pub fn reversed_digits(&self) -> String {
        digits(&self.0).chars().rev().collect()
    }
}

impl fmt::Debug for PhoneEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneEnding(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region() -> Region {
        Region::parse("IE").unwrap()
    }

    fn parse(raw: &str) -> PhoneEnding {
        PhoneEnding::parse_query(raw, region()).unwrap_or_else(|invalid| panic!("{raw}: {invalid}"))
    }

    #[test]
    fn digits_in_any_typing_are_an_ending() {
        let phone = Phone::parse("+353871000042", region()).unwrap();
        for (raw, matches) in [
            ("0042", true),
            ("00 42", true),
            ("00-42", true),
            ("٠٠٤٢", true),
            ("００４２", true),
            ("1000042", true),
            ("871 000 042", true),
            ("353871000042", true),
            ("0043", false),
            ("00420", false),
            ("0871000", false),
        ] {
            assert_eq!(parse(raw).matches(&phone), matches, "{raw}");
        }
    }

    #[test]
    fn a_whole_number_of_the_region_is_read_as_that_number() {
        let phone = Phone::parse("+353871000042", region()).unwrap();
        for raw in
            ["0871 000 042", "0871000042", "+353 87 100 0042", " 353 87 100 0042", "00353871000042", "353871000042"]
        {
            let ending = parse(raw);
            assert!(ending.is_whole() && ending.matches(&phone), "{raw}");
            assert_eq!(ending.reversed(), "240000178353", "{raw}");
        }
        let other = Phone::parse("+4930353871000042", region());
        assert!(other.is_err() || !parse("0871000042").matches(&other.unwrap()));
        assert!(!parse("1000042").is_whole());
    }

    #[test]
    fn an_ending_has_4_to_12_digits() {
        for raw in ["", "  ", "004", "1234567890123", "00x42", "call", "0042#", &"1".repeat(300)] {
            assert_eq!(PhoneEnding::parse_query(raw, region()), Err(Invalid::NotAPhoneEnding), "{raw}");
        }
        assert!(PhoneEnding::parse_query("123456789012", region()).is_ok());
    }

    #[test]
    fn debug_output_contains_no_digits() {
        assert_eq!(format!("{:?}", parse("0042")), "PhoneEnding(…)");
    }
}
