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

/// The passwords of 8 and more characters among the 20,000 most common ones of known breaches, in lower case. It is
/// the list of Django 5.2 (`django/contrib/auth/common-passwords.txt.gz`, BSD 3-Clause), which Royce Williams compiled.
/// A search reads the 82 KB of the text from its beginning, so it needs nothing at start.
const COMMON: &str = include_str!("password/common.txt");

/// How many letters and digits a password must have besides the words that its context suggests.
const MIN_BESIDES_CONTEXT: usize = 4;

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

    /// A new password. NIST SP 800-63B-4 (3.1.1.2) advises against rules of composition, and requires that common
    /// and breached passwords are refused (ASVS 5.0, 6.2.4 and 6.2.5).
    ///
    /// # Errors
    /// [`Invalid::TooShort`], [`Invalid::TooLong`] or [`Invalid::CommonPassword`].
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let password = Self::presented(raw)?;
        if password.is_common() { Err(Invalid::CommonPassword) } else { Ok(password) }
    }

    /// A password that is compared with a stored one. The list of common passwords does not apply, because a password
    /// that was set before the list had it must still log in.
    ///
    /// # Errors
    /// [`Invalid::TooShort`] or [`Invalid::TooLong`].
    pub fn presented(raw: &str) -> Result<Self, Invalid> {
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

    /// Whether the password is on the list of common ones, in any case.
    #[must_use]
    pub fn is_common(&self) -> bool {
        let lower = self.0.to_lowercase();
        COMMON.lines().any(|common| common == lower)
    }

    /// Whether the password consists of one of these words and little else (ASVS 5.0, 6.2.11). Only letters and digits
    /// count, in any case.
    #[must_use]
    pub fn is_guessable_from<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> bool {
        let password = letters_and_digits(&self.0);
        words
            .into_iter()
            .map(letters_and_digits)
            .filter(|word| word.chars().count() >= MIN_BESIDES_CONTEXT)
            .any(|word| password.contains(&word) && password.replace(&word, "").chars().count() < MIN_BESIDES_CONTEXT)
    }

    /// Whether this is the password of `hash`. The comparison takes the same time for every wrong password.
    ///
    /// # Errors
    /// [`HashingFailed`], also for a hash that is not of argon2id.
    pub fn matches(&self, hash: &PasswordHash) -> Result<bool, HashingFailed> {
        HASHER.matches(self.0.as_bytes(), hash)
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

impl PasswordHash {
    /// A hash that no password has, with the current parameters. A login without a stored password is compared with it,
    /// so that it takes as long as one with a password.
    #[must_use]
    pub fn of_no_password() -> Self {
        let (salt, output) = ("A".repeat(22), "A".repeat(43));
        Self(format!("$argon2id$v=19${}${salt}${output}", HASHER.params()))
    }

    /// Whether the hash has the current parameters. A login replaces a hash that does not.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.0.starts_with(&format!("$argon2id$v=19${}$", HASHER.params()))
    }
}

fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
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
    /// The current parameters as in a PHC string.
    fn params(&self) -> String {
        let params = self.argon2.params();
        format!("m={},t={},p={}", params.m_cost(), params.t_cost(), params.p_cost())
    }

    fn hash(&self, password: &[u8], salt: &Salt) -> Result<PasswordHash, HashingFailed> {
        let params = self.argon2.params();
        let hash = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).map_err(failed)?,
            salt: Some(*salt),
            hash: Some(self.output(&self.argon2, password, salt)?),
        };
        Ok(PasswordHash(hash.to_string()))
    }

    fn matches(&self, password: &[u8], hash: &PasswordHash) -> Result<bool, HashingFailed> {
        let stored = phc::PasswordHash::new(&hash.0).map_err(failed)?;
        let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
            return Err(HashingFailed("a stored hash has no salt or no output".to_owned()));
        };
        if stored.algorithm != Algorithm::Argon2id.ident() {
            return Err(HashingFailed("a stored hash is not of argon2id".to_owned()));
        }
        let params = Params::try_from(&stored).map_err(failed)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // `Output` compares in constant time.
        Ok(self.output(&argon2, password, &salt)? == expected)
    }

    fn output(&self, argon2: &Argon2<'_>, password: &[u8], salt: &Salt) -> Result<Output, HashingFailed> {
        let mut memory = self.idle.lock().expect(NOT_POISONED).pop().unwrap_or_default();
        memory.resize(argon2.params().block_count(), Block::default());
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        let hashed = argon2.hash_password_into_with_memory(password, salt, &mut output, &mut memory);
        self.idle.lock().expect(NOT_POISONED).push(memory);
        hashed.map_err(failed)?;
        Output::new(&output).map_err(failed)
    }
}

fn failed(error: impl fmt::Display) -> HashingFailed {
    HashingFailed(error.to_string())
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
    fn a_password_matches_its_own_hash_and_no_other() {
        let (right, wrong) = (Password::parse("correct horse").unwrap(), Password::parse("correct horsf").unwrap());
        let hash = right.hash().unwrap();
        assert!(right.matches(&hash).unwrap());
        assert!(!wrong.matches(&hash).unwrap());
        assert!(!right.matches(&PasswordHash::of_no_password()).unwrap());
        assert!(right.matches(&PasswordHash("$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAA".into())).is_err());
    }

    #[test]
    fn a_hash_with_other_parameters_still_matches_but_is_not_current() {
        let older = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let older = older.hash_password_with_salt(b"correct horse", b"sixteen bytes ok").unwrap();
        let older = PasswordHash(older.to_string());
        assert!(Password::parse("correct horse").unwrap().matches(&older).unwrap());
        assert!(!older.is_current());
        assert!(hash_of("correct horse").is_current());
        assert!(PasswordHash::of_no_password().is_current());
    }

    #[test]
    fn common_passwords_are_refused_as_new_ones_in_any_case() {
        for common in ["password", "PassWord1", "qwertyuiop", "12345678", "iloveyou"] {
            assert_eq!(Password::parse(common).unwrap_err(), Invalid::CommonPassword, "{common}");
            assert!(Password::presented(common).is_ok());
        }
        // ASVS 5.0, 6.2.4: at least the 3,000 most common ones that the other rules allow.
        assert!(COMMON.lines().count() > 3000);
        let mut some = COMMON.lines().step_by(500);
        assert!(some.all(|common| matches!(Password::parse(common), Err(Invalid::CommonPassword))));
        assert!(Password::parse("correct horse").is_ok());
    }

    #[test]
    fn a_password_of_little_more_than_its_context_is_guessable() {
        let words = ["City Cabs", "demo", "353871234567", "0871234567"];
        for guessable in ["citycabs", "City-Cabs-12", "0871234567", "+353 87 123 4567!", "demo demo 1"] {
            assert!(Password::presented(guessable).unwrap().is_guessable_from(words), "{guessable}");
        }
        for good in ["citycabs at night", "democracy", "0871234567 horse", "correct horse"] {
            assert!(!Password::presented(good).unwrap().is_guessable_from(words), "{good}");
        }
        assert!(!Password::presented("abc 12345").unwrap().is_guessable_from(["abc", ""]));
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
