//! Command lines, one argument on each line: the client accepts or refuses them in
//! words.
#![no_main]

use clap::Parser;
use greeter_client::cli::Cli;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|lines: &str| {
    let arguments = std::iter::once("greeter-client").chain(lines.lines());
    if let Err(error) = Cli::try_parse_from(arguments) {
        assert!(!error.to_string().is_empty());
    }
});
