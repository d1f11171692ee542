//! What the page shows of this server and of its surroundings.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

/// The part of a trace link that is replaced by the trace's id.
const TRACE_ID: &str = "{trace_id}";

const NODE: &str = "node";
const ZONE: &str = "zone";
const TRACE_URL: &str = "trace-url";
const SHOW_MESH_IDENTITY: &str = "show-mesh-identity";

const NODE_HELP: &str = "The node of this server, for the page; empty if it is not known";
const ZONE_HELP: &str = "The zone of this server, for the page; empty if it is not known";
const TRACE_URL_HELP: &str = "URL of a trace in the tracing UI, for the page, for example \
    `https://jaeger.example.com/trace/{trace_id}`; `{trace_id}` is replaced";
const SHOW_MESH_IDENTITY_HELP: &str = "The page shows the identities in x-forwarded-client-cert. \
    Set it only behind a sidecar: without one, any client can send the header";

/// What only the page shows. Texts are empty if they are not known.
///
/// Its flags are not derived: derived code takes 4 KB of the program for each.
#[derive(Clone, Debug)]
pub struct PageConfig {
    /// The node of this server.
    pub node: String,
    /// The zone of this server.
    pub zone: String,
    /// The template of a link to a trace.
    pub trace_url: String,
    /// Whether the page shows the identities in x-forwarded-client-cert.
    pub show_mesh_identity: bool,
}

impl Args for PageConfig {
    fn augment_args(command: Command) -> Command {
        command.args([
            text_flag(NODE, "NAME", NODE_HELP),
            text_flag(ZONE, "NAME", ZONE_HELP),
            text_flag(TRACE_URL, "URL", TRACE_URL_HELP).value_parser(trace_url),
            Arg::new(SHOW_MESH_IDENTITY)
                .long(SHOW_MESH_IDENTITY)
                .action(ArgAction::SetTrue)
                .help(SHOW_MESH_IDENTITY_HELP),
        ])
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for PageConfig {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let text = |name| matches.get_one::<String>(name).cloned().unwrap_or_default();
        Ok(Self {
            node: text(NODE),
            zone: text(ZONE),
            trace_url: text(TRACE_URL),
            show_mesh_identity: matches.get_flag(SHOW_MESH_IDENTITY),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// A flag with a text.
#[inline(never)]
fn text_flag(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    let arg = Arg::new(name).long(name).value_name(value).help(help);
    arg.default_value("").hide_default_value(true)
}

impl PageConfig {
    /// The link to a trace, if there is a template.
    pub(super) fn trace_link(&self, trace_id: &str) -> Option<String> {
        let (before, after) = self.trace_url.split_once(TRACE_ID)?;
        Some([before, trace_id, after].concat())
    }
}

/// # Errors
/// If the text is no template of a link.
fn trace_url(text: &str) -> Result<String, String> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if text.is_empty() || (is_web && text.split_once(TRACE_ID).is_some()) {
        return Ok(text.to_owned());
    }
    Err("write it as https://HOST/PATH/{trace_id}".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_templates_of_web_addresses() {
        for text in ["", "http://localhost:16686/trace/{trace_id}"] {
            assert_eq!(trace_url(text).unwrap(), text);
        }
        for text in [
            "https://example.com/",
            "javascript:{trace_id}",
            "{trace_id}",
        ] {
            assert!(trace_url(text).is_err(), "{text}");
        }
    }
}
