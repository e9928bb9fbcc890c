//! Draws the comparison for the docs, as bars in SVG.

use std::fmt::Write as _;
use std::time::Duration;

use crate::measure::Measured;
use crate::report::{milliseconds, together, typical};

const WIDTH: f64 = 760.0;
/// Where the bars begin, after the names.
const LEFT: f64 = 130.0;
/// The length of the longest bar. Its label comes after it.
const LONGEST: f64 = 520.0;
const BAR: f64 = 20.0;
const ROW: f64 = 28.0;

struct Panel<'a> {
    title: &'a str,
    /// The parts of each bar.
    bars: Vec<(&'a str, Vec<f64>, String)>,
}

/// Start and first answer, warm answer and memory of all subjects that find a customer.
pub(crate) fn svg(all: &[Measured]) -> String {
    // The empty function and those that find a customer.
    let shown = || all.iter().filter(|one| one.is_peer || ["empty", "customers"].contains(&one.name));
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    let label = |duration: Duration| format!("{} ms", milliseconds(duration));
    let panels = [
        Panel {
            title: "Start (dark) and first answer (light) in a fresh process",
            bars: shown()
                .map(|one| {
                    let (poll, answer) = (typical(one, |s| s.first_poll), typical(one, |s| s.first_answer));
                    (one.name, vec![ms(poll), ms(answer)], label(typical(one, together)))
                })
                .collect(),
        },
        Panel {
            title: "CPU of a warm find",
            bars: shown()
                .map(|one| {
                    let cpu = typical(one, |s| s.warm_cpu);
                    (one.name, vec![ms(cpu)], label(cpu))
                })
                .collect(),
        },
        Panel {
            title: "Memory after the first answer",
            bars: shown()
                .map(|one| {
                    let kib = typical(one, |s| s.resident);
                    let mib = f64::from(u32::try_from(kib).expect("less than 4 TiB")) / 1024.0;
                    (one.name, vec![mib], format!("{mib:.1} MiB"))
                })
                .collect(),
        },
    ];
    drawn(&panels)
}

fn drawn(panels: &[Panel]) -> String {
    let mut body = String::new();
    let mut y = 12.0;
    for panel in panels {
        let _ = writeln!(body, "<text x=\"12\" y=\"{:.0}\" font-weight=\"bold\">{}</text>", y + 14.0, panel.title);
        y += 24.0;
        let most = panel.bars.iter().map(|(_, parts, _)| parts.iter().sum::<f64>()).fold(f64::MIN_POSITIVE, f64::max);
        for (name, parts, label) in &panel.bars {
            let baseline = y + BAR * 0.7;
            let _ =
                writeln!(body, "<text x=\"{:.0}\" y=\"{baseline:.0}\" text-anchor=\"end\">{name}</text>", LEFT - 8.0);
            let mut x = LEFT;
            for (part, color) in parts.iter().zip(["#1f5f8b", "#7fb3d5"]) {
                let width = part / most * LONGEST;
                let _ = writeln!(
                    body,
                    "<rect x=\"{x:.1}\" y=\"{y:.0}\" width=\"{width:.1}\" height=\"{BAR:.0}\" fill=\"{color}\"/>"
                );
                x += width;
            }
            let _ = writeln!(body, "<text x=\"{:.1}\" y=\"{baseline:.0}\">{label}</text>", x + 6.0);
            y += ROW;
        }
        y += 12.0;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {y:.0}\" font-family=\"sans-serif\" \
         font-size=\"13\" fill=\"#222\" role=\"img\" aria-label=\"Start, CPU and memory compared\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_width_and_the_others_are_to_scale() {
        let bars = vec![("one", vec![1.0, 1.0], "2".to_owned()), ("two", vec![8.0], "8".to_owned())];
        let svg = drawn(&[Panel { title: "t", bars }]);
        assert!(svg.contains("width=\"520.0\""), "{svg}");
        assert_eq!(svg.matches("width=\"65.0\"").count(), 2, "{svg}");
    }
}
