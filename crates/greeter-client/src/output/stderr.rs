//! Standard error. A failed write is ignored: there is nowhere to report it, and
//! `eprintln!` would panic.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// Prints an error or a warning after the program's name.
pub fn error(message: impl Display) {
    line(format_args!("greeter-client: {message}"));
}

/// Prints a line.
pub(crate) fn line(text: impl Display) {
    // One write, so that lines of several programs do not mix.
    let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
}
