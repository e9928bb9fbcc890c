//! Why a token is refused. The log gets a code; the caller always gets the same error.

use lambda_http::lambda_runtime::Diagnostic;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident $code:literal,)*) => {
        /// Why a request is not authenticated.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason { $($(#[$doc])* $variant),* }

        impl Reason {
            /// The code in the log.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }
        }
    };
}

reasons! {
    /// The event is not one that the gateway sends to an authorizer.
    MalformedEvent "malformed_event",
    /// No `Authorization` header.
    NoToken "no_token",
    /// More than one `Authorization` header.
    ManyTokens "many_tokens",
    /// The header is not the scheme `Bearer` with one token.
    NotBearer "not_bearer",
    /// The token is not a JWT with an algorithm that `jsonwebtoken` knows. It does not know `none`.
    MalformedToken "malformed_token",
    /// The token's header requires an extension (`crit`). None is supported.
    UnknownExtension "unknown_extension",
    /// No key of the set has the token's `kid`.
    UnknownKey "unknown_key",
    /// The token has no `kid`, and there is not exactly one key for its algorithm.
    NoKeyId "no_key_id",
    /// The token's key is for another algorithm.
    WrongAlgorithm "wrong_algorithm",
    BadSignature "bad_signature",
    /// The signature is valid, but a claim has the wrong type or occurs twice.
    MalformedClaims "malformed_claims",
    WrongIssuer "wrong_issuer",
    WrongAudience "wrong_audience",
    NoExpiry "no_expiry",
    Expired "expired",
    NotYetValid "not_yet_valid",
    /// The token is valid for longer than `MAX_TOKEN_LIFETIME_SECONDS`, for example because its `exp` is in
    /// milliseconds.
    LifetimeTooLong "lifetime_too_long",
    /// An ID token, or another kind that is not for an API.
    NotAccessToken "not_access_token",
    /// The token's issuer may not assert this role.
    RoleNotAllowed "role_not_allowed",
    /// The list of roles in the token contains several roles of this service.
    ManyRoles "many_roles",
    /// The claims do not describe a caller: an id is malformed, the role is unknown, or the ids are not exactly those
    /// of the role.
    BadCaller "bad_caller",
    /// It is a passenger's token of this service, and names no session.
    NoSession "no_session",
    /// The token may be valid, but its issuer's keys could not be fetched yet.
    KeysUnavailable "keys_unavailable",
}

/// Why the authorizer returns no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The token is refused. For exactly this word, the gateway returns 401.
    #[error("Unauthorized")]
    Unauthorized,
    /// The token cannot be checked. For any other text, the gateway returns 500. A 401 would log everyone out.
    #[error("The issuer's keys are unavailable")]
    KeysUnavailable,
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        if reason == Reason::KeysUnavailable { Self::KeysUnavailable } else { Self::Unauthorized }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        let error_type = match failure {
            Failure::Unauthorized => "Unauthorized",
            Failure::KeysUnavailable => "KeysUnavailable",
        };
        Self { error_type: error_type.to_owned(), error_message: failure.to_string() }
    }
}
