//! Takes Swagger UI's two files out of the archive that a crate carries, so that no build loads them from elsewhere and
//! none of their megabytes are in this repository. Each is stored as it is and compressed: serving them is then nothing
//! but bytes.

use std::error::Error;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const FILES: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for file in FILES {
        // Its folder is named for the version.
        let end = format!("/dist/{file}");
        let names: Vec<_> = archive.file_names().filter_map(Result::ok).map(String::from).collect();
        let name = names.iter().find(|name| name.ends_with(&end) && name.matches('/').count() == 2);
        let name = name.ok_or_else(|| format!("the archive has no {file}"))?;
        let mut bytes = Vec::new();
        archive.by_name(name)?.read_to_end(&mut bytes)?;
        let mut compressed = GzEncoder::new(Vec::new(), Compression::best());
        compressed.write_all(&bytes)?;
        fs::write(Path::new(&out).join(format!("{file}.gz")), compressed.finish()?)?;
        fs::write(Path::new(&out).join(file), bytes)?;
    }
    Ok(())
}
