//! Spellings of phone numbers, and a comparison with a second, independent library.
//!
//! The numbers are the examples that `phonenumber` has for every region. They are plain digits, so that the expected
//! result depends on no parser.

use std::sync::LazyLock;

use phonenumber::Mode;
use phonenumber::metadata::{DATABASE, Descriptor, Metadata};
use proptest::prelude::*;
use proptest::sample::select;
use shared::domain::{Invalid, Phone, Region};

const TENANT_REGIONS: [&str; 5] = ["IE", "GB", "US", "DE", "JP"];

/// The region that `phonenumber` uses for codes without a country, such as `+800`.
const NO_REGION: &str = "001";

fn parse(raw: &str, region: &str) -> Result<String, Invalid> {
    let region = Region::parse(region).expect("a region whose numbers are known");
    Phone::parse(raw, region).map(|phone| phone.as_str().to_owned())
}

/// A valid example number.
struct Example<'m> {
    metadata: &'m Metadata,
    /// The digits after the country code.
    significant: &'m str,
}

impl Example<'_> {
    fn region(&self) -> &str {
        self.metadata.id()
    }

    fn e164(&self) -> String {
        format!("+{}{}", self.metadata.country_code(), self.significant)
    }

    fn spaced(&self) -> String {
        let (first, rest) = self.significant.split_at(2);
        format!("+{} {first} {rest}", self.metadata.country_code())
    }

    /// The digits that are dialled within the country.
    fn national(&self) -> String {
        let number = phonenumber::parse(None, self.e164()).expect("an example number is a number");
        number.format().mode(Mode::National).to_string().chars().filter(char::is_ascii_digit).collect()
    }
}

/// Examples of the given kinds, sorted by region, because `phonenumber` caches only few compiled patterns.
fn examples(kinds: impl Fn(&Metadata) -> Vec<Option<&Descriptor>>) -> Vec<Example<'static>> {
    let mut regions: Vec<&'static Metadata> = DATABASE.iter().collect();
    regions.sort_by_key(|metadata| (metadata.country_code(), metadata.id()));
    let of = |metadata| {
        let kinds = kinds(metadata).into_iter().flatten();
        kinds.filter_map(Descriptor::example).map(move |significant| Example { metadata, significant }).collect()
    };
    regions.into_iter().flat_map::<Vec<_>, _>(of).collect()
}

/// Numbers of passengers: each region's fixed and mobile example, with the digits that are dialled within the country.
static PASSENGERS: LazyLock<Vec<(Example<'static>, String)>> = LazyLock::new(|| {
    let examples = examples(|metadata| vec![metadata.descriptors().fixed_line(), metadata.descriptors().mobile()]);
    let of_countries = examples.into_iter().filter(|example| example.region() != NO_REGION);
    of_countries
        .map(|example| {
            let national = example.national();
            (example, national)
        })
        .collect()
});

/// One person's way of typing a number.
#[derive(Clone, Debug)]
struct Habit {
    zero: char,
    /// The separator before each digit except the first.
    gaps: Vec<&'static str>,
    brackets: Option<((char, char), usize, usize)>,
    around: &'static str,
}

impl Habit {
    fn digit(&self, digit: char) -> char {
        let value = u32::from(digit) - u32::from('0');
        char::from_u32(u32::from(self.zero) + value).expect("ten digits follow each other in every script")
    }

    fn write(&self, lead: &str, digits: &str) -> String {
        let mut typed = String::from(self.around);
        typed.extend(lead.chars().map(|c| if c.is_ascii_digit() { self.digit(c) } else { c }));
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 {
                typed.push_str(self.gaps[index % self.gaps.len()]);
            }
            if let Some(((open, _), from, _)) = self.brackets
                && from == index
            {
                typed.push(open);
            }
            typed.push(self.digit(digit));
            if let Some(((_, close), from, length)) = self.brackets
                && from + length == index
            {
                typed.push(close);
            }
        }
        typed + self.around
    }
}

fn habit() -> impl Strategy<Value = Habit> {
    let zero = select(vec!['0', '\u{ff10}', '\u{660}', '\u{6f0}']);
    // Slashes and brackets can also start a second number, so they have separate tests.
    let gap = select(vec![" ", "  ", "-", ".", ". ", "\u{a0}", "\u{2011}", "–", "－", "\u{3000}"]);
    let gaps = prop::collection::vec(prop_oneof![3 => Just(""), 2 => gap], 1..18);
    let bracket = select(vec![('(', ')'), ('[', ']'), ('（', '）')]);
    let brackets = prop::option::of((bracket, 0..4_usize, 0..4_usize));
    let around = select(vec!["", " ", "\u{a0}", "\n"]);
    (zero, gaps, brackets, around).prop_map(|(zero, gaps, brackets, around)| Habit { zero, gaps, brackets, around })
}

/// The rules of Japan come first, and its toll-free numbers start with these digits.
fn is_a_japanese_free_number(digits: &str) -> bool {
    ["37", "66", "78"].iter().any(|code| digits.starts_with(code))
}

/// Each example followed by some others, as if someone typed two numbers into one field.
#[test]
fn two_numbers_never_become_a_third() {
    let others = ["+353861234567", "+4915123456789", "+12015550123", "+4930123456", "+39312345678"];
    let passengers = PASSENGERS.iter().enumerate();
    let mut refused = 0;
    for (n, (example, national)) in passengers {
        let e164 = example.e164();
        let (neighbour, neighbour_national) = &PASSENGERS[(n + 1) % PASSENGERS.len()];
        let seconds = [others[n % others.len()], national, neighbour_national, &neighbour.e164()];
        for first in [e164.as_str(), national, &example.spaced(), &format!("00{}", &e164[1..])] {
            // In Japan, `00` and a country code can be the start of a domestic number.
            if parse(first, example.region()).is_err() {
                continue;
            }
            for second in seconds {
                for between in ["/", " / ", "／", "\n", "\r\n", ", ", "; ", " (", " or ", " & ", "|"] {
                    let typed = format!("{first}{between}{second}");
                    let code = parse(&typed, example.region()).map_err(|invalid| invalid.code());
                    let expected = ["phone_two_numbers", "phone_extension", "phone_letters", "invalid_phone"];
                    assert!(code.as_ref().is_err_and(|code| expected.contains(code)), "{typed:?}: {code:?}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 50_000, "{refused}");
}

/// A slash or a bracket is only refused after a complete number.
#[test]
fn a_slash_or_bracket_is_allowed_after_an_incomplete_number() {
    for (example, national) in PASSENGERS.iter() {
        let (region, e164) = (example.region(), example.e164());
        for (typed, start) in [(national, 0), (&e164, 1)] {
            for end in start + 1..typed.len() {
                let (before, after) = typed.split_at(end);
                if parse(before, region).is_ok() {
                    continue;
                }
                for written in
                    [format!("{before}/{after}"), format!("{before} ({after})"), format!("{before}\n{after}")]
                {
                    assert_eq!(parse(&written, region).as_ref(), Ok(&e164), "{written:?} in {region}");
                }
            }
        }
    }
}

proptest! {
    // A number that is valid today is never rewritten, even in a country that has renumbered.
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn no_valid_number_is_rewritten(
        code in select(vec!["52", "55", "57", "84", "225", "229", "1", "33", "44", "49", "39", "353", "81", "86", "91"]),
        national in "[0-9]{6,12}",
    ) {
        let typed = format!("+{code}{national}");
        let valid = rlibphonenumber::PHONE_NUMBER_UTIL.parse(&typed, None).ok().filter(rlibphonenumber::PhoneNumber::is_valid);
        if let Some(valid) = valid.map(|number| number.to_string()).filter(|e164| e164.len() <= 16) {
            prop_assert_eq!(parse(&typed, "IE"), Ok(valid), "{}", typed);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_digits_are_read_by_the_rule_or_as_before(
        region in select(vec!["DE", "AT", "GB", "IE", "FR", "IT", "ES", "US", "MH", "RU", "KZ", "HU", "IN", "JP", "NZ", "SE", "NO"]),
        lead in "(49|43|44|353|33|39|34|1|692|7|36|91|81|64|46|47)?",
        rest in "[0-9]{4,11}",
    ) {
        let digits = lead + &rest;
        let metadata = DATABASE.by_id(region).expect("a region");
        if let Some(expected) = with_own_code(&digits, metadata).or_else(|| read_within(&digits, region)) {
            prop_assert_eq!(parse(&digits, region), Ok(expected), "{} in {}", digits, region);
        }
    }
}

proptest! {
    // Each case tests the numbers of every region.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn all_spellings_of_an_international_number_are_one_number(
        habit in habit(),
        lead in select(vec!["+", "＋", "00", "tel:+", "tel:00", "(+", " - +", "+00"]),
        tenant in select(TENANT_REGIONS.to_vec()),
    ) {
        for (example, _) in PASSENGERS.iter() {
            let e164 = example.e164();
            let digits = &e164[1..];
            if tenant == "JP" && lead.ends_with("00") && is_a_japanese_free_number(digits) {
                continue;
            }
            let mut typed = habit.write(lead, digits);
            if lead == "(+" {
                let code = typed.find('+').expect("the lead") + 1;
                let end = typed[code..].char_indices().nth(3).map_or(typed.len(), |(at, _)| code + at);
                typed.insert(end, ')');
            }
            prop_assert_eq!(parse(&typed, tenant), Ok(e164), "{:?} typed in {}", typed, tenant);
        }
    }

    #[test]
    fn all_spellings_of_a_national_number_are_one_number(
        habit in habit(),
        lead in select(vec!["", "tel:"]),
        international in select(vec!["+", "＋", "tel:+"]),
    ) {
        for (example, national) in PASSENGERS.iter() {
            let e164 = example.e164();
            for typed in [habit.write(lead, national), habit.write(international, &e164[1..])] {
                let read = parse(&typed, example.region());
                prop_assert_eq!(read.as_ref(), Ok(&e164), "{:?} typed in {}", typed, example.region());
            }
        }
    }
}

/// How digits without a plus were read before the rule for telephone systems: as a number within the region or, if that
/// is not valid, as a number with the region's country code. `None` if neither is valid.
fn read_within(digits: &str, region: &str) -> Option<String> {
    let region = rlibphonenumber::Region::from_code(region).expect("a region");
    let util = &rlibphonenumber::PHONE_NUMBER_UTIL;
    let valid = |typed: &str| {
        let number = util.parse(typed, Some(region)).ok().filter(rlibphonenumber::PhoneNumber::is_valid)?;
        Some(number.to_string()).filter(|e164| e164.len() <= 16)
    };
    let code = util.get_country_code_for_region(region).expect("a region has a code").to_string();
    let with_plus = || digits.starts_with(&code).then(|| valid(&format!("+{digits}"))).flatten();
    valid(digits).or_else(with_plus)
}

/// The number of `digits` by the rule for regions with a national prefix. `None` if the rule does not apply.
fn with_own_code(digits: &str, metadata: &Metadata) -> Option<String> {
    let trunk_prefix = metadata.national_prefix()?;
    let code = metadata.country_code().to_string();
    let number = rlibphonenumber::PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None).ok()?;
    let applies = !digits.starts_with(trunk_prefix) && digits.starts_with(&code) && number.is_valid();
    applies.then(|| number.to_string()).filter(|e164| e164.len() <= 16)
}

/// Each example of each kind, typed without a plus in every way.
#[test]
fn digits_without_a_plus_are_read_with_one_by_the_rule_and_as_before_otherwise() {
    let examples = examples(|metadata| {
        let kinds = metadata.descriptors();
        let all = [kinds.fixed_line(), kinds.mobile(), kinds.toll_free(), kinds.premium_rate(), kinds.shared_cost()];
        [all.as_slice(), &[kinds.personal_number(), kinds.voip(), kinds.pager(), kinds.uan()]].concat()
    });
    let of_countries = || examples.iter().filter(|example| example.region() != NO_REGION);
    let (mut by_rule, mut as_before, mut another_number) = (0, 0, 0);
    for example in of_countries() {
        let metadata = example.metadata;
        let code = metadata.country_code().to_string();
        let trunk_prefix = metadata.national_prefix().unwrap_or_default();
        for digits in [
            example.e164()[1..].to_owned(),
            example.national(),
            example.significant.to_owned(),
            format!("{trunk_prefix}{}", example.significant),
            // The code is read as the start of a number within the region.
            format!("{trunk_prefix}{code}{}", example.significant),
            format!("{code}{trunk_prefix}{}", example.significant),
            format!("{code}{code}{}", example.significant),
        ] {
            let before = read_within(&digits, example.region());
            let expected = match with_own_code(&digits, metadata) {
                Some(with_plus) => {
                    by_rule += 1;
                    another_number += usize::from(before.as_ref().is_some_and(|before| *before != with_plus));
                    with_plus
                }
                // Other tests cover old forms of numbers, and prefixes that this library does not know.
                None => match before {
                    Some(before) => before,
                    None => continue,
                },
            };
            as_before += 1;
            let spaced = digits.as_bytes().chunks(3).map(|part| std::str::from_utf8(part).unwrap()).collect::<Vec<_>>();
            for typed in [digits.clone(), spaced.join(" "), format!("tel:{digits}"), format!("sip:{digits}@pbx")] {
                let read = parse(&typed, example.region());
                // The digits after the separator may be a number too.
                if typed != digits && read == Err(Invalid::PhoneTwoNumbers) {
                    continue;
                }
                assert_eq!(read.as_ref(), Ok(&expected), "{typed} in {}", example.region());
            }
        }
    }
    assert!(by_rule > 500 && as_before > 4000 && another_number > 10, "{by_rule} {as_before} {another_number}");
}

/// Toll-free, premium and other service numbers of Belarus, Kazakhstan, Lithuania and Russia. `phonenumber` wrongly
/// removes a national prefix (`8` or `80`) from them, although they start with the country code.
const MISREAD_BY_PHONENUMBER: [(&str, &str); 7] = [
    ("+37080012345", "+370012345"),
    ("+37080123456", "+370123456"),
    ("+37080812345", "+370812345"),
    ("+3758011234567", "+37511234567"),
    ("+78001234567", "+7001234567"),
    ("+78081234567", "+7081234567"),
    ("+78091234567", "+7091234567"),
];

#[test]
fn both_libraries_agree_on_every_kind_of_international_number() {
    let examples = examples(|metadata| {
        let kinds = metadata.descriptors();
        vec![
            kinds.fixed_line(),
            kinds.mobile(),
            kinds.toll_free(),
            kinds.premium_rate(),
            kinds.shared_cost(),
            kinds.personal_number(),
            kinds.voip(),
            kinds.pager(),
            kinds.uan(),
            kinds.voicemail(),
        ]
    });
    for example in &examples {
        let e164 = example.e164();
        let misread = MISREAD_BY_PHONENUMBER.iter().find(|(number, _)| *number == e164);
        for typed in [e164.clone(), example.spaced()] {
            for tenant in TENANT_REGIONS {
                assert_eq!(parse(&typed, tenant).as_ref(), Ok(&e164), "{typed} in {tenant}");
            }
            let theirs = phonenumber::parse(None, &typed).unwrap().format().mode(Mode::E164).to_string();
            assert_eq!(theirs, misread.map_or(e164.as_str(), |(_, theirs)| theirs), "{typed}");
        }
    }
}

#[test]
fn both_libraries_know_the_same_regions() {
    let mut ours: Vec<String> = Region::all().map(|region| region.to_string()).collect();
    let mut theirs: Vec<&str> = DATABASE.iter().map(Metadata::id).filter(|id| *id != NO_REGION).collect();
    ours.sort_unstable();
    theirs.sort_unstable();
    assert_eq!(ours, theirs);
    for region in Region::all() {
        let example = region.example().unwrap();
        let known = PASSENGERS.iter().any(|(known, _)| known.e164() == example.as_str());
        assert!(known, "{region}: {}", example.as_str());
    }
}

#[test]
fn italys_leading_zero_is_part_of_the_number() {
    for raw in ["+39 06 698 12345", "0039 06 698 12345", "+39 (0)6 698 12345", "tel:+39-06-69812345"] {
        for tenant in TENANT_REGIONS {
            assert_eq!(parse(raw, tenant).as_deref(), Ok("+390669812345"), "{raw} in {tenant}");
        }
    }
    assert_eq!(parse("06 698 12345", "IT").as_deref(), Ok("+390669812345"));
    for raw in ["+39 6 698 12345", "6 698 12345"] {
        assert_eq!(parse(raw, "IT").map_err(|invalid| invalid.code()), Err("invalid_phone"), "{raw}");
    }
}

#[test]
fn full_width_digits_are_accepted() {
    for raw in ["０９０－１２３４－５６７８", "（０９０）１２３４　５６７８", "＋８１　９０－１２３４－５６７８"]
    {
        assert_eq!(parse(raw, "JP").as_deref(), Ok("+819012345678"), "{raw}");
    }
    for tenant in TENANT_REGIONS {
        assert_eq!(parse("＋８１９０１２３４５６７８", tenant).as_deref(), Ok("+819012345678"), "{tenant}");
    }
}

#[test]
fn arabic_and_persian_digits_are_accepted() {
    assert_eq!(parse("٠٥٠ ١٢٣ ٤٥٦٧", "AE").as_deref(), Ok("+971501234567"));
    assert_eq!(parse("۰۹۱۲ ۳۴۵ ۶۷۸۹", "IR").as_deref(), Ok("+989123456789"));
    for tenant in TENANT_REGIONS {
        for raw in ["+٩٧١ ٥٠ ١٢٣ ٤٥٦٧", "٠٠٩٧١٥٠١٢٣٤٥٦٧", "+۹۷۱۵۰۱۲۳۴۵۶۷"] {
            assert_eq!(parse(raw, tenant).as_deref(), Ok("+971501234567"), "{raw} in {tenant}");
        }
    }
}

#[test]
fn a_zero_in_brackets_after_the_country_code_is_dropped() {
    for tenant in TENANT_REGIONS {
        for (raw, e164) in [
            ("+353 (0)87 123 4567", "+353871234567"),
            ("+353 (0) 87 123 4567", "+353871234567"),
            ("+353-(0)-87-1234567", "+353871234567"),
            ("00353(0)871234567", "+353871234567"),
            ("+44 (0)20 7946 0018", "+442079460018"),
            ("0049 (0)30 123456", "+4930123456"),
            ("+81 (0)90-1234-5678", "+819012345678"),
        ] {
            assert_eq!(parse(raw, tenant).as_deref(), Ok(e164), "{raw} in {tenant}");
        }
    }
}

#[test]
fn a_tel_uri_is_accepted() {
    for tenant in TENANT_REGIONS {
        for raw in ["tel:+353871234567", "tel:+353-87-123-4567", "tel: +353 87 123 4567", "tel:00353871234567"] {
            assert_eq!(parse(raw, tenant).as_deref(), Ok("+353871234567"), "{raw} in {tenant}");
        }
    }
    assert_eq!(parse("tel:087-123-4567", "IE").as_deref(), Ok("+353871234567"));
}

#[test]
fn extensions_are_refused() {
    for tenant in TENANT_REGIONS {
        for extension in [" ext. 5", " extn 12", "x5", " #12", ";ext=5", ",5", ",,5", " доб. 5"] {
            for number in ["+353871234567", "00353 87 123 4567", "tel:+353-87-123-4567"] {
                let raw = format!("{number}{extension}");
                assert_eq!(parse(&raw, tenant), Err(Invalid::PhoneExtension), "{raw} in {tenant}");
            }
        }
    }
}

#[test]
fn in_japan_0037_0066_and_0078_start_toll_free_numbers() {
    for (raw, e164) in [
        ("00370 612 34567", "+810037061234567"),
        ("0066 81 234 5678", "+810066812345678"),
        ("0078 0012 34567", "+810078001234567"),
    ] {
        assert_eq!(parse(raw, "JP").as_deref(), Ok(e164), "{raw}");
    }
    for raw in ["+370 612 34567", "010 370 612 34567"] {
        assert_eq!(parse(raw, "JP").as_deref(), Ok("+37061234567"), "{raw}");
    }
}
