//! The command line of the greeter's client: parses it, greets, checks health,
//! and prints what `transport`, `load` and `diagnose` report. It must not know
//! sockets, TLS or HTTP/2: those are `transport`'s.

// `println!` and `eprintln!` panic if the output is closed or full.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod cli;
mod exit;
mod failure;
pub mod greet;
mod health;
pub mod output;
mod stop;

use failure::Failure;
