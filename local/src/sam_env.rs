//! The command `sam-env`: the environment for functions in SAM's containers that use this machine's table and keys.

use std::error::Error;

use local::functions::CURSOR_KEY;
use local::issuer::{AUDIENCE, ISSUER, PROVIDER_ROLES, SERVICE_ISSUER};
use local::table;
use serde_json::json;
use shared::api::RoleName;

use crate::cli::SamEnv;
use crate::home::Home;
use crate::say;

/// Prints the JSON for `sam local --env-vars`. All these variables need a value, because SAM would otherwise set a
/// variable that refers to a resource, or to a parameter without a default, to the name of the resource or parameter.
///
/// # Errors
/// If the key cannot be read or created.
pub(crate) fn run(options: &SamEnv) -> Result<(), Box<dyn Error>> {
    let issuer = Home::find()?.issuer()?;
    let variables = json!({
        "TABLE_NAME": table::LOCAL_NAME,
        "CURSOR_KEY": CURSOR_KEY,
        "DYNAMODB_ENDPOINT": options.dynamodb,
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "JWKS": issuer.jwks().to_string(),
        "PROVIDER_ROLES": PROVIDER_ROLES.map(RoleName::as_str).join(","),
        "SERVICE_ISSUER": SERVICE_ISSUER,
        "SERVICE_JWKS": issuer.service_jwks().to_string(),
    });
    say(format_args!("{:#}", json!({ "Parameters": variables })));
    Ok(())
}
