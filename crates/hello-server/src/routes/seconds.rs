//! Times in paths and queries.

use std::time::Duration;

use crate::api_error::ApiError;

/// The longest time that a caller can make the server wait.
pub(super) const CAP: Duration = Duration::from_secs(30);

/// Parses seconds such as `0.5`, and caps them.
///
/// # Errors
/// If it is no number, or a negative one.
pub(super) fn parse(text: &str) -> Result<Duration, ApiError> {
    text.parse::<f64>()
        .ok()
        // The smaller of NaN and the cap would be the cap.
        .filter(|seconds| !seconds.is_nan())
        .map(|seconds| seconds.min(CAP.as_secs_f64()))
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| ApiError::bad_request("give the time as seconds, for example 0.5"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_long_times() {
        assert_eq!(parse("0.5").unwrap(), Duration::from_millis(500));
        assert_eq!(parse("31").unwrap(), CAP);
        assert_eq!(parse("inf").unwrap(), CAP);
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "abc", "-1", "-inf", "NaN", "1s"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
