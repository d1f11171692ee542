//! The exit codes of signals, and the table of all exit codes.

use transport::Exit;

/// SIGINT stopped the greetings (128 + 2).
pub(crate) const INTERRUPTED: Exit = Exit(130);
/// SIGTERM stopped the greetings (128 + 15).
pub(crate) const TERMINATED: Exit = Exit(143);

/// Every exit code and its meaning.
pub(crate) const TABLE: [(&str, &str); 12] = [
    ("0", "success"),
    ("2", "usage"),
    ("3", "name resolution"),
    ("4", "connect"),
    ("5", "TLS or certificate"),
    ("6", "protocol (ALPN, HTTP/2)"),
    ("7", "deadline"),
    ("8", "RPC status not OK"),
    ("9", "not serving"),
    ("10", "--fail-if exceeded"),
    ("130", "stopped by SIGINT"),
    ("143", "stopped by SIGTERM"),
];

/// The table for the help, in three columns of at most 80 characters.
#[must_use]
pub(crate) fn help() -> String {
    let rows = TABLE.len() / 3;
    let mut text = "Exit codes:".to_owned();
    for row in 0..rows {
        let cell = |column: usize| TABLE[row + column * rows];
        let [(a, first), (b, second), (c, third)] = [cell(0), cell(1), cell(2)];
        text += &format!("\n  {a:>3}  {first:<15}  {b:>3}  {second:<23}  {c:>3}  {third}");
    }
    text
}
