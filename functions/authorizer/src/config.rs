//! The configuration, which is read from the environment once, at start.

use shared::config::{ConfigError, required};
use shared::domain::UnixSeconds;

use crate::keys::KeySet;

/// The longest lifetime of a token, unless a deployment sets another: a day.
pub const MAX_TOKEN_LIFETIME: UnixSeconds = 24 * 60 * 60;

/// Which tokens are accepted.
#[derive(Debug)]
pub struct Config {
    /// `JWT_ISSUER`: the `iss` of every token.
    pub issuer: String,
    /// `JWT_AUDIENCE`: the `aud` of every token, or one of them.
    pub audience: String,
    /// `JWKS`: the issuer's public keys, a JWK set (RFC 7517) as JSON text.
    pub keys: KeySet,
    /// `MAX_TOKEN_LIFETIME_SECONDS`: the longest time from a token's `iat` to its `exp`. RFC 7519 sets no limit, and an
    /// issuer that writes `exp` in milliseconds by mistake creates tokens that are valid for millennia.
    pub max_token_lifetime: UnixSeconds,
}

impl Config {
    /// # Errors
    /// Names the first variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let config = Self::new(required("JWT_ISSUER")?, required("JWT_AUDIENCE")?, &required("JWKS")?)?;
        let max_token_lifetime = lifetime(&required("MAX_TOKEN_LIFETIME_SECONDS")?)?;
        Ok(Self { max_token_lifetime, ..config })
    }

    /// With [`MAX_TOKEN_LIFETIME`].
    ///
    /// # Errors
    /// Names the first variable whose value is wrong.
    pub fn new(issuer: String, audience: String, jwks: &str) -> Result<Self, ConfigError> {
        let keys =
            KeySet::parse(jwks).map_err(|error| ConfigError::Wrong { name: "JWKS", problem: error.to_string() })?;
        let (issuer, audience) = (word("JWT_ISSUER", issuer)?, word("JWT_AUDIENCE", audience)?);
        Ok(Self { issuer, audience, keys, max_token_lifetime: MAX_TOKEN_LIFETIME })
    }
}

/// Refuses white space in a value that is compared with a claim, because it is a mistake in the configuration.
fn word(name: &'static str, value: String) -> Result<String, ConfigError> {
    if value.is_empty() || value.contains(char::is_whitespace) {
        return Err(ConfigError::Wrong { name, problem: "is empty or has white space in it".to_owned() });
    }
    Ok(value)
}

fn lifetime(seconds: &str) -> Result<UnixSeconds, ConfigError> {
    seconds.parse().ok().filter(|lifetime| *lifetime >= 1).ok_or_else(|| ConfigError::Wrong {
        name: "MAX_TOKEN_LIFETIME_SECONDS",
        problem: "is not a number of seconds of at least 1".to_owned(),
    })
}
