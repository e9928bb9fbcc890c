//! Measures what `docs/decisions/0001-phone-library.md` compares: how the two phone libraries read international
//! numbers under a tenant's default region, and what they cost.
//!
//! `cargo run --release -p api-tests --example phone_libraries`
//!
//! A number counts as wrong unless the library says that it is valid and returns the E.164 that it was made from. The
//! numbers are the fixed and mobile examples that `phonenumber` has for every region. They are plain digits, so that
//! the expected result depends on neither library's parser.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, io};

use phonenumber::country;
use phonenumber::metadata::DATABASE;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

const DEFAULT_REGIONS: [(&str, country::Id, Region); 5] = [
    ("US", country::US, Region::US),
    ("IE", country::IE, Region::IE),
    ("GB", country::GB, Region::GB),
    ("DE", country::DE, Region::DE),
    ("JP", country::JP, Region::JP),
];

/// The region under which `phonenumber` keeps codes without a country, such as `+800`.
const NO_REGION: &str = "001";

const TYPED: &str = "+353 85 012 3456";
const FRESH_PROCESSES: usize = 31;
const PARSES: u32 = 20_000;

#[derive(Clone, Copy, PartialEq)]
enum Library {
    Phonenumber,
    Rlibphonenumber,
}

impl Library {
    const ALL: [Self; 2] = [Self::Phonenumber, Self::Rlibphonenumber];

    fn name(self) -> &'static str {
        match self {
            Self::Phonenumber => "phonenumber",
            Self::Rlibphonenumber => "rlibphonenumber",
        }
    }

    /// The valid number that the library reads, in E.164.
    fn read(self, typed: &str, default: Option<(country::Id, Region)>) -> Option<String> {
        match self {
            Self::Phonenumber => {
                let number = phonenumber::parse(default.map(|(id, _)| id), typed).ok()?;
                number.is_valid().then(|| number.format().mode(phonenumber::Mode::E164).to_string())
            }
            Self::Rlibphonenumber => {
                let number = PHONE_NUMBER_UTIL.parse(typed, default.map(|(_, region)| region)).ok()?;
                number.is_valid().then(|| number.format_as(PhoneNumberFormat::E164).into_owned())
            }
        }
    }
}

struct Example {
    region: String,
    e164: String,
    typed: String,
}

fn main() -> io::Result<()> {
    let started = Instant::now();
    if let Some(name) = env::args().nth(1) {
        for library in Library::ALL.into_iter().filter(|library| library.name() == name) {
            black_box(library.read(black_box(TYPED), Some((country::IE, Region::IE))));
            println!("{}", started.elapsed().as_nanos());
        }
        return Ok(());
    }
    let examples = examples();
    let regions: BTreeSet<&str> = examples.iter().map(|example| example.region.as_str()).collect();
    println!("{} numbers of {} regions\n", examples.len(), regions.len());
    correctness(&examples);
    cost(&examples)
}

/// Both written forms of each number.
fn examples() -> Vec<Example> {
    let mut numbers = BTreeSet::new();
    for region in DATABASE.iter().filter(|metadata| metadata.id() != NO_REGION) {
        for kind in [region.descriptors().fixed_line(), region.descriptors().mobile()] {
            if let Some(national) = kind.and_then(|kind| kind.example()) {
                numbers.insert((region.id().to_owned(), format!("+{}{national}", region.country_code())));
            }
        }
    }
    let both_forms = |(region, e164): (String, String)| {
        [spaced(&e164), e164.clone()].map(|typed| Example { region: region.clone(), e164: e164.clone(), typed })
    };
    numbers.into_iter().flat_map(both_forms).collect()
}

/// The number with spaces, as on a business card.
fn spaced(e164: &str) -> String {
    let number = PHONE_NUMBER_UTIL.parse(e164, None).expect("an example number is a number");
    let spaced = number.format_as(PhoneNumberFormat::International).into_owned();
    let digits: String = spaced.chars().filter(|c| *c == '+' || c.is_ascii_digit()).collect();
    assert_eq!(digits, e164, "formatting may only add to the digits");
    spaced
}

fn correctness(examples: &[Example]) {
    println!("{:<16} {:>7} {:>6} {:>11} {:>14}  such as", "", "default", "wrong", "in regions", "another number");
    for library in Library::ALL {
        let defaults = DEFAULT_REGIONS.map(|(name, id, region)| (name, Some((id, region))));
        for (name, default) in defaults.into_iter().chain([("none", None)]) {
            let mut wrong = BTreeMap::<&str, usize>::new();
            let mut others = Vec::new();
            for example in examples {
                let read = library.read(&example.typed, default);
                if read.as_ref() != Some(&example.e164) {
                    *wrong.entry(&example.region).or_default() += 1;
                    others.extend(read.map(|other| format!("{} -> {other}", example.typed)));
                }
            }
            println!(
                "{:<16} {name:>7} {:>6} {:>11} {:>14}  {}",
                library.name(),
                wrong.values().sum::<usize>(),
                wrong.len(),
                others.len(),
                others.first().map_or("", String::as_str),
            );
        }
    }
}

fn cost(examples: &[Example]) -> io::Result<()> {
    let mut first = [Vec::new(), Vec::new()];
    for _ in 0..FRESH_PROCESSES {
        for (library, times) in Library::ALL.into_iter().zip(&mut first) {
            times.push(in_a_fresh_process(library)?);
        }
    }
    println!("\n{:<16} {:>14} {:>19} {:>19}", "", "first parse", "then, one number", "then, all numbers");
    for (library, mut times) in Library::ALL.into_iter().zip(first) {
        times.sort_unstable();
        let ireland = Some((country::IE, Region::IE));
        let one = mean(PARSES, || {
            black_box(library.read(black_box(TYPED), ireland));
        });
        let all = mean(10, || {
            for example in examples {
                black_box(library.read(black_box(&example.typed), ireland));
            }
        });
        println!(
            "{:<16} {:>11.1} ms {:>16.1} µs {:>16.1} µs",
            library.name(),
            millis(times[times.len() / 2]),
            millis(one) * 1000.0,
            millis(all) * 1000.0 / f64::from(u32::try_from(examples.len()).expect("a few hundred")),
        );
    }
    Ok(())
}

/// The time from the start of `main` to the first number.
fn in_a_fresh_process(library: Library) -> io::Result<Duration> {
    let output = Command::new(env::current_exe()?).arg(library.name()).output()?;
    let nanos = String::from_utf8_lossy(&output.stdout).trim().parse().map_err(io::Error::other)?;
    Ok(Duration::from_nanos(nanos))
}

/// Once to warm up, then the mean.
fn mean(times: u32, mut work: impl FnMut()) -> Duration {
    work();
    let started = Instant::now();
    for _ in 0..times {
        work();
    }
    started.elapsed() / times
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
