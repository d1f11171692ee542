//! A hosts file for one program, in a mount namespace of its own.

/// Makes the file $0 the hosts file, then runs the program.
const RUN: &str = r#"mount --bind "$0" /etc/hosts && exec "$@""#;

/// The command line that runs the program after it with this hosts file.
#[must_use]
pub fn with_hosts(file: &str) -> [&str; 7] {
    [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        RUN,
        file,
    ]
}
