//! Compares figures of the built functions with recorded ones. They do not depend on how busy a machine is.
//!
//! The recorded figures are in `benches/recorded.json`. A figure may differ by [`TOLERANCE`]. A larger figure must be
//! accepted on purpose. A smaller one must be recorded too, because otherwise the next change could lose the
//! improvement unnoticed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::instructions::{self, Instructions};
use crate::measure::zipped;
use crate::store::Fixture;
use crate::subjects::{self, FUNCTIONS};

/// How much instructions and bytes may differ from the recorded figures, in percent.
const TOLERANCE: u64 = 5;

/// Crates that would be a second TLS or HTTP stack in addition to rustls, aws-lc and hyper.
const SECOND_STACKS: [&str; 13] = [
    "boring",
    "curl",
    "h2",
    "h3",
    "hyper-rustls",
    "isahc",
    "native-tls",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "ring",
    "ureq",
];
/// Crates that may be there in one version only.
const SINGLE_VERSION: [&str; 5] = ["aws-lc-rs", "aws-lc-sys", "http", "hyper", "rustls"];

/// The figures of one function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Figures {
    instructions: Instructions,
    zip: u64,
    crates: u64,
}

type Recorded = BTreeMap<String, Figures>;

fn file() -> PathBuf {
    subjects::root().join("benches/recorded.json")
}

/// Compares the output of `sam build` in `build` with the recorded figures, or records them. Returns each problem and
/// what to do about it.
pub(crate) async fn run(build: &Path, record: bool) -> Result<Vec<String>, Failure> {
    let fixture = Fixture::start().await?;
    let scratch = subjects::scratch()?;
    let mut found = Recorded::new();
    let mut problems = Vec::new();
    for (name, work) in FUNCTIONS {
        let bootstrap = build.join(logical_id(name)).join("bootstrap");
        if !bootstrap.is_file() {
            return Err(format!("{} is missing; run .ci/deployment first, which builds it", bootstrap.display()).into());
        }
        let subject = subjects::function(name, work, bootstrap.canonicalize()?, &fixture);
        let crates = tree(name)?;
        problems.extend(second_stacks(name, &crates));
        let figures = Figures {
            instructions: instructions::count(&subject.program, &subject.events, &scratch).await?,
            zip: zipped(&bootstrap)?,
            crates: crates.len() as u64,
        };
        println!("{name}: {}", serde_json::to_string(&figures)?);
        found.insert(name.to_owned(), figures);
    }
    if record {
        fs::write(file(), format!("{:#}\n", serde_json::to_value(&found)?))?;
    } else {
        let recorded: Recorded = serde_json::from_str(&fs::read_to_string(file())?)?;
        problems.extend(differences(&recorded, &found));
    }
    Ok(problems)
}

/// The name of a crate's function in the template.
fn logical_id(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}Function", first.to_uppercase())
}

/// The crates in a function, with their versions.
fn tree(name: &str) -> Result<BTreeSet<String>, Failure> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(subjects::root());
    cargo.args(["tree", "--locked", "--package", name, "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let output = cargo.output()?;
    if !output.status.success() {
        return Err(format!("cargo tree failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?.lines().map(package).collect())
}

/// Name and version of a line such as `http v1.3.1 (*)`.
fn package(line: &str) -> String {
    line.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

fn second_stacks(name: &str, crates: &BTreeSet<String>) -> Vec<String> {
    let versions = |sought: &str| crates.iter().filter(|found| found.split(' ').next() == Some(sought)).count();
    let second = SECOND_STACKS.iter().filter(|sought| versions(sought) > 0);
    let second = second.map(|found| {
        format!(
            "{name} contains {found}, a second TLS or HTTP stack. `cargo tree -p {name} -i {found}` shows which crate needs it; \
             turn off that feature."
        )
    });
    let twice = SINGLE_VERSION.iter().filter(|sought| versions(sought) > 1);
    let twice = twice.map(|found| {
        format!("{name} contains {found} twice. `cargo tree -p {name} -d` shows which crates need which version; make them agree.")
    });
    second.chain(twice).collect()
}

/// Each figure that differs from the recorded one, and what to do about it.
fn differences(recorded: &Recorded, found: &Recorded) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, found) in found {
        let Some(recorded) = recorded.get(name) else {
            problems.push(format!(
                "{name} is not recorded. Run `.ci/gates target/debug/bench --record` and commit benches/recorded.json."
            ));
            continue;
        };
        for (what, recorded, found, tolerance, advice) in [
            (
                "instructions to the first poll, without priming",
                recorded.instructions.first_poll,
                found.instructions.first_poll,
                TOLERANCE,
                "Look for new work at start",
            ),
            (
                "instructions to the first answer",
                recorded.instructions.first_answer,
                found.instructions.first_answer,
                TOLERANCE,
                "Look for new work at start or in the first request",
            ),
            (
                "instructions of a warm answer",
                recorded.instructions.warm_answer,
                found.instructions.warm_answer,
                TOLERANCE,
                "Look for new work in each request",
            ),
            ("bytes of the archive", recorded.zip, found.zip, TOLERANCE, "Look for new dependencies or features"),
            ("crates", recorded.crates, found.crates, 0, "Compare `cargo tree -e normal` before and after the change"),
        ] {
            if found.abs_diff(recorded) * 100 > recorded * tolerance {
                let advice = if found > recorded { advice } else { "This is an improvement" };
                problems.push(format!(
                    "{name}: {found} {what}, but {recorded} are recorded. {advice}; docs/performance.md shows how to find out \
                     where instructions go. If the change is intended, run `.ci/gates target/debug/bench --record` and commit \
                     benches/recorded.json."
                ));
            }
        }
    }
    let gone = recorded.keys().filter(|name| !found.contains_key(*name));
    problems.extend(
        gone.map(|name| {
            format!("{name} is recorded but no longer exists. Run `.ci/gates target/debug/bench --record`.")
        }),
    );
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(warm_answer: u64, zip: u64, crates: u64) -> Recorded {
        let instructions = Instructions { first_poll: 1_000, first_answer: 2_000, warm_answer };
        Recorded::from([("tags".to_owned(), Figures { instructions, zip, crates })])
    }

    #[test]
    fn a_figure_may_differ_by_five_percent_and_the_number_of_crates_not_at_all() {
        let recorded = figures(100, 1_000, 50);
        assert!(differences(&recorded, &figures(105, 950, 50)).is_empty());
        for (changed, what) in [
            (figures(106, 1_000, 50), "106 instructions of a warm answer"),
            (figures(94, 1_000, 50), "94 instructions of a warm answer"),
            (figures(100, 1_051, 50), "1051 bytes"),
            (figures(100, 1_000, 51), "51 crates"),
        ] {
            let problems = differences(&recorded, &changed);
            assert!(problems.len() == 1 && problems[0].contains(what), "{problems:?}");
        }
    }

    #[test]
    fn unrecorded_and_removed_functions_are_reported() {
        let none = Recorded::new();
        assert_eq!(differences(&none, &figures(1, 1, 1)).len(), 1);
        assert_eq!(differences(&figures(1, 1, 1), &none).len(), 1);
    }

    #[test]
    fn a_second_stack_is_reported() {
        let crates = |names: &[&str]| names.iter().map(|line| package(line)).collect();
        assert!(second_stacks("tags", &crates(&["hyper v1.12.0 (*)", "rustls v0.23.1", "hyper v1.12.0"])).is_empty());
        assert_eq!(second_stacks("tags", &crates(&["hyper v1.12.0", "hyper v0.14.1", "ring v0.17.0"])).len(), 2);
    }
}
