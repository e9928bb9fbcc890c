//! The comparison as Markdown.

use std::fmt::Write as _;
use std::time::Duration;

use crate::measure::{Measured, Sample, median};

/// Milliseconds with two or three significant digits.
pub(crate) fn milliseconds(duration: Duration) -> String {
    let value = duration.as_secs_f64() * 1e3;
    if value < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") }
}

fn millions(instructions: u64) -> String {
    format!("{}.{:02}", instructions / 1_000_000, instructions % 1_000_000 / 10_000)
}

#[expect(clippy::cast_precision_loss, reason = "a size is shown with two digits")]
fn mega(bytes: u64, unit: u64) -> String {
    format!("{:.1}", bytes as f64 / unit as f64)
}

/// Start and first answer together.
pub(crate) fn together(sample: &Sample) -> Duration {
    sample.first_poll + sample.first_answer
}

/// The median of one figure over all processes.
pub(crate) fn typical<T: Ord + Copy>(measured: &Measured, figure: impl Fn(&Sample) -> T) -> T {
    median(measured.samples.iter().map(figure).collect())
}

fn spread(measured: &Measured, figure: impl Fn(&Sample) -> Duration) -> String {
    let all = || measured.samples.iter().map(&figure);
    let (least, most) = (all().min().expect("a sample"), all().max().expect("a sample"));
    format!("{}–{}", milliseconds(least), milliseconds(most))
}

/// The tables of the comparison.
pub(crate) fn markdown(all: &[Measured]) -> String {
    let mut text = String::from(
        "| | start to first poll, ms | first answer, ms | both, ms | CPU to first answer, ms | warm answer, ms | warm CPU, ms | memory, MiB | zip, MB |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for measured in all {
        let row = [
            measured.name.to_owned(),
            milliseconds(typical(measured, |sample| sample.first_poll)),
            milliseconds(typical(measured, |sample| sample.first_answer)),
            format!("**{}**", milliseconds(typical(measured, together))),
            milliseconds(typical(measured, |sample| sample.cpu_to_first_answer)),
            milliseconds(typical(measured, |sample| sample.warm)),
            milliseconds(typical(measured, |sample| sample.warm_cpu)),
            mega(typical(measured, |sample| sample.resident), 1024),
            measured.zip.map_or_else(|| "–".to_owned(), |zip| mega(zip, 1_000_000)),
        ];
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text += "\nMinimum and maximum of the same figures, in milliseconds:\n\n\
             | | start to first poll | first answer | both | warm answer | warm CPU |\n|---|---|---|---|---|---|\n";
    for measured in all {
        let row = [
            measured.name.to_owned(),
            spread(measured, |sample| sample.first_poll),
            spread(measured, |sample| sample.first_answer),
            spread(measured, together),
            spread(measured, |sample| sample.warm),
            spread(measured, |sample| sample.warm_cpu),
        ];
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text += &instructions(all);
    text += &ratios(all);
    text
}

fn instructions(all: &[Measured]) -> String {
    let counted: Vec<_> = all.iter().filter_map(|measured| Some((measured.name, measured.instructions?))).collect();
    if counted.is_empty() && all.iter().any(|measured| measured.zip.is_some()) {
        return "\nInstructions were not counted: valgrind is missing. Install it with `apt-get install valgrind`.\n"
            .to_owned();
    }
    if counted.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\nMillions of instructions, counted by valgrind:\n\n\
         | | to the first poll, without priming | to the first answer | a warm answer |\n|---|---|---|---|\n",
    );
    for (name, figures) in counted {
        let figures = [figures.first_poll, figures.first_answer, figures.warm_answer].map(millions);
        let _ = writeln!(text, "| {name} | {} |", figures.join(" | "));
    }
    text
}

/// How many times faster `customers` is than its peers.
fn ratios(all: &[Measured]) -> String {
    let Some(ours) = all.iter().find(|measured| measured.name == "customers") else { return String::new() };
    let mut text = String::new();
    for peer in all.iter().filter(|measured| measured.is_peer) {
        let times =
            |figure: fn(&Sample) -> Duration| typical(peer, figure).as_secs_f64() / typical(ours, figure).as_secs_f64();
        let _ = write!(
            text,
            "\nAgainst the {}: start and first answer {:.1} times faster, a warm answer {:.1} times, with {:.1} times less CPU.\n",
            peer.name,
            times(together),
            times(|sample| sample.warm),
            times(|sample| sample.warm_cpu),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_with_the_digits_that_matter() {
        assert_eq!(milliseconds(Duration::from_micros(523)), "0.52");
        assert_eq!(milliseconds(Duration::from_micros(138_440)), "138.4");
        assert_eq!(millions(22_512_345), "22.51");
        assert_eq!(millions(463_000), "0.46");
        assert_eq!(mega(6_240_000, 1_000_000), "6.2");
    }
}
