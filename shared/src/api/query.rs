//! Query parameters: which ones an operation has, and reading them.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::Uri;
use http::request::Parts;

use super::problem::FieldError;
use super::{Code, Operation, Problem};
use crate::domain::Invalid;

/// The query parameters of `operation`. The pipeline refuses every other one, so that a misspelled parameter is never
/// ignored; a test compares them with those that the operation's docs describe.
#[must_use]
pub fn parameters_of(operation: Operation) -> &'static [&'static str] {
    match operation {
        Operation::SearchCustomers => &["name", "email", "phoneEnding", "limit", "cursor"],
        Operation::FindCustomerByPhone => &["phone", "include", "addressLimit", "addressOrder"],
        Operation::GetCustomer | Operation::GetBrandCustomer | Operation::GetAccountCustomer => {
            &["include", "addressLimit", "addressOrder"]
        }
        Operation::GetHealth | Operation::HeadHealth => &["deep"],
        _ => &[],
    }
}

/// Refuses every query parameter that `operation` does not have.
///
/// # Errors
/// [`Code::ValidationFailed`].
pub(super) fn refuse_other_parameters(operation: Operation, uri: &Uri) -> Result<(), Problem> {
    let known = parameters_of(operation);
    let mut unknown: Vec<String> = pairs(uri).map(|(name, _)| name).filter(|name| !known.contains(&&**name)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    unknown.sort_unstable();
    unknown.dedup();
    let errors = unknown.into_iter().map(|name| FieldError::in_parameter(name, &Invalid::UnknownParameter));
    Err(Problem::fields(Code::ValidationFailed, errors.collect()))
}

/// The parameters in their order, decoded.
fn pairs(uri: &Uri) -> impl Iterator<Item = (String, String)> {
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned()))
}

/// The integer in `raw`, from 1 to `max`.
///
/// # Errors
/// [`Invalid::WrongType`] or [`Invalid::OutOfRange`].
pub fn count(raw: &str, max: u8) -> Result<u8, Invalid> {
    if raw.is_empty() || !raw.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Invalid::WrongType("an integer"));
    }
    // A text of digits fails to parse only if the number is too large.
    let count = raw.parse().ok().filter(|count| (1..=max).contains(count));
    count.ok_or(Invalid::OutOfRange { min: 1, max: max.into() })
}

/// Reads the parameters of a query and keeps everything that is wrong with them.
pub struct Query {
    pairs: Vec<(String, String)>,
    wrong: Vec<FieldError>,
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { pairs: pairs(&parts.uri).collect(), wrong: Vec::new() })
    }
}

impl Query {
    /// Whether the parameter was sent.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(sent, _)| sent == name)
    }

    /// The parameter `name`, if it was sent; `read` gives its value.
    pub fn optional<T>(&mut self, name: &'static str, read: impl FnOnce(&str) -> Result<T, Invalid>) -> Option<T> {
        let mut values = self.pairs.iter().filter(|(sent, _)| sent == name).map(|(_, value)| value);
        let read = match (values.next()?, values.next()) {
            (value, None) => read(value),
            (_, Some(_)) => Err(Invalid::RepeatedParameter),
        };
        read.map_err(|invalid| self.refuse(name, &invalid)).ok()
    }

    /// The same, for a parameter that every request has. `None` if something is wrong with it.
    pub fn required<T>(&mut self, name: &'static str, read: impl FnOnce(&str) -> Result<T, Invalid>) -> Option<T> {
        if !self.has(name) {
            self.refuse(name, &Invalid::Required);
        }
        self.optional(name, read)
    }

    /// Refuses a parameter, for a rule that looks at several.
    pub fn refuse(&mut self, name: &'static str, invalid: &Invalid) {
        self.wrong.push(FieldError::in_parameter(name, invalid));
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// The problem that names every broken rule, if there is one.
    pub fn finish(self) -> Result<(), Problem> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Problem::fields(Code::ValidationFailed, self.wrong)) }
    }
}
