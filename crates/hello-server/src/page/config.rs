//! What the page shows of this server and of its surroundings.

use clap::Args;

/// The part of a trace link that is replaced by the trace's id.
const TRACE_ID: &str = "{trace_id}";

/// What only the page shows.
#[derive(Args, Clone, Debug)]
pub struct PageConfig {
    /// The node of this server, for the page; empty if it is not known
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub node: String,

    /// The zone of this server, for the page; empty if it is not known
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub zone: String,

    /// URL of a trace in the tracing UI, for the page, for example
    /// `https://jaeger.example.com/trace/{trace_id}`; `{trace_id}` is replaced
    #[arg(long, value_name = "URL", value_parser = trace_url, default_value = "", hide_default_value = true)]
    pub trace_url: String,

    /// The page shows the identities in x-forwarded-client-cert. Set it only behind a
    /// sidecar: without one, any client can send the header
    #[arg(long)]
    pub show_mesh_identity: bool,
}

impl PageConfig {
    /// The link to a trace, if there is a template.
    pub(super) fn trace_link(&self, trace_id: &str) -> Option<String> {
        (!self.trace_url.is_empty()).then(|| self.trace_url.replace(TRACE_ID, trace_id))
    }
}

/// # Errors
/// If the text is no template of a link.
fn trace_url(text: &str) -> Result<String, String> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if text.is_empty() || (is_web && text.contains(TRACE_ID)) {
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
