//! The parameters in the queries of the routes.

use std::borrow::Cow;

use service_kit::Problem;

use crate::problems::repeated;

/// The value of a parameter, decoded. Parameters that a route does not have may come,
/// and may come twice.
///
/// # Errors
/// If this one comes twice.
pub(super) fn parameter<'a>(
    query: Option<&'a str>,
    name: &str,
) -> Result<Option<Cow<'a, str>>, Problem> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut values = pairs.filter(|(key, _)| key == name).map(|(_, value)| value);
    let value = values.next();
    match values.next() {
        Some(_) => Err(repeated(name)),
        None => Ok(value),
    }
}
