//! Validation of names.

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

const MAX_BYTES: usize = 4096;
const DEFAULT: &str = "world";

/// The name to greet: the one in the request, or `world` if it is empty.
///
/// # Errors
/// `INVALID_ARGUMENT` with `google.rpc.BadRequest` details if the name is too
/// long, or has control characters, which would garble logs and terminals.
pub(crate) fn check(name: &str) -> Result<&str, Status> {
    let violation = if name.is_empty() {
        return Ok(DEFAULT);
    } else if name.len() > MAX_BYTES {
        format!(
            "is {} bytes long; at most {MAX_BYTES} are allowed",
            name.len()
        )
    } else if name.chars().any(char::is_control) {
        "must not have control characters".to_owned()
    } else {
        return Ok(name);
    };
    Err(Status::with_error_details(
        Code::InvalidArgument,
        format!("name {violation}"),
        ErrorDetails::with_bad_request_violation("name", violation),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets_the_world_without_a_name() {
        assert_eq!(check("").unwrap(), "world");
        assert_eq!(check("Alice").unwrap(), "Alice");
        assert_eq!(check(&"é".repeat(MAX_BYTES / 2)).unwrap().len(), MAX_BYTES);
    }

    #[test]
    fn refuses_long_names_and_control_characters_with_details() {
        for name in [&"a".repeat(MAX_BYTES + 1), "a\nb", "\u{7f}", "\u{9b}31m"] {
            let status = check(name).unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument);
            let details = status.get_details_bad_request().unwrap();
            assert_eq!(details.field_violations[0].field, "name");
        }
    }
}
