//! Manual pages: clap's sections, a synopsis with values, EXIT STATUS, ENVIRONMENT,
//! EXAMPLES.

use std::io;

use clap::{Arg, Command};
use clap_mangen::Man;

use crate::exit;

/// The environment variables and their meaning.
const ENVIRONMENT: [(&str, &str); 4] = [
    (
        "HTTPS_PROXY, ALL_PROXY",
        "The HTTP proxy to the server, as http://user:password@host:port. It opens a tunnel with CONNECT, also for plaintext.",
    ),
    (
        "NO_PROXY",
        "Hosts, domains and networks that are dialled directly, separated by commas. localhost, loopback addresses and Unix sockets always are.",
    ),
    (
        "SSLKEYLOGFILE",
        "The file to which the keys of TLS connections are appended, for a packet analyser.",
    ),
    ("NO_COLOR", "If it is set, diagnose prints no colours."),
];

/// One page.
pub(super) fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let source = format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(source);
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    page.extend(synopsis(command).into_bytes());
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    page.extend(definitions("EXIT STATUS", &exit::TABLE).into_bytes());
    page.extend(definitions("ENVIRONMENT", &ENVIRONMENT).into_bytes());
    page.extend(after_help(command).into_bytes());
    if command.get_version().is_some() {
        man.render_version_section(&mut page)?;
    }
    Ok(page)
}

fn synopsis(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let arguments = command.get_arguments().filter(|it| !it.is_hide_set());
    let arguments: Vec<_> = arguments.map(argument).collect();
    let mut text = format!(
        ".SH SYNOPSIS\n.nh\n.ad l\n\\fB{}\\fR {}\n",
        escape(name),
        arguments.join(" ")
    );
    if command.get_subcommands().next().is_some() {
        text += &format!(".PP\n\\fB{}\\fR \\fISUBCOMMAND\\fR …\n", escape(name));
    }
    text + ".ad\n.hy\n"
}

/// An argument with the name of its value, in brackets unless it is required.
fn argument(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let value = names.iter().map(|name| format!("\\fI{}\\fR", escape(name)));
    let value = value.collect::<Vec<_>>().join(" ");
    let flag = match (argument.get_long(), argument.get_short()) {
        (Some(long), _) => format!("\\fB\\-\\-{}\\fR", escape(long)),
        (None, Some(short)) => format!("\\fB\\-{short}\\fR"),
        (None, None) => String::new(),
    };
    let text = match (flag.is_empty(), argument.get_action().takes_values()) {
        (true, _) => value,
        (false, true) => format!("{flag}\\ {value}"),
        (false, false) => flag,
    };
    match argument.is_required_set() {
        true => text,
        false => format!("[{text}]"),
    }
}

/// The text after the help: notes, and the examples as they are.
fn after_help(command: &Command) -> String {
    let text = command.get_after_help().map(ToString::to_string);
    let text = text.unwrap_or_default();
    let (notes, examples) = text.split_once("Examples:\n").unwrap_or((&text, ""));
    let section = |title: &str, text: &str| match text.trim() {
        "" => String::new(),
        _ => format!(".SH {title}\n.nf\n{}\n.fi\n", escape(text.trim_end())),
    };
    section("NOTES", notes) + &section("EXAMPLES", examples)
}

/// A section of terms and their meaning.
fn definitions(title: &str, table: &[(&str, &str)]) -> String {
    let rows = table
        .iter()
        .map(|(term, meaning)| format!(".TP\n\\fB{term}\\fR\n{}\n", escape(meaning)));
    format!(".SH \"{title}\"\n{}", rows.collect::<String>())
}

/// Text for roff: hyphens as minus signs.
fn escape(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}
