//! Phone numbers. Any form that a person, a phone system or a contact card produces is converted to E.164, or refused.
//!
//! The rules of each country are those of Google's libphonenumber, from the port `rlibphonenumber`;
//! `docs/decisions/0001-phone-library.md` says why. The library only gets digits; separators, other characters and URIs
//! are handled here.

mod ending;
mod info;
mod renumbered;

use std::fmt;

use rlibphonenumber::{
    CountryCodeSource, NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat,
    PhoneNumberType, ValidationError,
};
use serde::{Deserialize, Serialize};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

pub use ending::PhoneEnding;
pub use info::{PhoneInfo, PhoneKind};

use super::Invalid;
use super::text::is_invisible;

/// A valid phone number in E.164: `+`, the country calling code and the national number. Its `Debug` output is
/// `Phone(…)`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

/// The country whose numbers may be typed without a prefix, by its ISO 3166 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(rlibphonenumber::Region);

/// The regions whose numbers are known. A test compares this list with the phone library. A function does not ask the
/// library, because that loads the numbering plans of all regions and would take most of the start time.
const REGIONS: &str = "\
    AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA \
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR \
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO \
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT \
    TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// What is dialled before a number within a region, by region: libphonenumber's metadata, which the library keeps to itself;
/// a test compares the two. Left out are the regions that dial none, and North America, whose country code is its prefix.
const TRUNK_PREFIXES: [(&str, &str); 4] = [
    (
        "0",
        "AE AF AL AM AR AT AU AX AZ BA BD BE BG BL BO BR CC CD CH CN CO CU CX DE DZ EC EG EH ER ET FI FR GB GE GF GG GH \
        GP HR ID IE IL IM IN IQ IR JE JO JP KE KG KH KI KP KR LA LB LI LK LR LT LY MA MC MD ME MF MG MK MM MN MQ MW MY \
        NA NG NL NP NZ PE PH PK PM PS PY RE RO RS RW SA SD SE SI SK SL SO SS SY TH TR TW TZ UA UG UY VE VN XK YE YT ZA \
        ZM ZW",
    ),
    ("8", "BY KZ RU TM"),
    ("06", "HU"),
    ("1", "MH"),
];

impl Region {
    /// # Errors
    /// [`Invalid::NotARegion`], unless phone numbers of that country are known.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let code = raw.to_ascii_uppercase();
        let is_known = REGIONS.split(' ').any(|known| known == code);
        let region = rlibphonenumber::Region::from_code(&code).ok().filter(|_| is_known);
        region.map(Self).ok_or(Invalid::NotARegion)
    }

    /// Every region whose numbers are known.
    pub fn all() -> impl Iterator<Item = Self> {
        PHONE_NUMBER_UTIL.get_supported_regions().map(Self)
    }

    /// What is dialled before a number within this region, unless it is the country code too.
    fn trunk_prefix(self) -> Option<&'static str> {
        let code = self.to_string();
        let (prefix, _) = TRUNK_PREFIXES.iter().find(|(_, regions)| regions.split(' ').any(|region| region == code))?;
        Some(prefix)
    }

    /// A valid example number of this region, in E.164.
    #[must_use]
    pub fn example(self) -> Option<Phone> {
        let number = PHONE_NUMBER_UTIL.get_example_number(self.0).ok()?;
        Some(Phone(number.format_as(PhoneNumberFormat::E164).into_owned()))
    }
}

/// Words that phone systems send instead of a withheld number.
const WITHHELD: [&str; 6] = ["anonymous", "private", "restricted", "unavailable", "unknown", "withheld"];

/// The maximum number of digits, including the country code (E.164, 6.2.1).
const MAX_DIGITS: usize = 15;

/// The maximum number of digits of an extension. More digits after a complete number are a second number.
const MAX_EXTENSION: usize = 6;

impl Phone {
    /// The maximum number of characters as typed. Even the longest number with all its separators is far shorter, but a
    /// SIP URI also has a host and parameters.
    pub const MAX_TYPED: usize = 256;

    /// Reads a number as a person of `region` would type it, or as a phone system or a contact card writes it.
    ///
    /// # Errors
    /// [`Invalid::TooLong`], or the variant of [`Invalid`] for what is wrong with the number.
    pub fn parse(raw: &str, region: Region) -> Result<Self, Invalid> {
        let actual = raw.chars().count();
        if actual > Self::MAX_TYPED {
            return Err(Invalid::TooLong { max: Self::MAX_TYPED, actual });
        }
        let plain = plain(raw);
        let Some((scheme, uri)) = split_scheme(&plain) else { return read_typed(&plain, region) };
        match scheme {
            Scheme::Tel => read_uri(uri, region),
            Scheme::Sip => read_uri(&user_of(uri)?, region),
            Scheme::WhatsApp => read_typed(uri, region),
        }
    }

    /// Loads the numbering plans of all countries and compiles the patterns of `region`, which the first number that is
    /// read would otherwise wait for.
    pub fn load(region: Region) {
        let mobile = PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region.0, PhoneNumberType::Mobile);
        if let Ok(number) = mobile {
            // A number may be typed as its country writes it. What it is read as does not matter.
            let _ = Self::parse(&number.format_as(PhoneNumberFormat::National), region);
        }
    }

    /// Reads a number from a query string, where a `+` that was not encoded arrives as a space. A space directly before
    /// the first digit is read as a plus, if that gives a number. A space further ahead, as in ` (353) 87…`, is a plus
    /// only if the number is not valid without it: ` (212) 555-0123` is a number of New York, not of Morocco.
    ///
    /// # Errors
    /// As [`Phone::parse`].
    pub fn parse_query(raw: &str, region: Region) -> Result<Self, Invalid> {
        let raw = restore_context_plus(raw);
        let first_digit = raw.find(|c| ascii_digit(c).is_some()).unwrap_or(raw.len());
        let Some(space) = raw[..first_digit].rfind(' ') else { return Self::parse(&raw, region) };
        let with_plus = Self::parse(&format!("{}+{}", &raw[..space], &raw[space + 1..]), region);
        let as_sent = Self::parse(&raw, region);
        if space + 1 == first_digit {
            with_plus.or(as_sent)
        } else {
            as_sent.or_else(|invalid| with_plus.map_err(|_| invalid))
        }
    }

    /// Reads the digits of a query that were sent without a plus as a number with its country code. `None` if they were
    /// sent with a plus, or are no valid number that way.
    #[must_use]
    pub fn parse_query_with_plus(raw: &str, region: Region) -> Option<Self> {
        let raw = restore_context_plus(raw);
        let has_plus = raw.chars().any(|c| ascii(c) == '+');
        let first_digit = raw.find(|c| ascii_digit(c).is_some()).filter(|_| !has_plus)?;
        let (lead, digits) = raw.split_at(first_digit);
        Self::parse(&format!("{lead}+{digits}"), region).ok()
    }

    /// The current form of a number that was valid when it was stored, if its country has renumbered since.
    ///
    /// # Panics
    /// Never: Ireland's numbers are known.
    #[must_use]
    pub fn renumbered(&self) -> Option<Self> {
        // A number with a plus is read in the same way in every region.
        let region = Region::parse("IE").expect("Ireland's numbers are known");
        let today = Self::parse(&self.0, region).ok()?;
        (today != *self).then_some(today)
    }

    /// The number in E.164.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The URIs that numbers come in.
#[derive(Clone, Copy)]
enum Scheme {
    /// RFC 3966.
    Tel,
    /// RFC 3261, with a number as the user.
    Sip,
    /// The sender of a message, as messaging providers write it.
    WhatsApp,
}

/// The schemes, which are read in any case.
const SCHEMES: [(&str, Scheme); 4] =
    [("tel", Scheme::Tel), ("sip", Scheme::Sip), ("sips", Scheme::Sip), ("whatsapp", Scheme::WhatsApp)];

fn split_scheme(plain: &str) -> Option<(Scheme, &str)> {
    let (name, uri) = plain.split_once(':')?;
    let (_, scheme) = SCHEMES.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some((scheme, uri))
}

/// The user of what follows `sip:`, without its password. It reads like what follows `tel:` (RFC 3261, 19.1.6). A URI
/// without a user names a host, whose digits may be those of an IP address.
fn user_of(uri: &str) -> Result<String, Invalid> {
    let (user, _) = uri.split_once('@').ok_or(Invalid::NotAPhone)?;
    let (user, _) = user.split_once(':').unwrap_or((user, ""));
    Ok(user.replace("%2B", "+").replace("%2b", "+"))
}

const PHONE_CONTEXT: &str = "phone-context";

/// Restores the plus of a `phone-context` that a query string turned into a space.
fn restore_context_plus(raw: &str) -> String {
    let context = format!("{PHONE_CONTEXT}= ");
    match raw.to_ascii_lowercase().find(&context) {
        Some(start) => {
            let space = start + context.len() - 1;
            format!("{}+{}", &raw[..space], &raw[space + 1..])
        }
        None => raw.to_owned(),
    }
}

/// Reads a number and its parameters, as they follow `tel:` (RFC 3966). The context completes a local number, unless it is
/// a domain name, which has no digits to add. Parameters that do not change the number, such as `isub`, are ignored.
fn read_uri(uri: &str, region: Region) -> Result<Phone, Invalid> {
    let mut parts = uri.split(';');
    let number = parts.next().expect("a split has a first part");
    let mut context = None;
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = name.trim();
        if name.eq_ignore_ascii_case("ext") {
            return Err(Invalid::PhoneExtension);
        }
        if name.eq_ignore_ascii_case(PHONE_CONTEXT) && context.replace(value.trim()).is_some() {
            return Err(Invalid::NotAPhone);
        }
    }
    match context {
        Some(prefix) if is_global_prefix(prefix) && !number.contains('+') => {
            read_typed(&format!("{prefix}{number}"), region)
        }
        Some(context) if !is_global_prefix(context) && !is_domain_name(context) => Err(Invalid::NotAPhone),
        _ => read_typed(number, region),
    }
}

fn is_global_prefix(context: &str) -> bool {
    context.strip_prefix('+').is_some_and(|prefix| {
        prefix.contains(|c: char| c.is_ascii_digit()) && prefix.chars().all(|c| c.is_ascii_digit() || is_separator(c))
    })
}

fn is_domain_name(context: &str) -> bool {
    context.contains(|c: char| c.is_ascii_alphabetic())
        && context.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
}

/// Reads a number without a scheme, made of ASCII digits and separators.
fn read_typed(typed: &str, region: Region) -> Result<Phone, Invalid> {
    if WITHHELD.iter().any(|word| word.eq_ignore_ascii_case(typed.trim())) {
        return Err(Invalid::PhoneWithheld);
    }
    let Some(first_digit) = typed.find(|c: char| c.is_ascii_digit()) else {
        return Err(match typed {
            "" => Invalid::Empty,
            text if text.contains(char::is_alphabetic) => Invalid::PhoneLetters,
            _ => Invalid::NotAPhone,
        });
    };
    let (lead, number) = typed.split_at(first_digit);
    let is_clean = lead.chars().all(|c| c == '+' || is_separator(c))
        && number.chars().all(|c| c.is_ascii_digit() || is_separator(c));
    if !is_clean {
        return Err(wrong_characters(typed, region));
    }
    let is_global = lead.contains('+');
    // Without this check, `030 1234/030 5678` would be read as one long number.
    for (end, _) in number.match_indices(starts_anew) {
        let following = count_digits(&number[end..]);
        if following > 0 && read(is_global, &digits(&number[..end]), region).is_ok() {
            let is_extension = following <= MAX_EXTENSION;
            return Err(if is_extension { Invalid::PhoneExtension } else { Invalid::PhoneTwoNumbers });
        }
    }
    if has_second_number(is_global, number, region) {
        return Err(Invalid::PhoneTwoNumbers);
    }
    read(is_global, &digits(number), region)
}

/// Whether a space, dash or dot separates a complete number from another one that begins with a zero, as a number within
/// a country does: `030 1234 030 5678`.
fn has_second_number(is_global: bool, number: &str, region: Region) -> bool {
    number.match_indices([' ', '-', '.']).any(|(end, _)| {
        let following = digits(&number[end..]);
        following.starts_with('0')
            && following.len() > MAX_EXTENSION
            && read(is_global, &digits(&number[..end]), region).is_ok()
            && read(false, &following, region).is_ok()
    })
}

/// The error for a text that contains a digit and a character that is not allowed in a number.
fn wrong_characters(typed: &str, region: Region) -> Invalid {
    let parts = typed.split(|c: char| !c.is_ascii_digit() && !is_separator(c));
    if parts.filter(|part| count_digits(part) > MAX_EXTENSION).count() > 1 {
        return Invalid::PhoneTwoNumbers;
    }
    // The library knows the words and signs of an extension in many languages.
    if PHONE_NUMBER_UTIL.parse(typed, Some(region.0)).is_ok_and(|number| number.extension.is_some()) {
        return Invalid::PhoneExtension;
    }
    if typed.contains(char::is_alphabetic) { Invalid::PhoneLetters } else { Invalid::NotAPhone }
}

/// Reads digits. Digits without a plus may have the region's own country code, see [`with_own_code`]. Otherwise they are
/// read by the region's own rules. If that gives no valid number, a leading `00` is read as a plus, even in regions with
/// another international prefix.
///
/// How digits are read never depends on what is stored. Otherwise a new caller could match a customer in another country.
fn read(is_global: bool, digits: &str, region: Region) -> Result<Phone, Invalid> {
    // No country code begins with 0, so `+00353` can only be `+353`.
    let after_zeros = digits.strip_prefix("00");
    if is_global {
        return look_up(&format!("+{}", after_zeros.unwrap_or(digits)), region);
    }
    if let Some(phone) = with_own_code(digits, region) {
        return Ok(phone);
    }
    look_up(digits, region).or_else(|invalid| {
        // The library accepts the region's own country code without a plus, but not before a number in an old form.
        let own_code = PHONE_NUMBER_UTIL.get_country_code_for_region(region.0).map(|code| code.to_string());
        let has_own_code = own_code.is_some_and(|code| digits.starts_with(&code));
        match after_zeros {
            Some(digits) => look_up(&format!("+{digits}"), region),
            None if has_own_code => look_up(&format!("+{digits}"), region).map_err(|_| invalid),
            None => Err(invalid),
        }
    })
}

/// Reads digits that start with the region's own country code, as telephone systems send them: `491713369876` in Germany.
/// They are read with a plus only if the region dials a trunk prefix before national numbers, and they lack it. They can
/// also be a valid national number without the prefix, but a caller does not dial that.
///
/// The number must be valid in its present form, because a national number that is valid today comes before an old form.
fn with_own_code(digits: &str, region: Region) -> Option<Phone> {
    let trunk_prefix = region.trunk_prefix()?;
    let code = PHONE_NUMBER_UTIL.get_country_code_for_region(region.0)?.to_string();
    if digits.starts_with(trunk_prefix) || !digits.starts_with(&code) {
        return None;
    }
    let number = PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None).ok().filter(PhoneNumber::is_valid)?;
    let phone = number.format_as(PhoneNumberFormat::E164).into_owned();
    (phone.len() <= 1 + MAX_DIGITS).then_some(Phone(phone))
}

/// Validates digits, with or without a plus, by the numbering plan of their country.
fn look_up(number: &str, region: Region) -> Result<Phone, Invalid> {
    let parsed = match PHONE_NUMBER_UTIL.parse_and_keep_raw_input(number, Some(region.0)) {
        Ok(parsed) => parsed,
        Err(ParseError::TooLongNsn) => return Err(too_long(number.starts_with('+'), region)),
        Err(ParseError::InvalidCountryCode) => return Err(Invalid::NotAPhone),
        // `NotANumber` means fewer than three digits, because the text contains only digits.
        Err(ParseError::TooShortNsn | ParseError::TooShortAfterIdd | ParseError::NotANumber(_)) => {
            return Err(Invalid::PhoneTooShort);
        }
    };
    let valid = if parsed.is_valid() { Some(parsed.clone()) } else { in_todays_form(&parsed) };
    let has_country_code = parsed.country_code_source() != CountryCodeSource::FromDefaultCountry;
    let Some(valid) = valid else {
        return Err(match parsed.is_possible_with_reason() {
            Err(ValidationError::TooShort) | Ok(NumberLengthType::IsPossibleLocalOnly) => Invalid::PhoneTooShort,
            Err(ValidationError::TooLong) => too_long(has_country_code, region),
            _ if has_country_code => Invalid::NotAPhone,
            _ => Invalid::NotAPhoneInRegion { region: region.to_string() },
        });
    };
    let phone = valid.format_as(PhoneNumberFormat::E164).into_owned();
    // The German numbering plan has landlines that are longer than E.164 allows.
    if phone.len() > 1 + MAX_DIGITS { Err(too_long(has_country_code, region)) } else { Ok(Phone(phone)) }
}

/// Converts an invalid number to its current form, if its country has renumbered and the result is valid.
fn in_todays_form(number: &PhoneNumber) -> Option<PhoneNumber> {
    let national = renumbered::national_number(number.country_code, &number.get_national_significant_number())?;
    let today = PHONE_NUMBER_UTIL.parse(format!("+{}{national}", number.country_code), None).ok()?;
    today.is_valid().then_some(today)
}

fn too_long(has_country_code: bool, region: Region) -> Invalid {
    if has_country_code { Invalid::PhoneTooLong } else { Invalid::PhoneTooLongInRegion { region: region.to_string() } }
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

fn count_digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | ')' | ']') || starts_anew(c)
}

/// Separators that can also start a second number or an extension. Spaces and dashes can do so too, but the text before
/// them is too often a complete number itself, as in `030 1234-0`.
fn starts_anew(c: char) -> bool {
    matches!(c, '/' | '\n' | '(' | '[')
}

/// Converts digits, plus signs and separators of any script or font to ASCII. Other characters stay and are refused
/// later.
fn plain(raw: &str) -> String {
    let visible = raw.chars().filter(|c| !is_invisible(*c));
    let plain: String = visible.map(|c| ascii_digit(c).unwrap_or_else(|| ascii(c))).collect();
    plain.trim().to_owned()
}

/// Converts a digit of any script to ASCII. The ten digits of a script have consecutive code points.
fn ascii_digit(c: char) -> Option<char> {
    let is_digit = |c: char| c.general_category() == GeneralCategory::DecimalNumber;
    if c.is_ascii() || !is_digit(c) {
        return c.is_ascii_digit().then_some(c);
    }
    let zero = (0..=u32::from(c)).rev().map_while(|code| char::from_u32(code).filter(|c| is_digit(*c))).last()?;
    char::from_digit((u32::from(c) - u32::from(zero)) % 10, 10)
}

/// Converts a plus sign or separator to ASCII.
fn ascii(c: char) -> char {
    match c {
        '＋' | '﬩' | '⁺' => '+',
        '（' | '﹙' => '(',
        '）' | '﹚' => ')',
        '［' => '[',
        '］' => ']',
        '．' | '·' | '•' => '.',
        '／' | '⁄' => '/',
        // The library would read a tilde as the sign of an extension.
        'ー' | '−' | '~' | '～' | '〜' | '∼' => '-',
        '\n' | '\u{b}'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
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
    fn the_known_regions_are_those_of_the_phone_library() {
        let mut known: Vec<_> = Region::all().map(String::from).collect();
        known.sort_unstable();
        assert_eq!(REGIONS.split(' ').collect::<Vec<_>>(), known);
        assert!(known.iter().all(|code| Region::parse(code).is_ok()));
    }

    #[test]
    fn all_spellings_of_an_irish_mobile_are_one_number() {
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
            "(+353) 87 123 4567",
            "(+353)87-123-4567",
            "[+353] 87 123 4567",
            " - +353 87 123 4567",
            "+(353) 87 123 4567",
            "+ 353 87 123 4567",
            "（＋３５３）８７１２３４５６７",
            "+00353 87 123 4567",
            "\u{202a}\u{2066}087\u{fe0d}123\u{200b}4567\u{2069}\u{202c}",
            "087\u{e0100}123\u{2800}4567\u{34f}",
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
    fn double_zero_is_a_plus_in_regions_with_another_prefix() {
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

    /// The code of the error. The variant may also contain the region.
    fn refusal(raw: &str, code: &str) -> &'static str {
        parse(raw, code).expect_err(raw).code()
    }

    #[test]
    fn each_kind_of_invalid_number_has_its_code() {
        for (raw, code) in [
            ("", "empty"),
            ("   ", "empty"),
            ("call me", "phone_letters"),
            ("Blocked", "phone_letters"),
            ("+", "invalid_phone"),
            ("tel:", "empty"),
            ("*", "invalid_phone"),
            ("+353871234567+", "invalid_phone"),
            ("+999 12345678", "invalid_phone"),
            ("(084) 123 4567", "invalid_phone"),
            ("+353 84 123 4567", "invalid_phone"),
            ("0871234567\u{0}", "invalid_phone"),
            ("0871234567\u{ffff}", "invalid_phone"),
            ("#31#0871234567", "invalid_phone"),
            ("0871234567;isub=5", "phone_letters"),
            ("1", "phone_too_short"),
            ("00", "phone_too_short"),
            ("112", "phone_too_short"),
            ("087 123", "phone_too_short"),
            ("+1", "phone_too_short"),
            ("+353 87 123", "phone_too_short"),
            ("00353 87 123", "phone_too_short"),
            ("087123456789012345", "phone_too_long"),
            ("0871234567890", "phone_too_long"),
            ("+353 87 123 4567 8901", "phone_too_long"),
            ("+353871234567890123456789", "phone_too_long"),
            ("0871234567 or 0861234567", "phone_two_numbers"),
            ("0871234567/0861234567", "phone_two_numbers"),
            ("0871234567 / +353 86 123 4567", "phone_two_numbers"),
            ("0871234567, 0861234567", "phone_two_numbers"),
            ("0871234567; 0861234567", "phone_two_numbers"),
            ("0871234567\n0861234567", "phone_two_numbers"),
            ("0871234567 (0861234567)", "phone_two_numbers"),
            ("0871234567+353861234567", "phone_two_numbers"),
            ("087 123 4567 ext. 5", "phone_extension"),
            ("0871234567/12", "phone_extension"),
            ("0871234567 (12)", "phone_extension"),
            ("Aoife 0871234567", "phone_letters"),
            ("0871234567 (work)", "phone_letters"),
            ("1-800-FLOWERS", "phone_letters"),
            ("tel:tel:0871234567", "phone_letters"),
            ("О871234567", "phone_letters"),
            ("Anonymous", "phone_withheld"),
            (" PRIVATE ", "phone_withheld"),
            ("restricted", "phone_withheld"),
            ("unavailable", "phone_withheld"),
            ("Unknown", "phone_withheld"),
            ("with\u{200b}held", "phone_withheld"),
        ] {
            assert_eq!(refusal(raw, "IE"), code, "{raw:?}");
        }
        assert_eq!(refusal(&"0".repeat(257), "IE"), "too_long");
        // E.164 allows 15 digits with the country code, although the country's own plan has longer numbers.
        assert_eq!(refusal("+49 30 123456789012", "IE"), "phone_too_long");
        // A number without its area code.
        assert_eq!(refusal("555-0123", "US"), "phone_too_short");
    }

    #[test]
    fn the_message_suggests_a_country_code_only_if_it_is_missing() {
        let advises_one = |raw, region| parse(raw, region).expect_err(raw).to_string().contains("country code");
        for raw in ["084 123 4567", "447911123456", "0871234567890"] {
            assert!(advises_one(raw, "IE"), "{raw}");
        }
        for raw in [
            "+353 84 123 4567",
            "(+353) 84 123 4567",
            "00353 84 123 4567",
            "353 84 123 4567",
            "+999 12345678",
            "+353 87 123 4567 8901",
            "087 123",
            "call me",
        ] {
            assert!(!advises_one(raw, "IE"), "{raw}");
        }
        assert!(!advises_one("011 353 84 123 4567", "US"));
    }

    #[test]
    fn a_slash_can_separate_an_area_code() {
        for (raw, region, e164) in [
            ("030/1234567", "DE", "+49301234567"),
            ("030 / 1234567", "DE", "+49301234567"),
            ("+49 30/1234567", "DE", "+49301234567"),
            ("+49/30/1234567", "IE", "+49301234567"),
            ("0049/30/1234567", "DE", "+49301234567"),
            ("(030)/1234567", "DE", "+49301234567"),
            ("030 1234-0", "DE", "+493012340"),
            ("01/234 5678", "AT", "+4312345678"),
            ("0471/123456", "IT", "+390471123456"),
            ("02/511.23.45", "BE", "+3225112345"),
            ("044/668 18 00", "CH", "+41446681800"),
            ("087/123/4567", "IE", "+353871234567"),
            ("0871234567/", "IE", "+353871234567"),
        ] {
            assert_eq!(parse(raw, region).as_deref(), Ok(e164), "{raw} in {region}");
        }
        for (raw, code) in [
            ("030 1234/030 5678", "phone_two_numbers"),
            ("030 1234 030 5678", "phone_two_numbers"),
            ("030 1234-030 5678", "phone_two_numbers"),
            ("+49 30 1234.030 5678", "phone_two_numbers"),
            ("030 1234 / 030 5678", "phone_two_numbers"),
            ("+49 30 1234/+49 30 5678", "phone_two_numbers"),
            ("+49 30 1234/030 5678", "phone_two_numbers"),
            ("030 1234\n030 5678", "phone_two_numbers"),
            ("030 1234 (030 5678)", "phone_two_numbers"),
            ("030 1234/56", "phone_extension"),
        ] {
            assert_eq!(refusal(raw, "DE"), code, "{raw:?}");
        }
    }

    #[test]
    fn a_tel_uri_is_read_with_its_context() {
        for (raw, e164) in [
            ("tel:0791234567;phone-context=+41", "+41791234567"),
            ("TEL:079-123-4567;Phone-Context=+41", "+41791234567"),
            ("tel:7912345678;phone-context=+44", "+447912345678"),
            ("tel:5550123;phone-context=+1-212", "+12125550123"),
            ("tel:1-212-555-0123;phone-context=+1", "+12125550123"),
            ("tel:0871234567;phone-context=example.ie", "+353871234567"),
            ("tel:+41791234567;phone-context=example.ie", "+41791234567"),
            ("tel:+41791234567;phone-context=+353", "+41791234567"),
            ("tel:0871234567;isub=12;phone-context=example.ie;tgrp=a", "+353871234567"),
            ("tel:+353871234567;isub=1234;npdi", "+353871234567"),
            ("tel:0669812345;phone-context=+39", "+390669812345"),
        ] {
            assert_eq!(parse(raw, "IE").as_deref(), Ok(e164), "{raw}");
        }
        for (raw, code) in [
            ("tel:0871234567;ext=5", "phone_extension"),
            ("tel:0791234567;phone-context=+41;EXT=5", "phone_extension"),
            ("tel:0871234567;phone-context=", "invalid_phone"),
            ("tel:0871234567;phone-context=+", "invalid_phone"),
            ("tel:0871234567;phone-context=353", "invalid_phone"),
            ("tel:0871234567;phone-context=+41;phone-context=+353", "invalid_phone"),
            ("tel:0791234567;phone-context=+999", "invalid_phone"),
            ("tel:anonymous", "phone_withheld"),
        ] {
            assert_eq!(refusal(raw, "IE"), code, "{raw}");
        }
    }

    #[test]
    fn a_sip_uri_is_read_by_its_user() {
        for (raw, e164) in [
            ("sip:+353871234567@host;user=phone", "+353871234567"),
            ("SIPS:+353871234567@host:5061", "+353871234567"),
            ("sip:0871234567@pbx", "+353871234567"),
            ("sip:087-123-4567@pbx.example.ie", "+353871234567"),
            ("sip:00353871234567@10.0.0.1", "+353871234567"),
            ("sip:353871234567@10.0.0.1:5060;transport=udp", "+353871234567"),
            ("sip:+353871234567:secret@host", "+353871234567"),
            ("sip:%2B353871234567@host", "+353871234567"),
            ("sip:+353871234567;isub=12@host", "+353871234567"),
            ("sip:0791234567;phone-context=+41@host;user=phone", "+41791234567"),
            ("sip:+353871234567@host?subject=0861234567", "+353871234567"),
            ("whatsapp:+353871234567", "+353871234567"),
            ("WhatsApp:+353 87 123 4567", "+353871234567"),
        ] {
            assert_eq!(parse(raw, "IE").as_deref(), Ok(e164), "{raw}");
        }
        let host = format!("sip:+353871234567@{}.example;user=phone;transport=tls", "sbc".repeat(40));
        assert_eq!(parse(&host, "IE").as_deref(), Ok("+353871234567"));
        for (raw, code) in [
            ("sip:anonymous@anonymous.invalid", "phone_withheld"),
            ("sips:Unavailable@10.0.0.1", "phone_withheld"),
            ("tel:Restricted", "phone_withheld"),
            ("whatsapp:private", "phone_withheld"),
            ("sip:aoife@example.ie", "phone_letters"),
            ("sip:0871234567x@example.ie", "phone_letters"),
            ("sip:@example.ie", "empty"),
            ("sip:", "invalid_phone"),
            // Without a user these are hosts.
            ("sip:353871234567", "invalid_phone"),
            ("sip:10.0.0.1", "invalid_phone"),
            ("sip:201@pbx", "phone_too_short"),
            ("sip:+353871234567;ext=5@host", "phone_extension"),
            ("whatsapp:", "empty"),
            ("mailto:0871234567@pbx", "phone_letters"),
            ("sip:sip:0871234567@pbx", "phone_letters"),
            ("sip:tel:0871234567@pbx", "phone_letters"),
        ] {
            assert_eq!(refusal(raw, "IE"), code, "{raw}");
        }
    }

    #[test]
    fn digits_with_the_regions_own_country_code_have_lost_their_plus() {
        for (raw, region, e164) in [
            ("491713369876", "DE", "+491713369876"),
            ("49 171 3369876", "DE", "+491713369876"),
            ("4930123456", "DE", "+4930123456"),
            ("sip:491713369876@pbx", "DE", "+491713369876"),
            ("(49) 171/3369876", "DE", "+491713369876"),
            ("353871234567", "IE", "+353871234567"),
            ("79161234567", "RU", "+79161234567"),
            ("3612345678", "HU", "+3612345678"),
            // It starts with the trunk prefix.
            ("0491713369876", "DE", "+49491713369876"),
            // Another country's code.
            ("353871234567", "DE", "+49353871234567"),
            // Italy has no trunk prefix: this is a mobile of Italy by its own plan.
            ("393123456789", "IT", "+393123456789"),
            ("3931234567", "IT", "+393931234567"),
        ] {
            assert_eq!(parse(raw, region).as_deref(), Ok(e164), "{raw} in {region}");
        }
    }

    #[test]
    fn a_query_without_a_plus_may_be_read_with_one() {
        let with_plus =
            |raw, code| Phone::parse_query_with_plus(raw, region(code)).map(|phone| phone.as_str().to_owned());
        for (raw, e164) in [
            ("4752345678", "+4752345678"),
            ("475-234-5678", "+4752345678"),
            ("(475) 234-5678", "+4752345678"),
            ("sip:4752345678@pbx", "+4752345678"),
            ("tel:4752345678;phone-context=example.com", "+4752345678"),
            ("004752345678", "+4752345678"),
        ] {
            assert_eq!(with_plus(raw, "US").as_deref(), Some(e164), "{raw}");
        }
        for raw in [
            "+4752345678",
            "(+47) 5234 5678",
            "tel:5550123;phone-context=+1212",
            "tel:7912345678;phone-context= 44",
            "2125550123",
            "0871234567",
            "anonymous",
            "",
        ] {
            assert_eq!(with_plus(raw, "US"), None, "{raw}");
        }
    }

    #[test]
    fn the_regions_own_rules_come_first() {
        // A Japanese toll-free number, not one of Lithuania.
        assert_eq!(parse("00370 612 34567", "JP").as_deref(), Ok("+810037061234567"));
    }

    #[test]
    fn a_leading_space_in_a_query_is_read_as_a_plus_if_that_is_valid() {
        let query = |raw| Phone::parse_query(raw, region("US")).map(|phone| phone.as_str().to_owned());
        assert_eq!(query(" 353871234567").as_deref(), Ok("+353871234567"));
        assert_eq!(query(" (212) 555-0123").as_deref(), Ok("+12125550123"));
        assert_eq!(query(" (201) 555-0123").as_deref(), Ok("+12015550123"));
        assert_eq!(query("  353 87 123 4567").as_deref(), Ok("+353871234567"));
        assert_eq!(query("+353871234567").as_deref(), Ok("+353871234567"));
        assert_eq!(query("( 353) 87 123 4567").as_deref(), Ok("+353871234567"));
        assert_eq!(query("( 66)89-900-9000").as_deref(), Ok("+66899009000"));
        assert_eq!(query("(+66)89-900-9000").as_deref(), Ok("+66899009000"));
        assert_eq!(query(" (353) 87 123 4567").as_deref(), Ok("+353871234567"));
        assert_eq!(query("tel: 353871234567").as_deref(), Ok("+353871234567"));
        assert_eq!(query("tel:0791234567;phone-context= 41").as_deref(), Ok("+41791234567"));
    }

    #[test]
    fn every_example_number_is_valid_in_every_region() {
        for home in ["IE", "GB", "US", "DE", "JP"] {
            for example in Region::all().filter_map(Region::example) {
                assert_eq!(Phone::parse(example.as_str(), region(home)), Ok(example.clone()), "{}", example.as_str());
            }
        }
    }

    #[test]
    fn debug_output_does_not_contain_the_number() {
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
