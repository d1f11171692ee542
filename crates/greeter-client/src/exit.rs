//! The exit codes of the output and of signals, and the table of all exit codes.

use transport::Exit;

/// Standard output or a file could not be written.
pub(crate) const OUTPUT: Exit = Exit(11);
/// SIGINT stopped the greetings (128 + 2).
pub(crate) const INTERRUPTED: Exit = Exit(130);
/// SIGTERM stopped the greetings (128 + 15).
pub(crate) const TERMINATED: Exit = Exit(143);

/// Every exit code and its meaning.
pub(crate) const TABLE: [(&str, &str); 13] = [
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
    ("11", "output not written"),
    ("130", "stopped by SIGINT"),
    ("143", "stopped by SIGTERM"),
];

/// The table for the help, in three columns of at most 80 characters.
#[must_use]
pub(crate) fn help() -> String {
    const WIDTHS: [usize; 3] = [18, 23, 0];
    let rows = TABLE.len().div_ceil(WIDTHS.len());
    let mut text = "Exit codes:".to_owned();
    for row in 0..rows {
        let mut line = String::new();
        for (column, width) in TABLE.chunks(rows).zip(WIDTHS) {
            if let Some((code, meaning)) = column.get(row) {
                line += &format!("  {code:>3}  {meaning:<width$}");
            }
        }
        text += &format!("\n{}", line.trim_end());
    }
    text
}
