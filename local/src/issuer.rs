//! The issuers of tokens on one machine, each with its own key pair, and the authorizer that trusts them.
//!
//! As on AWS, the platform's provider issues the tokens of an office, and this service issues those of apps and of
//! passengers' sessions. Here the provider may also assert `passenger`: its tokens belong to no session.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use authorizer::{Authorizer, Config};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use shared::api::{Caller, Role, RoleName};
use shared::clock::Clock;
use shared::config::ConfigError;
use shared::domain::{SessionClaim, UnixSeconds};
use tempfile::NamedTempFile;

use crate::private;

/// The `iss` of an office's tokens.
pub const ISSUER: &str = "local";
/// The `iss` and the `aud` of the tokens of apps and passengers: `customers-{stage}`.
pub const SERVICE_ISSUER: &str = "customers-local";
/// The `aud` of an office's tokens.
pub const AUDIENCE: &str = "customers";
/// The roles that the provider may assert.
pub const PROVIDER_ROLES: [RoleName; 4] =
    [RoleName::Operator, RoleName::Integration, RoleName::Admin, RoleName::Passenger];
/// The id of the provider's key. Its file has the same name.
pub const PROVIDER_KEY: &str = "token-key";
/// The id of the service's key.
const SERVICE_KEY: &str = "service-key";

/// Signs tokens with Ed25519 keys.
#[derive(Debug)]
pub struct Issuer {
    provider: Signer,
    service: Signer,
}

/// A key pair with its id.
#[derive(Debug)]
struct Signer {
    pair: Ed25519KeyPair,
    id: &'static str,
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    #[error("{path} cannot be read or created ({cause}); change its permissions, or run in another directory")]
    File { path: String, cause: io::Error },
    #[error("{} is not an Ed25519 key in PKCS#8; delete it to get a new key (tokens of the old key are then invalid)", .0.display())]
    NotAKey(PathBuf),
    #[error("the key pair could not be created or used")]
    Crypto,
}

impl Issuer {
    /// An issuer with new keys.
    ///
    /// # Errors
    /// [`IssuerError::Crypto`].
    pub fn generate() -> Result<Self, IssuerError> {
        Ok(Self { provider: Signer::generate(PROVIDER_KEY)?, service: Signer::generate(SERVICE_KEY)? })
    }

    /// Reads the keys from files in `directory`, creates the missing files, and returns the issuer with the paths of
    /// new files. If two processes create a key at once, both use the key of the first. Afterwards, only its owner can
    /// read a file.
    ///
    /// # Errors If a file cannot be read or created, or if it does not contain a key.
    pub fn open(directory: &Path) -> Result<(Self, Vec<PathBuf>), IssuerError> {
        let mut new = Vec::new();
        let mut open = |id| {
            let path = key_file(directory, id);
            let (signer, is_new) = Signer::open(&path, id)?;
            if is_new {
                new.push(path);
            }
            Ok(signer)
        };
        let issuer = Self { provider: open(PROVIDER_KEY)?, service: open(SERVICE_KEY)? };
        Ok((issuer, new))
    }

    /// The public key of the provider, as the JWK set that an authorizer is configured with.
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.provider.jwks()
    }

    /// The public key of this service, in the same form.
    #[must_use]
    pub fn service_jwks(&self) -> Value {
        self.service.jwks()
    }

    /// The deployed authorizer, configured to trust this issuer.
    ///
    /// # Errors Never, because this configuration is valid.
    pub fn authorizer(&self, clock: Clock) -> Result<Authorizer, ConfigError> {
        let config = Config::new(ISSUER.to_owned(), AUDIENCE, &self.jwks().to_string())?;
        let config = config.with_service(SERVICE_ISSUER.to_owned(), &self.service_jwks().to_string())?;
        Ok(Authorizer::new(config.with_provider_roles(PROVIDER_ROLES.to_vec()), clock))
    }

    /// A token of `caller`, valid from `now` until `expires`, both in Unix seconds.
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
            Role::Passenger { customer, session } => {
                claims["customerId"] = json!(customer);
                let Some(SessionClaim { id, epoch }) = session else { return self.provider.sign("JWT", &claims) };
                claims["sid"] = json!(id);
                claims["epoch"] = json!(epoch);
            }
            Role::Operator | Role::Integration | Role::Admin => return self.provider.sign("JWT", &claims),
        }
        for name in ["iss", "aud"] {
            claims[name] = json!(SERVICE_ISSUER);
        }
        self.service.sign("at+jwt", &claims)
    }
}

/// The file of the key with this id.
#[must_use]
pub fn key_file(directory: &Path, id: &str) -> PathBuf {
    directory.join(format!("{id}.p8"))
}

impl Signer {
    fn generate(id: &'static str) -> Result<Self, IssuerError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| IssuerError::Crypto)?;
        Ok(Self { pair, id })
    }

    fn open(path: &Path, id: &'static str) -> Result<(Self, bool), IssuerError> {
        let failed = |cause| IssuerError::File { path: path.display().to_string(), cause };
        let (key, is_new) = match fs::read(path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                let is_new = Self::generate(id)?.keep(path).map_err(failed)?;
                (fs::read(path).map_err(failed)?, is_new)
            }
            read => (read.map_err(failed)?, false),
        };
        let pair = Ed25519KeyPair::from_pkcs8(&key).map_err(|_| IssuerError::NotAKey(path.to_owned()))?;
        private::restrict(path).map_err(failed)?;
        Ok((Self { pair, id }, is_new))
    }

    /// Writes the key to `path` unless a file exists there, and returns whether it did. The file gets this name when it
    /// is complete, and only its owner can read it.
    fn keep(&self, path: &Path) -> io::Result<bool> {
        let directory = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        // By default, the library creates files that only their owner can read.
        let mut file = NamedTempFile::new_in(directory)?;
        file.write_all(&self.pkcs8().map_err(io::Error::other)?)?;
        match file.persist_noclobber(path) {
            Ok(_) => Ok(true),
            Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(failed) => Err(failed.error),
        }
    }

    fn pkcs8(&self) -> Result<Vec<u8>, IssuerError> {
        let key = self.pair.to_pkcs8v1().map_err(|_| IssuerError::Crypto)?;
        Ok(key.as_ref().to_vec())
    }

    fn jwks(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key().as_ref());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.id, "x": x }] })
    }

    fn sign(&self, typ: &str, claims: &Value) -> Result<String, IssuerError> {
        let header =
            Header { kid: Some(self.id.to_owned()), typ: Some(typ.to_owned()), ..Header::new(Algorithm::EdDSA) };
        let key = EncodingKey::from_ed_der(&self.pkcs8()?);
        encode(&header, claims, &key).map_err(|_| IssuerError::Crypto)
    }
}
