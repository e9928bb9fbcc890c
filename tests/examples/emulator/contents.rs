//! What a built function contains. The descriptions of operations are for `local`, which makes the API reference, and the AWS
//! SDK is for the functions that use the table.

use std::fs;
use std::path::Path;

use shared::api::Operation;

use crate::template::Function;

/// What the AWS SDK writes into each request to `DynamoDB`.
const SDK: &str = "DynamoDB_20120810";

/// Checks that a function contains neither the descriptions of its operations nor an SDK that it does not need.
pub(crate) fn check(function: &Function, bootstrap: &Path) -> Result<String, String> {
    let bytes = fs::read(bootstrap).map_err(|error| error.to_string())?;
    let binary = String::from_utf8_lossy(&bytes);
    let has_table = !function.is_authorizer && !function.is_public;
    if binary.contains(SDK) != has_table {
        return Err(format!("uses the table: {has_table}, contains the SDK: {}", !has_table));
    }
    let document = local::openapi::document();
    for operation in Operation::authenticated().filter(|operation| function.serves(*operation)) {
        let method = operation.method().as_str().to_lowercase();
        let description = document["paths"][operation.path()][method]["description"].as_str();
        let (about, _) =
            description.and_then(|text| text.split_once("\n\n")).ok_or("an operation has a description")?;
        if binary.contains(about) {
            return Err(format!("contains the description of {}", operation.name()));
        }
    }
    Ok(format!("{} bytes", bytes.len()))
}
