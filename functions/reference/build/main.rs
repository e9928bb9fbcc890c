//! Prepares the files of the site at `/docs`: Scalar's bundle and the OpenAPI document with the guides. The bundle
//! comes from a crate, so that it is neither downloaded separately nor stored in this repository.

mod bundle;
mod guides;

use std::error::Error;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../..");

    let bundle = bundle::scalar()?;
    write_compressed(&out.join("scalar.js.gz"), bundle.as_bytes())?;
    // Browsers cache the bundle under its name, so the name contains a hash of the content.
    let mut hasher = DefaultHasher::new();
    bundle.hash(&mut hasher);
    let name = format!("scalar-{:016x}.js", hasher.finish());
    println!("cargo::rustc-env=SCALAR={name}");
    let page = fs::read_to_string("page/index.html")?.replace("{scalar}", &name);
    fs::write(out.join("index.html"), page)?;

    let mut document: Value = serde_json::from_slice(&fs::read(root.join("openapi.json"))?)?;
    let openapi = document.to_string();
    fs::write(out.join("openapi.json"), &openapi)?;
    write_compressed(&out.join("openapi.json.gz"), openapi.as_bytes())?;
    guides::add(&mut document, &root.join("docs"))?;
    write_compressed(&out.join("site.json.gz"), document.to_string().as_bytes())?;

    for path in ["build", "page/index.html", "../../openapi.json", "../../docs"] {
        println!("cargo::rerun-if-changed={path}");
    }
    Ok(())
}

fn write_compressed(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    fs::write(path, encoder.finish()?)?;
    Ok(())
}
