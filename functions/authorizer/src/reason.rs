//! Why a token is refused: for the log a code, for the caller always the same word.

use lambda_http::lambda_runtime::Diagnostic;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident $code:literal,)*) => {
        /// Why a request is from nobody.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason { $($(#[$doc])* $variant),* }

        impl Reason {
            /// Its code in the log.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }
        }
    };
}

reasons! {
    /// Not what the gateway sends to an authorizer.
    MalformedEvent "malformed_event",
    /// No `Authorization` header.
    NoToken "no_token",
    /// More than one `Authorization` header.
    ManyTokens "many_tokens",
    /// Not the scheme `Bearer` with one token.
    NotBearer "not_bearer",
    /// Not a signed JWT of an algorithm that `jsonwebtoken` knows; `none` is not.
    MalformedToken "malformed_token",
    /// Its header demands an extension (`crit`), and we know none.
    UnknownExtension "unknown_extension",
    /// No key of the set has its `kid`.
    UnknownKey "unknown_key",
    /// It names no `kid`, and not exactly one key is of its algorithm.
    NoKeyId "no_key_id",
    /// Its key is for another algorithm.
    WrongAlgorithm "wrong_algorithm",
    BadSignature "bad_signature",
    /// Signed, but a claim is of the wrong type or there twice.
    MalformedClaims "malformed_claims",
    WrongIssuer "wrong_issuer",
    WrongAudience "wrong_audience",
    NoExpiry "no_expiry",
    Expired "expired",
    NotYetValid "not_yet_valid",
    /// It is good for longer than `MAX_TOKEN_LIFETIME_SECONDS`, such as one whose `exp` is in milliseconds.
    LifetimeTooLong "lifetime_too_long",
    /// An ID token, or another kind that is not for an API.
    NotAccessToken "not_access_token",
    /// Its issuer may not assert this role.
    RoleNotAllowed "role_not_allowed",
    /// Its list of roles has several that this service knows.
    ManyRoles "many_roles",
    /// Its claims are no caller: one is not an id, or the role is unknown, or has an id too many or too few.
    BadCaller "bad_caller",
    /// It may be good: the provider's keys could not be fetched yet.
    KeysUnavailable "keys_unavailable",
}

/// Why the gateway gets no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The token is refused. The gateway knows this exact word and answers 401.
    #[error("Unauthorized")]
    Unauthorized,
    /// The token cannot be judged. The gateway answers 500 to any other text. A 401 would log everyone out.
    #[error("The provider's keys are unavailable")]
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
