//! Times on command lines, such as `250ms` or `1m 30s`.

use std::time::Duration;

/// Longer than any server runs, and short enough to be added to any clock.
const MAX: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Parses a time.
///
/// # Errors
/// If it is none, or longer than a century.
pub fn any(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write it as 250ms, 5s or 1m"))?;
    if time > MAX {
        return Err("longer than a century".to_owned());
    }
    Ok(time)
}

/// Parses a time that is longer than none.
///
/// # Errors
/// As [`any`], and if it is zero.
pub fn positive(text: &str) -> Result<Duration, String> {
    match any(text)? {
        Duration::ZERO => Err("has to be longer than zero".to_owned()),
        time => Ok(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_times_and_refuses_what_is_none() {
        assert_eq!(any("1m 30s"), Ok(Duration::from_secs(90)));
        assert_eq!(any("0s"), Ok(Duration::ZERO));
        assert!(positive("0s").is_err());
        for text in ["", "5", "-1s", "580000000000y", "200y"] {
            assert!(any(text).is_err(), "{text:?}");
        }
    }
}
