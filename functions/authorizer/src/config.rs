//! The configuration, which is read from the environment when the function starts.

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use shared::api::RoleName;
use shared::config::{ConfigError, optional, required};
use shared::domain::UnixSeconds;

use crate::https::HttpsUrl;
use crate::keys::KeySet;
use crate::policy::ApiStage;
use crate::published::PublishedKeys;
use crate::reason::Reason;
use crate::service_keys::ServiceKeys;

/// The maximum lifetime of a token, unless a deployment sets another: a day.
pub const MAX_TOKEN_LIFETIME: UnixSeconds = 24 * 60 * 60;

/// The roles that the provider may assert, unless a deployment sets others.
pub const PROVIDER_ROLES: [RoleName; 3] = [RoleName::Operator, RoleName::Integration, RoleName::Admin];

/// The only roles that this service asserts.
const SERVICE_ROLES: [RoleName; 2] = [RoleName::App, RoleName::Passenger];

/// Which tokens are accepted.
#[derive(Debug)]
pub struct Config {
    provider: Issuer,
    service: Option<Issuer>,
    /// `MAX_TOKEN_LIFETIME_SECONDS`: the maximum time from a token's `iat` to its `exp`. RFC 7519 sets no limit, and an
    /// issuer that writes `exp` in milliseconds by mistake creates tokens that are valid for millennia.
    pub(crate) max_token_lifetime: UnixSeconds,
}

/// An issuer, and the rules for its tokens.
#[derive(Debug)]
pub(crate) struct Issuer {
    /// The `iss` of its tokens.
    name: String,
    pub(crate) kind: Kind,
    pub(crate) keys: Keys,
    /// A token is for this API if its `aud` is one of these. The provider's are those of `JWT_AUDIENCE`. For this
    /// service it is the name of the issuer, so that the app tokens in shipped apps survive a change of the provider.
    pub(crate) audiences: Vec<String>,
    pub(crate) roles: Vec<RoleName>,
    pub(crate) claims: ClaimNames,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The platform's identity provider.
    Provider,
    /// This service, for its apps and passengers.
    Service,
}

/// The source of an issuer's keys.
#[derive(Debug)]
pub(crate) enum Keys {
    Configured(Arc<KeySet>),
    Published(PublishedKeys),
    /// The API that a request is sent to publishes them.
    OfService(ServiceKeys),
}

/// The names of the claims that identify the caller. A provider may require a prefix, such as
/// `https://example.com/role`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    /// `CLIENT_ID_CLAIM`: the tenant.
    pub client: String,
    /// `ROLE_CLAIM`.
    pub role: String,
    /// `BRAND_ID_CLAIM`: the brand of an app.
    pub brand: String,
    /// `CUSTOMER_ID_CLAIM`: the customer id of a passenger.
    pub customer: String,
}

impl Config {
    /// # Errors
    /// Names the first variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let (issuer, audience) = (required("JWT_ISSUER")?, required("JWT_AUDIENCE")?);
        let mut config = match (optional("JWKS")?, optional("JWKS_URL")?) {
            (Some(jwks), None) => Self::new(issuer, &audience, &jwks)?,
            (None, Some(url)) => Self::published(issuer, &audience, https_url("JWKS_URL", &url)?)?,
            (None, None) => return Err(wrong("JWKS", "is not set, and JWKS_URL is not set either")),
            (Some(_), Some(_)) => return Err(wrong("JWKS", "and JWKS_URL are both set; set one of them")),
        };
        if let Some(roles) = optional("PROVIDER_ROLES")? {
            config = config.with_provider_roles(provider_roles(&roles)?);
        }
        config = config.with_claims(ClaimNames::from_env()?)?;
        config = match (optional("SERVICE_ISSUER")?, optional("SERVICE_JWKS")?, optional("SERVICE_JWKS_URL")?) {
            (None, None, None) => config,
            (None, ..) => return Err(ConfigError::Missing("SERVICE_ISSUER")),
            (Some(name), None, None) => config.with_fetched_service(name)?,
            (Some(name), Some(jwks), None) => config.with_service(name, &jwks)?,
            (Some(name), None, Some(url)) => {
                config.with_published_service(name, https_url("SERVICE_JWKS_URL", &url)?)?
            }
            (Some(_), Some(_), Some(_)) => {
                return Err(wrong("SERVICE_JWKS", "and SERVICE_JWKS_URL are both set; set one of them"));
            }
        };
        Ok(config.with_max_token_lifetime(lifetime(&required("MAX_TOKEN_LIFETIME_SECONDS")?)?))
    }

    /// The configuration for a provider with these keys. Everything else has its default. `audience` is the `aud` of its
    /// tokens, or several separated by commas.
    ///
    /// # Errors
    /// Names the first variable whose value is wrong.
    pub fn new(issuer: String, audience: &str, jwks: &str) -> Result<Self, ConfigError> {
        let keys = key_set("JWKS", jwks)?;
        Self::of_provider(issuer, audience, Keys::Configured(Arc::new(keys)))
    }

    /// The configuration for a provider that publishes its keys at this URL. Everything else has its default.
    ///
    /// # Errors
    /// Names the first variable whose value is wrong.
    pub fn published(issuer: String, audience: &str, url: HttpsUrl) -> Result<Self, ConfigError> {
        let keys = PublishedKeys::new(url, issuer.clone());
        Self::of_provider(issuer, audience, Keys::Published(keys))
    }

    fn of_provider(issuer: String, audience: &str, keys: Keys) -> Result<Self, ConfigError> {
        let provider = Issuer {
            name: word("JWT_ISSUER", issuer)?,
            kind: Kind::Provider,
            keys,
            audiences: audiences(audience)?,
            roles: PROVIDER_ROLES.to_vec(),
            claims: ClaimNames::default(),
        };
        Ok(Self { provider, service: None, max_token_lifetime: MAX_TOKEN_LIFETIME })
    }

    /// Sets the roles that the provider may assert.
    #[must_use]
    pub fn with_provider_roles(mut self, roles: Vec<RoleName>) -> Self {
        self.provider.roles = roles;
        self
    }

    /// Sets the names of the provider's claims.
    ///
    /// # Errors
    /// Names the first variable whose value is wrong.
    pub fn with_claims(mut self, claims: ClaimNames) -> Result<Self, ConfigError> {
        claims.check()?;
        self.provider.claims = claims;
        Ok(self)
    }

    /// Also accepts the tokens of this service, with these keys.
    ///
    /// # Errors
    /// If the keys are not valid, or if the provider has the same name or one of the keys: each issuer needs
    /// its own.
    pub fn with_service(mut self, issuer: String, jwks: &str) -> Result<Self, ConfigError> {
        let keys = Arc::new(key_set("SERVICE_JWKS", jwks)?);
        match &mut self.provider.keys {
            Keys::Configured(of_provider) if of_provider.shares_a_key_with(&keys) => {
                return Err(wrong("JWKS", "has a key that is also in SERVICE_JWKS"));
            }
            Keys::Configured(_) => {}
            Keys::Published(of_provider) => of_provider.reserve(Arc::clone(&keys)),
            Keys::OfService(_) => unreachable!("the provider's keys are not this service's"),
        }
        self.with_service_keys(issuer, Keys::Configured(keys))
    }

    /// Accepts the tokens of this service too, with the keys that it publishes at this address. They are fetched for
    /// its first token.
    ///
    /// # Errors
    /// A name that is wrong, or that is the provider's.
    pub fn with_published_service(self, issuer: String, url: HttpsUrl) -> Result<Self, ConfigError> {
        let mut keys = PublishedKeys::new(url, issuer.clone());
        if let Some(of_provider) = self.configured_keys() {
            keys.reserve(of_provider);
        }
        self.with_service_keys(issuer, Keys::Published(keys))
    }

    /// The same with the keys that the API of a request publishes.
    ///
    /// # Errors
    /// A name that is wrong, or that is the provider's.
    pub fn with_fetched_service(self, issuer: String) -> Result<Self, ConfigError> {
        let keys = ServiceKeys::new(issuer.clone(), self.configured_keys());
        self.with_service_keys(issuer, Keys::OfService(keys))
    }

    fn with_service_keys(mut self, issuer: String, keys: Keys) -> Result<Self, ConfigError> {
        let name = word("SERVICE_ISSUER", issuer)?;
        if name == self.provider.name {
            return Err(wrong("JWT_ISSUER", "is the name of this service's own issuer (SERVICE_ISSUER)"));
        }
        let (kind, audiences) = (Kind::Service, vec![name.clone()]);
        let (roles, claims) = (SERVICE_ROLES.to_vec(), ClaimNames::default());
        self.service = Some(Issuer { name, kind, keys, audiences, roles, claims });
        Ok(self)
    }

    /// The provider's keys, unless they are published.
    fn configured_keys(&self) -> Option<Arc<KeySet>> {
        match &self.provider.keys {
            Keys::Configured(keys) => Some(Arc::clone(keys)),
            Keys::Published(_) | Keys::OfService(_) => None,
        }
    }

    #[must_use]
    pub fn with_max_token_lifetime(self, max_token_lifetime: UnixSeconds) -> Self {
        Self { max_token_lifetime, ..self }
    }

    /// The issuer with this `iss`.
    pub(crate) fn issuer(&self, name: &str) -> Option<&Issuer> {
        [Some(&self.provider), self.service.as_ref()].into_iter().flatten().find(|issuer| issuer.name == name)
    }

    /// Fetches the provider's keys if they are published.
    pub(crate) async fn prepare(&self, now: UnixSeconds) {
        if let Keys::Published(keys) = &self.provider.keys {
            keys.prepare(now).await;
        }
    }
}

impl Keys {
    /// The keys in which to look for this `kid` and `alg`.
    pub(crate) async fn current(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        stage: ApiStage<'_>,
        now: UnixSeconds,
    ) -> Result<Arc<KeySet>, Reason> {
        let keys = match self {
            Self::Configured(keys) => return Ok(Arc::clone(keys)),
            Self::Published(keys) => keys.current(kid, algorithm, now).await,
            Self::OfService(keys) => keys.of(stage).ok_or(Reason::MalformedEvent)?.current(kid, algorithm, now).await,
        };
        keys.ok_or(Reason::KeysUnavailable)
    }
}

impl ClaimNames {
    fn from_env() -> Result<Self, ConfigError> {
        let mut names = Self::default();
        for (variable, name) in names.variables() {
            if let Some(set) = optional(variable)? {
                *name = set;
            }
        }
        Ok(names)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let mut copy = self.clone();
        let mut before = Vec::new();
        for (variable, name) in copy.variables() {
            let name = word(variable, name.clone())?;
            if before.contains(&name) {
                return Err(wrong(variable, "names the same claim as another variable"));
            }
            before.push(name);
        }
        Ok(())
    }

    fn variables(&mut self) -> [(&'static str, &mut String); 4] {
        let Self { client, role, brand, customer } = self;
        [("CLIENT_ID_CLAIM", client), ("ROLE_CLAIM", role), ("BRAND_ID_CLAIM", brand), ("CUSTOMER_ID_CLAIM", customer)]
    }
}

impl Default for ClaimNames {
    fn default() -> Self {
        let [client, role, brand, customer] = ["clientId", "role", "brandId", "customerId"].map(str::to_owned);
        Self { client, role, brand, customer }
    }
}

fn key_set(name: &'static str, jwks: &str) -> Result<KeySet, ConfigError> {
    KeySet::parse(jwks).map_err(|error| ConfigError::Wrong { name, problem: error.to_string() })
}

fn https_url(name: &'static str, url: &str) -> Result<HttpsUrl, ConfigError> {
    HttpsUrl::parse(url).ok_or_else(|| wrong(name, "is not a URL that begins with https://"))
}

/// The audiences in a list. Cognito has an audience for each of its clients.
fn audiences(list: &str) -> Result<Vec<String>, ConfigError> {
    list.split(',').map(|audience| word("JWT_AUDIENCE", audience.to_owned())).collect()
}

fn provider_roles(list: &str) -> Result<Vec<RoleName>, ConfigError> {
    let roles = list.split(',').map(|name| RoleName::named(name.trim())).collect::<Option<_>>();
    roles.ok_or_else(|| wrong("PROVIDER_ROLES", "is not a list of roles such as operator,integration,admin"))
}

fn wrong(name: &'static str, problem: &str) -> ConfigError {
    ConfigError::Wrong { name, problem: problem.to_owned() }
}

/// Refuses white space in a value that is compared with a claim, because it is a mistake in the configuration.
fn word(name: &'static str, value: String) -> Result<String, ConfigError> {
    if value.is_empty() || value.contains(char::is_whitespace) {
        return Err(wrong(name, "is empty or has white space in it"));
    }
    Ok(value)
}

fn lifetime(seconds: &str) -> Result<UnixSeconds, ConfigError> {
    let lifetime = seconds.parse().ok().filter(|lifetime| *lifetime >= 1);
    lifetime.ok_or_else(|| wrong("MAX_TOKEN_LIFETIME_SECONDS", "is not a number of seconds of at least 1"))
}
