//! Compares the subjects in fresh processes. They take turns, so that other work of the machine affects all of them.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::Value;

use crate::Failure;
use crate::instructions::{self, Instructions};
use crate::process::Running;
use crate::subjects::Subject;

/// How many answers come before the warm ones, so that just-in-time compilers have finished.
const WARM_UP: usize = 300;
/// How many warm answers are measured in each process.
const WARM: usize = 300;

/// The figures of one fresh process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) first_poll: Duration,
    pub(crate) first_answer: Duration,
    pub(crate) cpu_to_first_answer: Duration,
    /// KiB after the first answer.
    pub(crate) resident: u64,
    /// The median of this process.
    pub(crate) warm: Duration,
    pub(crate) warm_cpu: Duration,
}

/// The figures of a subject after all rounds.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) is_peer: bool,
    pub(crate) samples: Vec<Sample>,
    pub(crate) zip: Option<u64>,
    pub(crate) instructions: Option<Instructions>,
}

/// Measures every subject `rounds` times, in turn.
pub(crate) async fn compare(subjects: &[Subject], rounds: usize, scratch: &Path) -> Result<Vec<Measured>, Failure> {
    let expected = answers(subjects, scratch).await?;
    let mut samples = vec![Vec::new(); subjects.len()];
    for round in 0..rounds {
        eprintln!("round {} of {rounds}", round + 1);
        for (subject, (samples, expected)) in subjects.iter().zip(samples.iter_mut().zip(&expected)) {
            samples
                .push(sample(subject, expected, scratch).await.map_err(|error| format!("{}: {error}", subject.name))?);
        }
    }
    let mut measured = Vec::new();
    for (subject, samples) in subjects.iter().zip(samples) {
        let (name, is_peer) = (subject.name, subject.is_peer);
        let mut entry = Measured { name, is_peer, samples, zip: None, instructions: None };
        if let Some(bootstrap) = &subject.bootstrap {
            eprintln!("instructions of {}", subject.name);
            entry.zip = Some(zipped(bootstrap)?);
            // Without valgrind, the times are still useful. The report says what is missing.
            if instructions::valgrind().is_ok() {
                entry.instructions = Some(instructions::count(&subject.program, &subject.events, scratch).await?);
            }
        }
        measured.push(entry);
    }
    Ok(measured)
}

/// The first answer of each subject. The answers of the peers must equal that of `customers`.
async fn answers(subjects: &[Subject], scratch: &Path) -> Result<Vec<Value>, Failure> {
    let mut answers = Vec::new();
    for subject in subjects {
        let mut running = Running::start(&subject.program, &scratch.join("log")).await?;
        running.first_poll().await.map_err(|error| format!("{}: {error}", subject.name))?;
        let answer = running.invoke(&subject.events[0]).await;
        let (_, answer) = answer.map_err(|error| format!("{}: {error}", subject.name))?;
        let is_good = answer["statusCode"] == 200 || answer["principalId"].is_string();
        if !is_good {
            return Err(format!("{} answers {answer}", subject.name).into());
        }
        running.stop().await?;
        answers.push(answer);
    }
    let body = |answer: &Value| serde_json::from_str::<Value>(answer["body"].as_str().unwrap_or_default()).ok();
    let ours = subjects.iter().zip(&answers).find(|(subject, _)| subject.name == "customers");
    for (subject, answer) in subjects.iter().zip(&answers).filter(|(subject, _)| subject.is_peer) {
        if let Some((_, ours)) = ours
            && (body(answer).is_none() || body(answer) != body(ours))
        {
            return Err(format!("{} answers {answer}, and customers {ours}", subject.name).into());
        }
    }
    Ok(answers)
}

async fn sample(subject: &Subject, expected: &Value, scratch: &Path) -> Result<Sample, Failure> {
    let mut running = Running::start(&subject.program, &scratch.join("log")).await?;
    let first_poll = running.first_poll().await?;
    let (first_answer, answer) = running.invoke(&subject.events[0]).await?;
    if answer["statusCode"] != expected["statusCode"] {
        return Err(format!("answers {answer}").into());
    }
    running.idle().await?;
    let cpu_to_first_answer = running.cpu()?;
    let resident = running.resident()?;
    let mut events = subject.events.iter().cycle();
    for event in events.by_ref().take(WARM_UP) {
        running.invoke(event).await?;
    }
    running.idle().await?;
    let before = running.cpu()?;
    let mut times = Vec::with_capacity(WARM);
    for event in events.take(WARM) {
        times.push(running.invoke(event).await?.0);
    }
    running.idle().await?;
    // The CPU time of a thread that has ended is no longer counted.
    let ran = running.cpu()?.checked_sub(before).ok_or("a thread ended while it was measured")?;
    let warm_cpu = ran / u32::try_from(WARM).expect("a few hundred");
    running.stop().await?;
    Ok(Sample { first_poll, first_answer, cpu_to_first_answer, resident, warm: median(times), warm_cpu })
}

/// The median.
pub(crate) fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

/// The size in bytes of the archive that is uploaded. It contains only `bootstrap`.
pub(crate) fn zipped(bootstrap: &Path) -> Result<u64, Failure> {
    /// The headers of one file named `bootstrap`, and the end of the archive.
    const AROUND: u64 = 30 + 46 + 22 + 2 * "bootstrap".len() as u64;
    let mut counted = DeflateEncoder::new(Counter(0), Compression::default());
    let mut file = File::open(bootstrap).map_err(|error| format!("{}: {error}", bootstrap.display()))?;
    std::io::copy(&mut file, &mut counted)?;
    Ok(counted.finish()?.0 + AROUND)
}

/// A writer that only counts bytes.
struct Counter(u64);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Replaces the text between the lines `<!-- {name} -->` and `<!-- /{name} -->` of `file`.
pub(crate) fn replace_block(file: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let page = fs::read_to_string(file)?;
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let replaced = page
        .split_once(&begin)
        .and_then(|(head, rest)| Some((head, rest.split_once(&end)?.1)))
        .map(|(head, tail)| format!("{head}{begin}\n{text}\n{end}{tail}"));
    fs::write(file, replaced.ok_or_else(|| format!("{} has no block {name}", file.display()))?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(median(vec![9, 1, 5]), 5);
        assert_eq!(median(vec![3]), 3);
    }
}
