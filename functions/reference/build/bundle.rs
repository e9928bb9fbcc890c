//! Scalar's bundle, out of its crate. Its search is changed in two places so that it finds the guides.

use std::error::Error;

/// What is replaced, each exactly once. Another version of the bundle fails the build here, so `Cargo.toml` names one.
const CHANGES: [(&str, &str); 2] = [
    // Every operation has an example of nearly every problem, so that any word of a problem finds all operations first.
    (
        ",{name:`responseExamples`,weight:.25},{name:`parameterDescriptions`,weight:.2},\
         {name:`bodyDescriptions`,weight:.2}]",
        "]",
    ),
    // What has the word in its title comes first, not what has a parameter of that name: most operations have.
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
            return Err(format!("Scalar's bundle has {count} of what is to be replaced: {from}").into());
        }
        bundle = bundle.replace(from, to);
    }
    Ok(bundle)
}
