//! The page of performance against the program.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_simulation_on_the_page_is_what_the_program_prints() {
    let output = Command::new(env!("CARGO_BIN_EXE_bench")).arg("partitions").output().expect("the bench runs");
    assert!(output.status.success(), "a partition is over its limits");
    let printed = String::from_utf8(output.stdout).expect("text");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let page = fs::read_to_string(page).expect("a page");
    assert!(page.contains(printed.trim()), "run `cargo run -p bench -- partitions --write`");
}
