//! Times on command lines, such as `250ms` or `1m 30s`.

use std::time::Duration;

/// The longest time that a flag accepts, about three years. A `grpc-timeout`
/// header can express it in seconds, and adding it to a clock cannot overflow.
pub const MAX: Duration = Duration::from_secs(99_999_999);

/// Parses a time that may be zero.
///
/// # Errors
/// If the text is not a time, is negative, or is longer than [`MAX`].
pub fn parse(text: &str) -> Result<Duration, String> {
    match text.trim().strip_prefix('-') {
        Some(rest) if humantime::parse_duration(rest).is_ok() => {
            return Err("must not be negative".to_owned());
        }
        _ => {}
    }
    let time = humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write it as 250ms, 5s or 1m"))?;
    if time > MAX {
        return Err(format!("must not be longer than {} s", MAX.as_secs()));
    }
    Ok(time)
}

/// Parses a time that is greater than zero.
///
/// # Errors
/// As [`parse`], and if the time is zero.
pub fn positive(text: &str) -> Result<Duration, String> {
    let too_small = || "must be greater than zero".to_owned();
    match parse(text) {
        Ok(Duration::ZERO) => Err(too_small()),
        Err(_)
            if text
                .trim()
                .strip_prefix('-')
                .is_some_and(|it| parse(it).is_ok()) =>
        {
            Err(too_small())
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_times() {
        assert_eq!(parse("1m 30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
        assert_eq!(positive("1ns"), Ok(Duration::from_nanos(1)));
    }

    #[test]
    fn refuses_text_that_is_not_a_time() {
        for text in ["", "5", "--tls", "soon", "580000000000y", "200y"] {
            assert!(parse(text).is_err(), "{text:?}");
            assert!(positive(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_the_bound_that_a_time_breaks() {
        assert_eq!(parse("-1s"), Err("must not be negative".to_owned()));
        for text in ["-1s", "0s", "0ms"] {
            let error = positive(text).unwrap_err();
            assert_eq!(error, "must be greater than zero", "{text:?}");
        }
        assert!(
            parse("200y")
                .unwrap_err()
                .contains("longer than 99999999 s")
        );
    }
}
