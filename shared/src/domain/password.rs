//! Passwords for self-service login: taken in, hashed, never shown.

use std::fmt;

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::Invalid;

/// A password as its owner typed it, in NFC so that two keyboards agree; 8 to 128 characters, any of them.
pub struct Password(String);

/// An argon2id hash as a PHC string. There is no way back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

/// Hashing failed, which takes a machine without memory or randomness.
#[derive(Debug, thiserror::Error)]
#[error("argon2 did not hash: {0}")]
pub struct HashingFailed(String);

impl Password {
    pub const MIN: usize = 8;
    pub const MAX: usize = 128;

    /// # Errors
    /// [`Invalid::TooShort`] or [`Invalid::TooLong`]; nothing else is asked of a password (NIST SP 800-63B).
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let text: String = raw.nfc().collect();
        let actual = text.chars().count();
        if actual < Self::MIN {
            Err(Invalid::TooShort { min: Self::MIN, actual })
        } else if actual > Self::MAX {
            Err(Invalid::TooLong { max: Self::MAX, actual })
        } else {
            Ok(Self(text))
        }
    }

    /// Hashes with argon2id at 19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's first choice.
    /// Takes tens of milliseconds of a core, so call it off the async threads.
    ///
    /// # Errors
    /// [`HashingFailed`], which no input causes.
    pub fn hash(&self) -> Result<PasswordHash, HashingFailed> {
        let failed = |error: &dyn fmt::Display| HashingFailed(error.to_string());
        let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| failed(&error))?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(self.0.as_bytes())
            .map(|hash| PasswordHash(hash.to_string()))
            .map_err(|error| failed(&error))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;
    use argon2::password_hash::phc;

    use super::*;

    fn verifies(password: &str, hash: &PasswordHash) -> bool {
        Argon2::default().verify_password(password.as_bytes(), &phc::PasswordHash::new(&hash.0).unwrap()).is_ok()
    }

    #[test]
    fn is_hashed_with_the_parameters_that_owasp_names() {
        let hash = Password::parse("correct horse").unwrap().hash().unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verifies("correct horse", &hash));
        assert!(!verifies("correct horsf", &hash));
    }

    #[test]
    fn the_same_password_never_hashes_the_same() {
        let password = Password::parse("correct horse").unwrap();
        assert_ne!(password.hash().unwrap(), password.hash().unwrap());
    }

    #[test]
    fn any_characters_count_and_spaces_stay() {
        let hash = Password::parse("  \u{0}e\u{301}密碼🔑  ").unwrap().hash().unwrap();
        assert!(verifies("  \u{0}\u{e9}密碼🔑  ", &hash));
        assert_eq!(Password::parse("seven77").unwrap_err(), Invalid::TooShort { min: 8, actual: 7 });
        assert!(Password::parse(&"é".repeat(128)).is_ok());
        assert_eq!(Password::parse(&"é".repeat(129)).unwrap_err(), Invalid::TooLong { max: 128, actual: 129 });
    }

    #[test]
    fn neither_form_shows_itself_when_debugged() {
        let password = Password::parse("correct horse").unwrap();
        assert_eq!(format!("{password:?} {:?}", password.hash().unwrap()), "Password(…) PasswordHash(…)");
    }
}
