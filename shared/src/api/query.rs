//! Query parameters.

use http::Uri;

use crate::domain::Invalid;

/// The decoded value of the query parameter `name`, which must occur once.
///
/// # Errors
/// [`Invalid::Required`] if it is missing, [`Invalid::RepeatedParameter`] if it occurs twice.
pub fn single(uri: &Uri, name: &str) -> Result<String, Invalid> {
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut values = pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(Invalid::Required),
        (Some(_), Some(_)) => Err(Invalid::RepeatedParameter),
    }
}
