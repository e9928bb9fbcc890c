//! The subjects that are measured: every function, an empty one, and the same lookup in Node.js and in Python.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Failure;
use crate::process::Program;
use crate::store::{self, Fixture};

/// A function with the operation or event that it is measured with.
pub(crate) const FUNCTIONS: [(&str, Work); 6] = [
    ("customers", Work::Find),
    ("links", Work::Event(include_str!("../../events/linkAccount.json"))),
    ("tags", Work::Event(include_str!("../../events/listTags.json"))),
    ("addresses", Work::Event(include_str!("../../events/listAddresses.json"))),
    ("authorizer", Work::Event(include_str!("../../events/authorizer.json"))),
    ("reference", Work::Event(include_str!("../../events/getOpenapi.json"))),
];

/// The events that a subject gets.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work {
    /// `findCustomerByPhone`, for a different customer each time.
    Find,
    /// One event of the folder `events`, again and again.
    Event(&'static str),
}

/// Something to measure.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) program: Program,
    pub(crate) events: Vec<Value>,
    /// The executable in the archive that is uploaded. `None` for the peers: their runtimes are part of Lambda, so
    /// their archives cannot be compared.
    pub(crate) bootstrap: Option<PathBuf>,
    /// Whether it is the lookup in another language.
    pub(crate) is_peer: bool,
}

/// The directory of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The directory for everything that the bench writes.
pub(crate) fn scratch() -> Result<PathBuf, Failure> {
    let folder = root().join("target/bench");
    fs::create_dir_all(&folder)?;
    Ok(folder.canonicalize()?)
}

/// Builds the wanted functions as they are deployed, and the empty one. Each is built alone, because crates that are
/// built together share their features.
pub(crate) fn build(is_wanted: impl Fn(&str) -> bool) -> Result<(), Failure> {
    for name in FUNCTIONS.iter().map(|(name, _)| *name).chain(["empty"]).filter(|name| is_wanted(name)) {
        let mut cargo = Command::new(env!("CARGO"));
        run(cargo.current_dir(root()).args(["build", "--quiet", "--release", "--locked", "-p", name]))?;
    }
    Ok(())
}

/// The wanted functions in `target/release`, the empty one first.
pub(crate) fn built(fixture: &Fixture, is_wanted: impl Fn(&str) -> bool) -> Vec<Subject> {
    let empty = ("empty", Work::Find);
    let folder = root().join("target/release");
    let subject = |(name, work): (&'static str, Work)| function(name, work, folder.join(name), fixture);
    let wanted = std::iter::once(empty).chain(FUNCTIONS).filter(|(name, _)| is_wanted(name));
    let mut subjects: Vec<_> = wanted.map(subject).collect();
    if let Some(customers) = subjects.iter().position(|subject| subject.name == "customers") {
        let program = subjects[customers].program.with("PRIMING", "off");
        let events = subjects[customers].events.clone();
        let name = "customers, PRIMING=off";
        // It has the same archive and instructions as `customers`.
        let unprimed = Subject { name, program, events, bootstrap: None, is_peer: false };
        subjects.insert(customers + 1, unprimed);
    }
    subjects
}

/// A function whose executable is `bootstrap`.
pub(crate) fn function(name: &'static str, work: Work, bootstrap: PathBuf, fixture: &Fixture) -> Subject {
    let environment = fixture.environment();
    let program = Program { command: bootstrap.clone(), arguments: Vec::new(), environment };
    Subject { name, program, events: store::events(work), bootstrap: Some(bootstrap), is_peer: false }
}

/// Installs the wanted peers below `target/bench`, with the dependency versions that they require.
pub(crate) fn peers(fixture: &Fixture, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<Subject>, Failure> {
    let mut peers = Vec::new();
    if is_wanted("node") {
        peers.push(node(fixture)?);
    }
    if is_wanted("python") {
        peers.push(python(fixture)?);
    }
    Ok(peers)
}

fn node(fixture: &Fixture) -> Result<Subject, Failure> {
    let folder = copied("node", &["package.json", "package-lock.json", "handler.mjs", "runtime.mjs"])?;
    let npm = ["ci", "--silent", "--no-audit", "--no-fund"];
    run(Command::new("npm").current_dir(&folder).args(npm))?;
    // As an ES module, because the handler waits at its top level.
    let bundle = ["handler.mjs", "--bundle", "--minify", "--platform=node", "--target=node20", "--format=esm"];
    // Parts of the SDK are CommonJS and call `require` for modules of Node.js, which an ES module does not have.
    let require = "--banner:js=import { createRequire } from 'module'; const require = createRequire(import.meta.url);";
    let esbuild = folder.join("node_modules/.bin/esbuild");
    let options = ["--log-level=error", "--outfile=bundle.mjs", require];
    run(Command::new(esbuild).current_dir(&folder).args(bundle).args(options))?;
    let program = Program {
        command: on_path("node")?,
        arguments: vec![folder.join("bundle.mjs").into()],
        environment: fixture.environment(),
    };
    Ok(Subject { name: "Node.js peer", program, events: store::events(Work::Find), bootstrap: None, is_peer: true })
}

fn python(fixture: &Fixture) -> Result<Subject, Failure> {
    let folder = copied("python", &["requirements.txt", "handler.py"])?;
    let interpreter = on_path("python3.11").or_else(|_| on_path("python3"))?;
    run(Command::new(interpreter).current_dir(&folder).args(["-m", "venv", "venv"]))?;
    let python = folder.join("venv/bin/python");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt"];
    run(Command::new(&python).current_dir(&folder).args(pip))?;
    let mut environment = fixture.environment();
    environment.push(("PYTHONPATH".to_owned(), folder.display().to_string()));
    let arguments = ["-m", "awslambdaric", "handler.handler"].map(Into::into).into();
    let program = Program { command: python, arguments, environment };
    Ok(Subject { name: "Python peer", program, events: store::events(Work::Find), bootstrap: None, is_peer: true })
}

/// Copies the files of a peer to a folder below `target/bench`, into which its packages are installed.
fn copied(peer: &str, files: &[&str]) -> Result<PathBuf, Failure> {
    let folder = scratch()?.join(peer);
    fs::create_dir_all(&folder)?;
    for file in files {
        fs::copy(root().join("benches/peers").join(peer).join(file), folder.join(file))?;
    }
    Ok(folder)
}

fn on_path(name: &str) -> Result<PathBuf, Failure> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    let found = found.ok_or_else(|| format!("{name} is missing; the peers need Node.js 20 and Python 3.11"))?;
    // The shim of a version manager would count as part of the program's start.
    let actual = Command::new(&found).args(["-c", "import sys; print(sys.executable)"]).output();
    match actual {
        Ok(output) if name.starts_with("python") && output.status.success() => {
            Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
        }
        _ => Ok(found),
    }
}

fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}
