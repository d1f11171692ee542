//! Host names with letters outside ASCII, in the form of DNS, SNI and `:authority`.

use http::uri::Authority;
use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};

/// The host with A-labels (`xn--…`) in place of international labels (UTS 46); an
/// ASCII host as it is.
///
/// # Errors
/// If it is not a valid international name; the message says what to do.
pub fn ascii_host(host: &str) -> Result<String, String> {
    if host.is_ascii() {
        return Ok(host.to_owned());
    }
    let (deny, hyphens, length) = (
        AsciiDenyList::URL,
        Hyphens::Allow,
        DnsLength::VerifyAllowRootDot,
    );
    let ascii = Uts46::new().to_ascii(host.as_bytes(), deny, hyphens, length);
    ascii.map(Into::into).map_err(|_| {
        format!("{host:?} is not a valid international name (UTS 46); correct its letters")
    })
}

/// The `:authority` of a host, or of a host and a port.
///
/// # Errors
/// If it is not valid; the message says what to do.
pub fn authority(text: &str) -> Result<Authority, String> {
    let (host, port) = split(text);
    let host = ascii_host(host)?;
    let authority = match port {
        Some(port) => format!("{host}:{port}"),
        None => host,
    };
    let invalid = |_| "not a host; try example.com".to_owned();
    authority.parse().map_err(invalid)
}

/// The host, with the brackets of an IPv6 address, and the text of the port.
pub(crate) fn split(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn international_names_become_a_labels() {
        for (host, ascii) in [
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.Example", "xn--bcher-kva.example"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("faß.de", "xn--fa-hia.de"),
            ("Local_Host.Example.", "Local_Host.Example."),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(ascii_host(host).as_deref(), Ok(ascii), "{host}");
        }
        assert_eq!(
            authority("bücher.example").unwrap(),
            "xn--bcher-kva.example"
        );
        let with_port = authority("bücher.example:8443").unwrap();
        assert_eq!(with_port, "xn--bcher-kva.example:8443");
        assert_eq!(authority("[::1]:443").unwrap(), "[::1]:443");
    }

    #[test]
    fn invalid_names_are_refused() {
        let long = "ü".repeat(64);
        for host in ["ü b", "ü／b", "\u{200b}ü\u{ad}.\u{fffd}", &long] {
            let error = ascii_host(host).unwrap_err();
            assert!(error.contains("correct its letters"), "{host:?}: {error}");
        }
        assert!(authority("a b").is_err());
    }
}
