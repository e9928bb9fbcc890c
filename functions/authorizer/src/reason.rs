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
    /// Its claims are no caller: one is not an id, or the role is unknown, or has an id too many or too few.
    BadCaller "bad_caller",
}

/// The answer to every token that is refused. The gateway knows it by this exact word and answers 401; anything else
/// would be a 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Unauthorized")]
pub struct Unauthorized;

impl From<Unauthorized> for Diagnostic {
    fn from(refused: Unauthorized) -> Self {
        Self { error_type: "Unauthorized".to_owned(), error_message: refused.to_string() }
    }
}
