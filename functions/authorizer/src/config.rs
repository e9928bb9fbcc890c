//! Configuration: read from the environment once, at start.

use shared::config::{ConfigError, required};

use crate::keys::KeySet;

/// Whose tokens are taken.
#[derive(Debug)]
pub struct Config {
    /// `JWT_ISSUER`: the `iss` of every token.
    pub issuer: String,
    /// `JWT_AUDIENCE`: the `aud` of every token, or one of them.
    pub audience: String,
    /// `JWKS`: the issuer's public keys, a JWK set (RFC 7517) as JSON text.
    pub keys: KeySet,
}

impl Config {
    /// # Errors
    /// Names the first variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::new(required("JWT_ISSUER")?, required("JWT_AUDIENCE")?, &required("JWKS")?)
    }

    /// # Errors
    /// Names the first variable whose value is wrong.
    pub fn new(issuer: String, audience: String, jwks: &str) -> Result<Self, ConfigError> {
        let keys =
            KeySet::parse(jwks).map_err(|error| ConfigError::Wrong { name: "JWKS", problem: error.to_string() })?;
        Ok(Self { issuer: word("JWT_ISSUER", issuer)?, audience: word("JWT_AUDIENCE", audience)?, keys })
    }
}

/// A value that a claim can equal on purpose: a space or a line break in it is a slip of whoever set it.
fn word(name: &'static str, value: String) -> Result<String, ConfigError> {
    if value.is_empty() || value.contains(char::is_whitespace) {
        return Err(ConfigError::Wrong { name, problem: "is empty or has white space in it".to_owned() });
    }
    Ok(value)
}
