//! Phone numbers: any form a person would type becomes one E.164 string, or is refused.
//!
//! Google's libphonenumber rules, by the port `rlibphonenumber`; `docs/decisions/0001-phone-library.md` says why
//! that one.

use std::fmt;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use serde::{Deserialize, Serialize};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::Invalid;

/// A valid phone number in E.164: `+`, the country calling code and the national number, nothing else.
/// Prints as `Phone(…)`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

/// The country whose numbers may be typed without a prefix, by its ISO 3166 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(rlibphonenumber::Region);

impl Region {
    /// # Errors
    /// [`Invalid::NotARegion`] unless phone numbers of that country are known.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        rlibphonenumber::Region::from_code(&raw.to_ascii_uppercase())
            .ok()
            .filter(|region| PHONE_NUMBER_UTIL.get_supported_regions().any(|known| known == *region))
            .map(Self)
            .ok_or(Invalid::NotARegion)
    }

    /// Every region whose numbers are known.
    pub fn all() -> impl Iterator<Item = Self> {
        PHONE_NUMBER_UTIL.get_supported_regions().map(Self)
    }

    /// A number of this region that is valid and nobody's, in E.164.
    #[must_use]
    pub fn example(self) -> Option<Phone> {
        let number = PHONE_NUMBER_UTIL.get_example_number(self.0).ok()?;
        Some(Phone(number.format_as(PhoneNumberFormat::E164).into_owned()))
    }
}

impl Phone {
    /// Most characters that are looked at; the longest number typed with all its decoration is far shorter.
    pub const MAX_TYPED: usize = 64;

    /// Reads a number as a person of `region` would type it. That region's own reading comes first; where it gives
    /// no valid number, a leading `00` is read as `+`, whatever the region dials to get out.
    ///
    /// # Errors
    /// [`Invalid::NotAPhone`], [`Invalid::PhoneExtension`] or [`Invalid::TooLong`].
    pub fn parse(raw: &str, region: Region) -> Result<Self, Invalid> {
        let actual = raw.chars().count();
        if actual > Self::MAX_TYPED {
            return Err(Invalid::TooLong { max: Self::MAX_TYPED, actual });
        }
        let plain = plain(raw);
        match read(&plain, region) {
            Err(invalid @ Invalid::NotAPhone { .. }) => {
                let digits: String = plain.chars().filter(|c| !is_separator(*c)).collect();
                match digits.strip_prefix("00") {
                    Some(rest) => read(&format!("+{rest}"), region),
                    None => Err(invalid),
                }
            }
            result => result,
        }
    }

    /// Reads a number out of a query string, where a `+` that was not encoded arrives as a space: a space before the
    /// first digit is tried as `+` first, then dropped.
    ///
    /// # Errors
    /// As [`Phone::parse`].
    pub fn parse_query(raw: &str, region: Region) -> Result<Self, Invalid> {
        if let Some(rest) = raw.strip_prefix(' ').map(str::trim_start)
            && rest.starts_with(|c: char| ascii_digit(c).is_some())
            && let Ok(phone) = Self::parse(&format!("+{rest}"), region)
        {
            return Ok(phone);
        }
        Self::parse(raw, region)
    }

    /// The number in E.164.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn read(plain: &str, region: Region) -> Result<Phone, Invalid> {
    let invalid = || Invalid::NotAPhone { region: region.to_string() };
    let number = PHONE_NUMBER_UTIL.parse(plain, Some(region.0)).map_err(|_| invalid())?;
    if number.extension.is_some() {
        return Err(Invalid::PhoneExtension);
    }
    // The library also finds a number inside a text, takes the first of two, and reads letters as a keypad does:
    // good for reading a web page, but here it would register a passenger under a number nobody typed.
    let digits = plain.strip_prefix('+').unwrap_or(plain);
    if !digits.chars().all(|c| c.is_ascii_digit() || is_separator(c)) || !number.is_valid() {
        return Err(invalid());
    }
    let phone = number.format_as(PhoneNumberFormat::E164).into_owned();
    // A German landline may be longer by its own plan than E.164 lets any number be.
    if phone.len() > 1 + MAX_DIGITS {
        return Err(invalid());
    }
    Ok(Phone(phone))
}

/// Most digits of a number, the country's among them (E.164, 6.2.1).
const MAX_DIGITS: usize = 15;

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '[' | ']')
}

/// The number with ASCII digits, plus and separators, whatever keyboard, font or contact card it came from. What is
/// none of these stays, to be refused.
fn plain(raw: &str) -> String {
    let plain: String =
        raw.chars().filter(|c| !is_invisible(*c)).map(|c| ascii_digit(c).unwrap_or_else(|| ascii(c))).collect();
    let plain = plain.trim();
    match plain.get(..4) {
        // RFC 3966; the scheme of an URI has no case.
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => plain[4..].trim_start().to_owned(),
        _ => plain.to_owned(),
    }
}

/// Marks of the writing direction and breaks that are not seen, which copying out of a chat brings along.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A digit of any script as the ASCII digit: the digits of a script follow each other, from its zero on.
fn ascii_digit(c: char) -> Option<char> {
    let is_digit = |c: char| c.general_category() == GeneralCategory::DecimalNumber;
    if c.is_ascii() || !is_digit(c) {
        return c.is_ascii_digit().then_some(c);
    }
    let zero = (0..=u32::from(c)).rev().map_while(|code| char::from_u32(code).filter(|c| is_digit(*c))).last()?;
    char::from_digit((u32::from(c) - u32::from(zero)) % 10, 10)
}

/// A plus or separator as the ASCII one.
fn ascii(c: char) -> char {
    match c {
        '＋' | '﬩' | '⁺' => '+',
        '（' | '﹙' => '(',
        '）' | '﹚' => ')',
        '［' => '[',
        '］' => ']',
        '．' | '·' | '•' => '.',
        '／' | '⁄' => '/',
        // The library takes a tilde for the sign of an extension.
        'ー' | '−' | '~' | '～' | '〜' | '∼' => '-',
        _ if c.is_whitespace() => ' ',
        _ if c.general_category() == GeneralCategory::DashPunctuation => '-',
        _ => c,
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({self})")
    }
}

impl TryFrom<String> for Region {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(&raw)
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Region {
        Region::parse(code).unwrap()
    }

    fn parse(raw: &str, code: &str) -> Result<String, Invalid> {
        Phone::parse(raw, region(code)).map(|phone| phone.as_str().to_owned())
    }

    #[test]
    fn every_way_of_typing_an_irish_mobile_is_one_number() {
        for raw in [
            "0871234567",
            "087 123 4567",
            "(087) 123-4567",
            "087.123.4567",
            "087/1234567",
            "00353871234567",
            "00 353 87 123 4567",
            "+353 87 123 4567",
            "+353 (0)87 123 4567",
            "  +353871234567  ",
            "tel:+353-87-123-4567",
            "tel:0871234567",
            "０８７１２３４５６７",
            "＋３５３８７１２３４５６７",
            "٠٨٧١٢٣٤٥٦٧",
            "+٣٥٣٨٧١٢٣٤٥٦٧",
            "087\u{a0}123\u{2011}4567",
            "\u{202a}+353 87 123 4567\u{202c}",
            "\u{2066}TEL:+353871234567\u{2069}",
            "087\u{202f}123\u{2009}4567",
            "\u{feff}087\t123\n4567",
            "087·123·4567",
            "087~123～4567",
            "०८७१२३४५६७",
            "𝟎𝟖𝟕𝟏𝟐𝟑𝟒𝟓𝟔𝟕",
            "353871234567",
            "871234567",
        ] {
            assert_eq!(parse(raw, "IE").as_deref(), Ok("+353871234567"), "{raw}");
        }
    }

    #[test]
    fn italy_keeps_its_leading_zero() {
        for raw in ["06 698 12345", "+39 06 698 12345", "0039 06 698 12345"] {
            assert_eq!(parse(raw, "IT").as_deref(), Ok("+390669812345"), "{raw}");
        }
        assert_eq!(parse("+39 06 698 12345", "IE").as_deref(), Ok("+390669812345"));
    }

    #[test]
    fn double_zero_is_plus_where_the_region_dials_something_else() {
        for code in ["IE", "GB", "US", "DE", "JP"] {
            assert_eq!(parse("00353871234567", code).as_deref(), Ok("+353871234567"), "{code}");
            for typed in ["00 353 (0)87 123 4567", "(00353) 87 123 4567", "(00)353 87 1234567", "००३५३८७१२३४५६७"]
            {
                assert_eq!(parse(typed, code).as_deref(), Ok("+353871234567"), "{code} {typed}");
            }
        }
        assert_eq!(parse("011 353 87 123 4567", "US").as_deref(), Ok("+353871234567"));
        assert_eq!(parse("010 353 87 123 4567", "JP").as_deref(), Ok("+353871234567"));
    }

    #[test]
    fn extensions_are_refused() {
        for raw in ["087 123 4567 ext. 5", "0871234567x5", "+353 87 123 4567 #12", "tel:+353871234567;ext=5"] {
            assert_eq!(parse(raw, "IE"), Err(Invalid::PhoneExtension), "{raw}");
        }
    }

    #[test]
    fn what_is_not_one_whole_number_is_refused() {
        for raw in [
            "",
            "   ",
            "call me",
            "087 123",
            "0871234567 or 0861234567",
            "0871234567/0861234567",
            "Aoife 0871234567",
            "0871234567 (work)",
            "1-800-FLOWERS",
            "+",
            "+353871234567+",
            "tel:tel:0871234567",
            "+999 12345678",
            "112",
            "087123456789012345",
            "0871234567\u{0}",
        ] {
            assert!(matches!(parse(raw, "IE"), Err(Invalid::NotAPhone { .. })), "{raw:?}: {:?}", parse(raw, "IE"));
        }
        assert!(matches!(parse(&"0".repeat(65), "IE"), Err(Invalid::TooLong { .. })));
    }

    #[test]
    fn a_regions_own_reading_comes_first() {
        // A Japanese toll-free number, not one of Lithuania.
        assert_eq!(parse("00370 612 34567", "JP").as_deref(), Ok("+810037061234567"));
    }

    #[test]
    fn a_space_at_the_head_of_a_query_is_a_lost_plus_or_nothing() {
        let query = |raw| Phone::parse_query(raw, region("US")).map(|phone| phone.as_str().to_owned());
        assert_eq!(query(" 353871234567").as_deref(), Ok("+353871234567"));
        assert_eq!(query(" (212) 555-0123").as_deref(), Ok("+12125550123"));
        assert_eq!(query(" (201) 555-0123").as_deref(), Ok("+12015550123"));
        assert_eq!(query("  353 87 123 4567").as_deref(), Ok("+353871234567"));
        assert_eq!(query("+353871234567").as_deref(), Ok("+353871234567"));
    }

    #[test]
    fn every_regions_example_number_survives_every_region() {
        for home in ["IE", "GB", "US", "DE", "JP"] {
            for example in Region::all().filter_map(Region::example) {
                assert_eq!(Phone::parse(example.as_str(), region(home)), Ok(example.clone()), "{}", example.as_str());
            }
        }
    }

    #[test]
    fn is_not_shown_when_debugged() {
        assert_eq!(format!("{:?}", Phone::parse("0871234567", region("IE")).unwrap()), "Phone(…)");
    }

    #[test]
    fn a_region_is_a_known_country() {
        assert_eq!(Region::parse("ie").unwrap().to_string(), "IE");
        for raw in ["", "XX", "IRL", "001", "Ireland"] {
            assert_eq!(Region::parse(raw), Err(Invalid::NotARegion), "{raw}");
        }
    }
}
