//! What the command lines of all programs share: durations, PEM files, and
//! errors as one line of text. It knows no protocol, and none of the programs.

pub mod duration;
pub mod pem;
mod text;

pub use text::{causes, chain, printable, with_causes};
