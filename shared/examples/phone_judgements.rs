//! Prints how `Phone` judges generated numbers, one on a line, so that two builds of the phone library can be compared:
//! all regions, all kinds of numbers, and the ways in which people, phone systems and contact cards write them.
//!
//! ```bash
//! run="cargo run --release --quiet --package shared --example phone_judgements"
//! cmp <($run -- 1 2000000) <($run --features rlibphonenumber/regex -- 1 2000000) && echo equal
//! ```
//!
//! The arguments are the seed and how many numbers. The feature `regex` takes precedence over `lite`, which this
//! workspace uses.

use std::env;
use std::io::{self, BufWriter, Write as _};

use fastrand::Rng;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType};
use shared::domain::{Invalid, Phone, Region};

const KINDS: [PhoneNumberType; 11] = [
    PhoneNumberType::FixedLine,
    PhoneNumberType::Mobile,
    PhoneNumberType::FixedLineOrMobile,
    PhoneNumberType::TollFree,
    PhoneNumberType::PremiumRate,
    PhoneNumberType::SharedCost,
    PhoneNumberType::VoIP,
    PhoneNumberType::PersonalNumber,
    PhoneNumberType::Pager,
    PhoneNumberType::UAN,
    PhoneNumberType::VoiceMail,
];

const FORMATS: [PhoneNumberFormat; 4] = [
    PhoneNumberFormat::E164,
    PhoneNumberFormat::International,
    PhoneNumberFormat::National,
    PhoneNumberFormat::RFC3966,
];

/// What may stand before a number. Among them are the prefixes that some countries dial to call abroad.
const BEFORE: [&str; 24] = [
    "", "", "", "", "", "", "+", "00", "011", "010", "0011", "810", "0", "1", "8", "(", "(0)", "tel:", "TEL:", "＋",
    " ", "[", "06", "+00",
];

/// What may stand after a number: extensions in the words of many languages, parameters, words and a second number.
const AFTER: [&str; 38] = [
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    " ext. 5",
    " EXT 12",
    "ext123456",
    "x12",
    " X 5",
    "#34",
    "~7",
    "ｘ９",
    "Ｘ5",
    " ｅｘｔ 5",
    " ＥＸＴ5",
    " доб. 5",
    " ДОБ 5",
    " anexo 5",
    " ANEXO 12",
    " extensión 7",
    " EXTENSIÓN 7",
    " extensio\u{301}n 7",
    " int 5",
    " INT 12",
    " ｉｎｔ 5",
    ";ext=5",
    ";isub=5",
    ";phone-context=+44",
    ";phone-context=example.ie",
    " (work)",
    "/5",
    " / 0871234567",
    ", ,5",
    " 0861234567",
];

const SEPARATORS: [&str; 14] =
    [" ", "-", ".", "/", "(", ")", "[", "]", "~", "\u{a0}", "\u{2011}", "－", "\u{200b}", "\n"];

/// The zeros of the scripts that a number may be typed in: ASCII, Arabic, Persian, Devanagari, full-width, mathematical.
const ZEROS: [char; 6] = ['0', '٠', '۰', '०', '０', '𝟎'];

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let seed = arguments.next().unwrap_or(1);
    let count = arguments.next().unwrap_or(2_000_000);

    let mut rng = Rng::with_seed(seed);
    let mut regions: Vec<String> = Region::all().map(String::from).collect();
    // The library keeps them in a map, which has no order of its own.
    regions.sort_unstable();
    let examples: Vec<PhoneNumber> = regions.iter().flat_map(|region| examples(region)).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    for _ in 0..count {
        let typed = typed(&mut rng, &examples);
        let home = &regions[rng.usize(..regions.len())];
        let region = Region::parse(home).expect("one of all regions");
        let judged = if rng.bool() { Phone::parse(&typed, region) } else { Phone::parse_query(&typed, region) };
        writeln!(out, "{home} {typed:?} {}", judgement(judged))?;
    }
    out.flush()
}

/// A number of each kind that the region has.
fn examples(region: &str) -> impl Iterator<Item = PhoneNumber> {
    let region = rlibphonenumber::Region::from_code(region).expect("one of all regions");
    let of_kind = move |kind| PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind).ok();
    KINDS.into_iter().filter_map(of_kind)
}

fn judgement(judged: Result<Phone, Invalid>) -> String {
    match judged {
        Ok(phone) => phone.as_str().to_owned(),
        Err(invalid) => format!("{} {invalid}", invalid.code()),
    }
}

/// A number as somebody may type it, or something like one.
fn typed(rng: &mut Rng, examples: &[PhoneNumber]) -> String {
    let digits = if rng.u8(..8) == 0 {
        (0..rng.usize(1..=18)).map(|_| rng.digit(10)).collect()
    } else {
        let format = FORMATS[rng.usize(..FORMATS.len())];
        examples[rng.usize(..examples.len())].format_as(format).into_owned()
    };
    let changed = change(rng, &digits);
    let spelled = if rng.u8(..4) == 0 { in_script(ZEROS[rng.usize(..ZEROS.len())], &changed) } else { changed };
    let before = if rng.bool() { "" } else { BEFORE[rng.usize(..BEFORE.len())] };
    let after = if rng.bool() { "" } else { AFTER[rng.usize(..AFTER.len())] };
    format!("{before}{spelled}{after}")
}

/// The same with some digits replaced, left out or added, and with separators.
fn change(rng: &mut Rng, number: &str) -> String {
    // Most numbers of a country's other lines differ from its example in the last digits.
    let from = rng.usize(..=number.len());
    let mut changed = String::new();
    for (at, c) in number.char_indices() {
        let digit = rng.digit(10);
        match rng.u8(..64) {
            0 => {}
            1 => changed.extend([c, digit]),
            2 => changed.push_str(SEPARATORS[rng.usize(..SEPARATORS.len())]),
            _ if at >= from && c.is_ascii_digit() => changed.push(digit),
            _ => changed.push(c),
        }
    }
    changed
}

/// The same with the digits of the script whose zero this is.
fn in_script(zero: char, number: &str) -> String {
    let digit = |c: char| c.to_digit(10).and_then(|value| char::from_u32(u32::from(zero) + value));
    number.chars().map(|c| digit(c).unwrap_or(c)).collect()
}
