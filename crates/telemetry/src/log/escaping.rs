//! Escapes what a peer could send to a terminal that shows the log.

use std::io;

use serde_json::ser::Formatter;

/// Escapes all control characters: some terminals take those above U+007E as commands.
pub(super) struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for part in fragment.split_inclusive(is_escaped) {
            let text = part.trim_end_matches(is_escaped);
            writer.write_all(text.as_bytes())?;
            for char in part[text.len()..].chars() {
                write!(writer, "\\u{:04x}", u32::from(char))?;
            }
        }
        Ok(())
    }
}

fn is_escaped(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::Serializer;

    use super::*;

    #[test]
    fn escapes_what_a_terminal_takes_as_a_command() {
        let mut text = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut text, Escaping);
        let hostile = "a\u{9b}31m\u{7f}\u{2028}ä\n\"";
        hostile.serialize(&mut serializer).unwrap();
        let escaped = r#""a\u009b31m\u007f\u2028ä\n\"""#;
        assert_eq!(String::from_utf8(text).unwrap(), escaped);
    }
}
