//! Who is calling. Only the request context, which the gateway's authorizer fills, decides this.

use axum::extract::FromRequestParts;
use http::request::Parts;
use lambda_http::request::RequestContext;
use serde_json::Value;

use super::{Code, Problem};
use crate::domain::{
    Access, Actor, ActorRole, BrandId, ClientId, CustomerId, SessionClaim, SessionId, Subject, UnixSeconds,
};

/// An authenticated caller: a role in one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub client: ClientId,
    pub role: Role,
    /// The `sub` of the caller's token, if it is an id.
    pub subject: Option<Subject>,
}

/// The role of a caller. `api::operation` lists which operations each role may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    Operator,
    Integration,
    Admin,
    /// A brand's app before anyone has logged in.
    App {
        brand: BrandId,
    },
    /// A logged-in customer.
    Passenger {
        customer: CustomerId,
        /// The session that the token belongs to. Tokens of the provider belong to none.
        session: Option<SessionClaim>,
    },
}

impl Role {
    /// The role without its id.
    #[must_use]
    pub fn role_name(&self) -> RoleName {
        match self {
            Self::Operator => RoleName::Operator,
            Self::Integration => RoleName::Integration,
            Self::Admin => RoleName::Admin,
            Self::App { .. } => RoleName::App,
            Self::Passenger { .. } => RoleName::Passenger,
        }
    }

    /// The name of the role in a token's claim and in the authorizer's context.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.role_name().as_str()
    }

    /// Whether the caller is staff of the tenant, or a system that acts for them.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        matches!(self, Self::Operator | Self::Integration | Self::Admin)
    }
}

/// The name of a role, without the id of its brand or customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleName {
    Operator,
    Integration,
    Admin,
    App,
    Passenger,
}

impl RoleName {
    pub const ALL: [Self; 5] = [Self::Operator, Self::Integration, Self::Admin, Self::App, Self::Passenger];

    /// The role with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Integration => "integration",
            Self::Admin => "admin",
            Self::App => "app",
            Self::Passenger => "passenger",
        }
    }
}

impl Caller {
    /// The author to store on a record that this caller writes.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let role = match &self.role {
            Role::Operator => ActorRole::Operator,
            Role::Integration => ActorRole::Integration,
            Role::Admin => ActorRole::Admin,
            Role::App { .. } => ActorRole::App,
            Role::Passenger { .. } => ActorRole::Passenger,
        };
        Actor { role, subject: self.subject.clone() }
    }

    /// What the customer's record must allow for a request of this caller.
    #[must_use]
    pub fn access(&self) -> Access {
        match &self.role {
            Role::Passenger { session: Some(session), .. } => Access::Session(session.clone()),
            Role::Passenger { session: None, .. } => Access::Open,
            Role::Operator | Role::Integration | Role::Admin | Role::App { .. } => Access::Any,
        }
    }

    /// Reads the authorizer's context: `clientId`, `role`, `brandId` for an app, `customerId` for a passenger, and
    /// optionally `subject`, and `sid` with `epoch` for a passenger. Returns `None` if a field is missing or malformed, or
    /// if the role must not have it.
    #[must_use]
    pub fn from_context(context: &RequestContext) -> Option<Self> {
        let fields = &context.authorizer()?.fields;
        let text = |name| match fields.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::String(text)) => Some(Some(text.as_str())),
            Some(_) => None,
        };
        let caller = Self::from_parts(text("clientId")??, text("role")??, text("brandId")?, text("customerId")?)?;
        let caller = match (text("sid")?, text("epoch")?) {
            (None, None) => caller,
            (Some(id), Some(epoch)) => caller.in_session(id, epoch.parse().ok()?)?,
            _ => return None,
        };
        Some(Self { subject: text("subject")?.map(Subject::parse).transpose().ok()?, ..caller })
    }

    /// Makes a caller without a subject from an authorizer's context or a token's claims. Returns `None` if an id is
    /// malformed, the role is unknown, or the ids are not exactly those of the role.
    #[must_use]
    pub fn from_parts(client: &str, role: &str, brand: Option<&str>, customer: Option<&str>) -> Option<Self> {
        let brand = brand.map(BrandId::parse).transpose().ok()?;
        let customer = customer.map(CustomerId::parse).transpose().ok()?;
        let role = match (role, brand, customer) {
            ("operator", None, None) => Role::Operator,
            ("integration", None, None) => Role::Integration,
            ("admin", None, None) => Role::Admin,
            ("app", Some(brand), None) => Role::App { brand },
            ("passenger", None, Some(customer)) => Role::Passenger { customer, session: None },
            _ => return None,
        };
        Some(Self { client: ClientId::parse(client).ok()?, role, subject: None })
    }

    /// This passenger with a token of a session. Returns `None` if the id is malformed or the caller is no passenger.
    #[must_use]
    pub fn in_session(self, id: &str, epoch: u64) -> Option<Self> {
        let Role::Passenger { customer, .. } = self.role else { return None };
        let session = Some(SessionClaim { id: SessionId::parse(id).ok()?, epoch });
        Some(Self { role: Role::Passenger { customer, session }, ..self })
    }
}

/// How many seconds the clocks of a token's issuer and of this service may differ.
pub const LEEWAY: UnixSeconds = 30;

/// Whether a token with this `exp` has expired at `now`.
#[must_use]
pub fn has_expired(exp: UnixSeconds, now: UnixSeconds) -> bool {
    now >= exp.saturating_add(LEEWAY)
}

/// Whether the `exp` in the authorizer's context has passed, is malformed or is missing. The gateway caches the
/// authorizer's response, so it may accept a token that has expired since.
#[must_use]
pub fn context_has_expired(context: &RequestContext, now: UnixSeconds) -> bool {
    let exp = context.authorizer().and_then(|authorizer| authorizer.fields.get("exp")?.as_str()?.parse().ok());
    exp.is_none_or(|exp| has_expired(exp, now))
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<RequestContext>().and_then(Self::from_context).ok_or_else(|| {
            Problem::new(Code::Unauthorized, "The request has no authenticated caller. Send a valid token.")
        })
    }
}
