//! What a server's answers say about its version, for people who look at a mesh.

use clap::Args;

/// The longest text; Kubernetes allows as much in a label.
const MAX_CHARS: usize = 63;

/// The version that a server names in its answers.
#[derive(Args, Clone, Debug, Default)]
pub struct Label {
    /// The version that the page of hello-server shows for the answers of this
    /// server, for example v2; empty for none
    #[arg(long, value_name = "TEXT", value_parser = version, default_value = "", hide_default_value = true)]
    pub version_label: String,

    /// The colour of these answers, as #RRGGBB or #RGB, or by a name of CSS such as teal;
    /// empty for one that the page chooses
    #[arg(long, value_name = "COLOR", value_parser = color, default_value = "", hide_default_value = true)]
    pub color: String,
}

impl Label {
    /// The version, if there is one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        not_empty(&self.version_label)
    }

    /// The colour, if there is one.
    #[must_use]
    pub fn color(&self) -> Option<&str> {
        not_empty(&self.color)
    }
}

fn not_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// # Errors
/// If the text cannot be sent as metadata of gRPC.
fn version(text: &str) -> Result<String, String> {
    let is_printable = text.chars().all(|it| it.is_ascii_graphic());
    if !is_printable || text.len() > MAX_CHARS {
        return Err(format!(
            "use at most {MAX_CHARS} printable ASCII characters without spaces, such as v2"
        ));
    }
    Ok(text.to_owned())
}

/// # Errors
/// If the text is no colour by its form. A name that CSS does not know is ignored by
/// the page.
fn color(text: &str) -> Result<String, String> {
    let is_valid = match text.strip_prefix('#') {
        Some(digits) => {
            matches!(digits.len(), 3 | 6) && digits.chars().all(|it| it.is_ascii_hexdigit())
        }
        None => text.len() <= MAX_CHARS && text.chars().all(|it| it.is_ascii_lowercase()),
    };
    if !is_valid {
        return Err("write it as #RRGGBB or #RGB, or as a name of CSS such as teal".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_versions_that_a_header_can_carry() {
        for text in ["", "v2", "1.4.0-rc.1", "2026-11-23"] {
            assert_eq!(version(text).unwrap(), text);
        }
        for text in ["v 2", "v2\n", "größe", &"v".repeat(64)] {
            assert!(version(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn takes_colors_by_number_and_by_name() {
        for text in ["", "#08f", "#1A7F5A", "teal"] {
            assert_eq!(color(text).unwrap(), text);
        }
        for text in ["#12", "#12345g", "Teal", "red;x:y", "url(x)"] {
            assert!(color(text).is_err(), "{text:?}");
        }
    }
}
