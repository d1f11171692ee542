//! Documents made from the command line's definition.

use std::{fs, io, path::Path};

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;
use transport::Exit;

use super::{greet, man, usage::usage};
use crate::{
    exit::OUTPUT,
    output::{Stdout, stderr},
};

pub(super) fn completions(mut command: Command, shell: Shell) -> Exit {
    let name = command.get_name().to_owned();
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut text);
    if shell == Shell::Fish {
        text = complete_values(&String::from_utf8_lossy(&text)).into_bytes();
    }
    print(&text)
}

/// Completes the value of the last option in fish. Without the value, `argparse`
/// fails, and the script that clap generates completes nothing.
fn complete_values(script: &str) -> String {
    let parse = "    argparse -s (__fish_greeter_client_global_optspecs) -- $cmd 2>/dev/null\n";
    let again = parse
        .replace("    argparse", "    or argparse")
        .replace("$cmd", "$before_last");
    let last = "    set -l before_last $cmd\n    set -e before_last[-1]\n";
    let comment = "    # The last option may still lack its value.\n";
    script.replace(parse, &format!("{last}{parse}{comment}{again}"))
}

/// Prints the page of the program or of a subcommand, or writes all of them
/// into a directory.
pub(super) fn man(command: Command, subcommand: Option<&str>, dir: Option<&Path>) -> Exit {
    // The exit codes have their own section.
    let mut command = command
        .disable_help_subcommand(true)
        .after_help(greet::EXAMPLES);
    // Gives subcommands their full names, as in greeter-client-load.
    command.build();
    match dir {
        None => match page(&command, subcommand) {
            Ok(text) => print(&text),
            Err(error) => usage(&error),
        },
        Some(dir) => match write_all(&command, dir) {
            Ok(()) => Exit::SUCCESS,
            Err(error) => {
                let dir = dir.display();
                stderr::error(format_args!(
                    "cannot write manual pages into {dir}: {error}; name another directory with --dir"
                ));
                OUTPUT
            }
        },
    }
}

fn page(command: &Command, subcommand: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let command = match subcommand {
        None => command,
        Some(name) => command.find_subcommand(name).with_context(|| {
            format!("there is no subcommand {name:?}; greeter-client --help lists them")
        })?,
    };
    Ok(man::page(command)?)
}

fn write_all(command: &Command, dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    for command in [command].into_iter().chain(command.get_subcommands()) {
        let name = command.get_display_name().unwrap_or(command.get_name());
        fs::write(dir.join(format!("{name}.1")), man::page(command)?)?;
    }
    Ok(())
}

fn print(text: &[u8]) -> Exit {
    let mut stdout = Stdout::default();
    stdout.write(text);
    stdout.exit(Exit::SUCCESS)
}
