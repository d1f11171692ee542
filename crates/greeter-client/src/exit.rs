//! The exit codes beyond those of causes, and the table of all of them.

use transport::Exit;

/// SIGINT stopped the greetings (128 + 2).
pub const INTERRUPTED: Exit = Exit(130);
/// SIGTERM stopped the greetings (128 + 15).
pub const TERMINATED: Exit = Exit(143);

/// Every exit code and its meaning.
pub const TABLE: [(&str, &str); 12] = [
    ("0", "success"),
    ("2", "usage"),
    ("3", "name resolution"),
    ("4", "connect"),
    ("5", "TLS or certificate"),
    ("6", "protocol (ALPN, HTTP/2)"),
    ("7", "deadline"),
    ("8", "the RPC's status is not OK"),
    ("9", "not serving"),
    ("10", "a --fail-if threshold was exceeded"),
    ("130", "SIGINT stopped the greetings"),
    ("143", "SIGTERM stopped the greetings"),
];

/// The table for the help, in two columns.
#[must_use]
pub fn help() -> String {
    let half = TABLE.len() / 2;
    let rows = TABLE[..half].iter().zip(&TABLE[half..]);
    let rows = rows.map(|((code, meaning), (second_code, second))| {
        format!("\n  {code:>3}  {meaning:<26}  {second_code:>3}  {second}")
    });
    format!("Exit codes:{}", rows.collect::<String>())
}
