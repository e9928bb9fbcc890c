//! Takes Scalar's bundle from its crate, and changes its search in two places so that it finds the guides.

use std::error::Error;

/// The replacements. Each text must occur exactly once. With another version of the bundle the build may fail here, so
/// `Cargo.toml` pins the version.
const CHANGES: [(&str, &str); 2] = [
    // Do not search in examples of responses. Every operation has an example of nearly every problem, so a word from a
    // problem would find all operations first.
    (
        ",{name:`responseExamples`,weight:.25},{name:`parameterDescriptions`,weight:.2},\
         {name:`bodyDescriptions`,weight:.2}]",
        "]",
    ),
    // Rank a match in the title first, and not a match in a parameter, because most operations have the same
    // parameters.
    (
        "e.score===0&&[`title`,`operationId`,`parameters`,`body`,`path`].includes(e.key.id)",
        "e.score<.01&&[`title`,`operationId`].includes(e.key.id)",
    ),
];

pub(crate) fn scalar() -> Result<String, Box<dyn Error>> {
    let bundle = scalar_api_reference::get_asset("scalar.js").ok_or("the crate has no scalar.js")?;
    let mut bundle = String::from_utf8(bundle)?;
    for (from, to) in CHANGES {
        let count = bundle.matches(from).count();
        if count != 1 {
            return Err(format!("Scalar's bundle contains this text {count} times instead of once: {from}").into());
        }
        bundle = bundle.replace(from, to);
    }
    Ok(bundle)
}
