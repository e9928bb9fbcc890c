//! Passwords for self-service login. They are hashed and never shown.

use std::fmt;
use std::sync::{LazyLock, Mutex};

use argon2::password_hash::phc::{self, Output, ParamsString, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::Invalid;

/// A password of 8 to 128 arbitrary characters. It is normalized to NFC, because keyboards may produce different forms
/// of the same character.
pub struct Password(String);

/// An argon2id hash as a PHC string.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

/// Hashing failed. This only happens on a machine without memory or randomness.
#[derive(Debug, thiserror::Error)]
#[error("argon2 did not hash: {0}")]
pub struct HashingFailed(String);

impl Password {
    pub const MIN: usize = 8;
    pub const MAX: usize = 128;

    /// # Errors
    /// [`Invalid::TooShort`] or [`Invalid::TooLong`]. NIST SP 800-63B advises against further rules.
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

    /// Hashes with argon2id, 19 MiB, two passes and one lane, as the OWASP Password Storage Cheat Sheet recommends.
    /// This takes a core tens of milliseconds, so [`crate::hashing`] runs it outside the async threads.
    ///
    /// # Errors
    /// [`HashingFailed`], which no input causes.
    pub fn hash(&self) -> Result<PasswordHash, HashingFailed> {
        HASHER.hash(self.0.as_bytes(), &Salt::generate())
    }
}

/// The number of memory blocks that are kept for later hashes.
#[cfg(test)]
pub(crate) fn kept_memory() -> usize {
    HASHER.idle.lock().expect(NOT_POISONED).len()
}

/// Runs argon2 and reuses its memory. If many threads allocate and free 19 MiB per hash, the allocator keeps gigabytes
/// that it does not return to the system.
struct Hasher {
    argon2: Argon2<'static>,
    /// Memory that no hash uses at the moment. There are never more blocks than hashes that ran at once.
    idle: Mutex<Vec<Vec<Block>>>,
}

const NOT_POISONED: &str = "no thread panics while it holds the list";

static HASHER: LazyLock<Hasher> = LazyLock::new(|| {
    let params = Params::new(19 * 1024, 2, 1, None).expect("argon2 has these parameters");
    Hasher { argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params), idle: Mutex::default() }
});

impl Hasher {
    fn hash(&self, password: &[u8], salt: &Salt) -> Result<PasswordHash, HashingFailed> {
        let failed = |error: &dyn fmt::Display| HashingFailed(error.to_string());
        let params = self.argon2.params();
        let mut memory = self.idle.lock().expect(NOT_POISONED).pop().unwrap_or_default();
        memory.resize(params.block_count(), Block::default());
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        let hashed = self.argon2.hash_password_into_with_memory(password, salt, &mut output, &mut memory);
        self.idle.lock().expect(NOT_POISONED).push(memory);
        hashed.map_err(|error| failed(&error))?;
        let hash = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).map_err(|error| failed(&error))?,
            salt: Some(*salt),
            hash: Some(Output::new(&output).map_err(|error| failed(&error))?),
        };
        Ok(PasswordHash(hash.to_string()))
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
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;

    fn verifies(password: &str, hash: &PasswordHash) -> bool {
        Argon2::default().verify_password(password.as_bytes(), &phc::PasswordHash::new(&hash.0).unwrap()).is_ok()
    }

    fn hash_of(password: &str) -> PasswordHash {
        Password::parse(password).unwrap().hash().unwrap()
    }

    #[test]
    fn reused_memory_gives_the_same_hash_as_new_memory() {
        let salt = Salt::new(b"sixteen bytes ok").unwrap();
        for password in ["correct horse", "battery staple"] {
            let expected = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).unwrap();
            assert_eq!(HASHER.hash(password.as_bytes(), &salt).unwrap().0, expected.to_string());
        }
    }

    #[test]
    fn a_password_is_hashed_with_the_parameters_of_owasp() {
        let hash = hash_of("correct horse");
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verifies("correct horse", &hash));
        assert!(!verifies("correct horsf", &hash));
    }

    #[test]
    fn each_hash_has_its_own_salt() {
        assert_ne!(hash_of("correct horse"), hash_of("correct horse"));
    }

    #[test]
    fn any_character_is_allowed_and_spaces_are_kept() {
        let hash = hash_of("  \u{0}e\u{301}密碼🔑  ");
        assert!(verifies("  \u{0}\u{e9}密碼🔑  ", &hash));
        assert_eq!(Password::parse("seven77").unwrap_err(), Invalid::TooShort { min: 8, actual: 7 });
        assert!(Password::parse(&"é".repeat(128)).is_ok());
        assert_eq!(Password::parse(&"é".repeat(129)).unwrap_err(), Invalid::TooLong { max: 128, actual: 129 });
    }

    #[test]
    fn debug_output_contains_neither_the_password_nor_the_hash() {
        let password = Password::parse("correct horse").unwrap();
        assert_eq!(format!("{password:?} {:?}", hash_of("correct horse")), "Password(…) PasswordHash(…)");
    }
}
