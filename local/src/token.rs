//! The command `token`: issues tokens for the `local` of this workspace.

use std::error::Error;
use std::time::Duration;

use authorizer::MAX_TOKEN_LIFETIME;
use local::issuer::{Issuer, IssuerError};
use shared::api::operation::is_path_word;
use shared::api::{Caller, Role};
use shared::clock::Clock;
use shared::domain::UnixSeconds;

use crate::cli::{RoleName, Token};
use crate::home::Home;
use crate::say;

/// How long the tokens that `local` prints are valid.
pub(crate) const PRINTED_FOR: Duration = Duration::from_hours(8);
/// How long an app token is valid. It is long because the token is compiled into the app.
const APP_TOKEN_FOR: Duration = Duration::from_hours(24 * 3650);

/// Prints only the token, so that a shell can capture it.
///
/// # Errors
/// If an id is missing or does not belong to the role, or if the key cannot be used.
pub(crate) fn run(options: Token) -> Result<(), Box<dyn Error>> {
    let expires = lifetime(options.role, options.expires)?;
    let caller = caller(options)?;
    say(mint(&Home::find()?.issuer()?, &caller, expires)?);
    Ok(())
}

/// A token of `caller` that is valid for `time` from now.
pub(crate) fn mint(issuer: &Issuer, caller: &Caller, time: Duration) -> Result<String, IssuerError> {
    let now = Clock::system().now();
    let time = UnixSeconds::try_from(time.as_secs()).unwrap_or(UnixSeconds::MAX);
    issuer.token(caller, now, now.saturating_add(time))
}

fn lifetime(role: RoleName, expires: Option<Duration>) -> Result<Duration, String> {
    let is_app = role == RoleName::App;
    let expires = expires.unwrap_or(if is_app { APP_TOKEN_FOR } else { PRINTED_FOR });
    if expires.as_secs() == 0 {
        return Err("a token must be valid for at least a second; set --expires to a time such as 8h".to_owned());
    }
    let is_long = UnixSeconds::try_from(expires.as_secs()).ok().is_none_or(|seconds| seconds > MAX_TOKEN_LIFETIME);
    if is_long && !is_app {
        return Err("a token is valid for at most 24 hours; set --expires to a shorter time, such as 8h".to_owned());
    }
    Ok(expires)
}

fn caller(options: Token) -> Result<Caller, String> {
    let Token { client, role, brand, customer, expires: _ } = options;
    let role = match (role, brand, customer) {
        (RoleName::Operator, None, None) => Role::Operator,
        (RoleName::Integration, None, None) => Role::Integration,
        (RoleName::Admin, None, None) => Role::Admin,
        (RoleName::App, Some(brand), None) => Role::App { brand },
        (RoleName::App, ..) => return Err("an app has a --brand and no --customer".to_owned()),
        (RoleName::Passenger, None, Some(customer)) if is_path_word(customer.as_str()) => {
            return Err(format!(
                "'{customer}' is part of a path and cannot be a customer's id; use the id of a record"
            ));
        }
        (RoleName::Passenger, None, Some(customer)) => Role::Passenger { customer, session: None },
        (RoleName::Passenger, ..) => return Err("a passenger has a --customer and no --brand".to_owned()),
        (RoleName::Operator | RoleName::Integration | RoleName::Admin, ..) => {
            return Err("only an app has a --brand, and only a passenger a --customer; leave them out".to_owned());
        }
    };
    Ok(Caller { client, role, subject: None })
}
