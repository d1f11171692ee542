//! The commit and the date of the build, for `--version` and `/version`.
//! Only the programs' crates depend on it, because every commit rebuilds it. It
//! knows nothing of the programs.

/// The commit's hash, 12 digits; with the suffix `-dirty` if an image was built
/// from changed sources; `unknown` outside of a Git repository.
pub const COMMIT: &str = env!("BUILD_INFO_COMMIT");

/// The day of the build in UTC, or that of `SOURCE_DATE_EPOCH`: `YYYY-MM-DD`.
pub const DATE: &str = env!("BUILD_INFO_DATE");

/// Version, commit and date in one line: `0.1.0 (commit …, built …)`.
pub const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (commit ",
    env!("BUILD_INFO_COMMIT"),
    ", built ",
    env!("BUILD_INFO_DATE"),
    ")"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_a_commit_and_a_day() {
        let hash = COMMIT.strip_suffix("-dirty").unwrap_or(COMMIT);
        let hexadecimal = hash.len() == 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(hexadecimal || COMMIT == "unknown", "{COMMIT}");
        let parts: Vec<_> = DATE.split('-').map(str::len).collect();
        assert_eq!(parts, [4, 2, 2], "{DATE}");
    }
}
