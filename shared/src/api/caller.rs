//! Who is calling: what the gateway's authorizer put into the request context, and nothing else.

use axum::extract::FromRequestParts;
use http::request::Parts;
use lambda_http::request::RequestContext;
use serde_json::Value;

use super::{Code, Problem};
use crate::domain::{BrandId, ClientId, CustomerId};

/// Somebody with a role in one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub client: ClientId,
    pub role: Role,
}

/// What a caller is; see `api::access` for what each may do.
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
    },
}

impl Role {
    /// Staff of the tenant, or a system that stands for them.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        matches!(self, Self::Operator | Self::Integration | Self::Admin)
    }
}

impl Caller {
    /// Reads the authorizer's context: `clientId`, `role`, for an app `brandId`, for a passenger `customerId`.
    /// `None` if it is not exactly that, down to an id that the role should not have.
    #[must_use]
    pub fn from_context(context: &RequestContext) -> Option<Self> {
        let fields = &context.authorizer()?.fields;
        let text = |name| match fields.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::String(text)) => Some(Some(text.clone())),
            Some(_) => None,
        };
        let brand = text("brandId")?.map(BrandId::parse).transpose().ok()?;
        let customer = text("customerId")?.map(CustomerId::parse).transpose().ok()?;
        let role = match (text("role")??.as_str(), brand, customer) {
            ("operator", None, None) => Role::Operator,
            ("integration", None, None) => Role::Integration,
            ("admin", None, None) => Role::Admin,
            ("app", Some(brand), None) => Role::App { brand },
            ("passenger", None, Some(customer)) => Role::Passenger { customer },
            _ => return None,
        };
        Some(Self { client: ClientId::parse(text("clientId")??).ok()?, role })
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<RequestContext>()
            .and_then(Self::from_context)
            .ok_or_else(|| Problem::new(Code::Unauthorized, "The request carries no caller. Send a valid token."))
    }
}
