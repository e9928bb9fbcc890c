//! The issuer of tokens on one machine: a key pair of its own, and the authorizer that trusts it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use authorizer::{Authorizer, Config};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use shared::api::{Caller, Role};
use shared::clock::Clock;
use shared::config::ConfigError;
use shared::domain::UnixSeconds;
use tempfile::NamedTempFile;

use crate::private;

/// The `iss` of its tokens.
pub const ISSUER: &str = "local";
/// The `aud` of its tokens.
pub const AUDIENCE: &str = "customers";
/// The one key's id.
const KEY_ID: &str = "local";

/// Signs tokens with an Ed25519 key.
#[derive(Debug)]
pub struct Issuer(Ed25519KeyPair);

/// A key that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    #[error("{path} cannot be read or made ({cause}); change its permissions, or run in another directory")]
    File { path: String, cause: io::Error },
    #[error("{} is no Ed25519 key in PKCS#8; delete it, and a new key is made (tokens of the old one are void)", .0.display())]
    NotAKey(PathBuf),
    #[error("the key pair could not be made or used")]
    Crypto,
}

impl Issuer {
    /// An issuer with a new key.
    ///
    /// # Errors
    /// [`IssuerError::Crypto`].
    pub fn generate() -> Result<Self, IssuerError> {
        Ed25519KeyPair::generate().map(Self).map_err(|_| IssuerError::Crypto)
    }

    /// The issuer whose key is in the file at `path`, which is made if it is missing, and whether it was. Of two that
    /// make it at once, both get the key of the first. A file that others may read becomes its owner's alone.
    ///
    /// # Errors
    /// A file that cannot be read or made, or that holds something else.
    pub fn open(path: &Path) -> Result<(Self, bool), IssuerError> {
        let failed = |cause| IssuerError::File { path: path.display().to_string(), cause };
        let (key, is_new) = match fs::read(path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                let is_new = Self::generate()?.keep(path).map_err(failed)?;
                (fs::read(path).map_err(failed)?, is_new)
            }
            read => (read.map_err(failed)?, false),
        };
        let pair = Ed25519KeyPair::from_pkcs8(&key).map_err(|_| IssuerError::NotAKey(path.to_owned()))?;
        private::restrict(path).map_err(failed)?;
        Ok((Self(pair), is_new))
    }

    /// Puts the key where nothing is yet, and says whether nothing was. The file is whole from the moment that it has
    /// its name, and only its owner may read it.
    fn keep(&self, path: &Path) -> io::Result<bool> {
        let directory = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        // Made for its owner alone, by the library's default.
        let mut file = NamedTempFile::new_in(directory)?;
        file.write_all(&self.pkcs8().map_err(io::Error::other)?)?;
        match file.persist_noclobber(path) {
            Ok(_) => Ok(true),
            Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(failed) => Err(failed.error),
        }
    }

    fn pkcs8(&self) -> Result<Vec<u8>, IssuerError> {
        let key = self.0.to_pkcs8v1().map_err(|_| IssuerError::Crypto)?;
        Ok(key.as_ref().to_vec())
    }

    /// The public key, as the JWK set that an authorizer is configured with.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": KEY_ID, "x": x }] })
    }

    /// The deployed authorizer, configured to trust this issuer.
    ///
    /// # Errors
    /// Never: the configuration is ours.
    pub fn authorizer(&self, clock: Clock) -> Result<Authorizer, ConfigError> {
        let config = Config::new(ISSUER.to_owned(), AUDIENCE.to_owned(), &self.jwks().to_string())?;
        Ok(Authorizer::new(config, clock))
    }

    /// A token of `caller`, good from `now` until `expires`, both in Unix seconds.
    ///
    /// # Errors
    /// [`IssuerError::Crypto`].
    pub fn token(&self, caller: &Caller, now: UnixSeconds, expires: UnixSeconds) -> Result<String, IssuerError> {
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": expires,
            "clientId": caller.client, "role": caller.role.name(),
        });
        match &caller.role {
            Role::App { brand } => claims["brandId"] = json!(brand),
            Role::Passenger { customer } => claims["customerId"] = json!(customer),
            Role::Operator | Role::Integration | Role::Admin => {}
        }
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::EdDSA) };
        let key = EncodingKey::from_ed_der(&self.pkcs8()?);
        encode(&header, &claims, &key).map_err(|_| IssuerError::Crypto)
    }
}
