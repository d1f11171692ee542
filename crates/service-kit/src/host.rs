//! The rules for the header `host` (RFC 9112, section 3.2).

use axum::http::{HeaderMap, HeaderValue, Version, header, uri::Authority};

/// Checks that a request does not have two `host` lines or an invalid one, and that
/// HTTP/1.1 has one. Two servers that choose different hosts could route the same
/// request to different places.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check(version: Version, headers: &HeaderMap) -> Result<(), &'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version == Version::HTTP_11 => {
            Err("the request has no Host header; HTTP/1.1 requires one")
        }
        (None, _) => Ok(()),
        (Some(host), None) if is_valid(host) => Ok(()),
        (Some(_), None) => Err("the Host header is not valid; write it as HOST or HOST:PORT"),
        (Some(_), Some(_)) => Err("the request has several Host headers; send one"),
    }
}

/// Whether the value is `uri-host [ ":" port ]`. It is empty if the target has no
/// authority.
fn is_valid(host: &HeaderValue) -> bool {
    if host.is_empty() || is_name_and_port(host.as_bytes()) {
        return true;
    }
    let Ok(authority) = Authority::try_from(host.as_bytes()) else {
        return false;
    };
    // `Authority` takes user information and any text as the port, too.
    match authority.as_str().strip_prefix(authority.host()) {
        _ if authority.host().is_empty() => false,
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(is_port),
        None => false,
    }
}

/// Whether the value is plainly a name or an IPv4 address, perhaps with a port: almost
/// every one is, and this costs a tenth of the parser.
fn is_name_and_port(host: &[u8]) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    let name = host.iter().take_while(|it| is_of_name(it)).count();
    match &host[name..] {
        [] => true,
        [b':', port @ ..] => name > 0 && std::str::from_utf8(port).is_ok_and(is_port),
        _ => false,
    }
}

/// Whether the text is a port or empty. `u16` takes a sign, too.
fn is_port(text: &str) -> bool {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.is_empty() || (is_number && text.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_hosts_with_and_without_a_port() {
        for host in [
            "",
            "a",
            "a.example.",
            "a:80",
            "a:",
            "127.0.0.1:8080",
            "127.0.0.1:65535",
            "a_b-c.d:443",
            "[::1]",
            "[::1]:80",
        ] {
            assert!(is_valid(&HeaderValue::from_static(host)), "{host:?}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_host() {
        for host in [
            "a b", "a, b", "a/b", "http://a", "user@a", "a@", "a:b", "a:80:80", "a:65536", "a:+80",
            ":80", "[::1", "::1", "[::1]a", "a?b", "a#b", "<a>", "a\\b",
        ] {
            assert!(!is_valid(&HeaderValue::from_static(host)), "{host:?}");
        }
        let not_ascii = HeaderValue::from_bytes(b"\xc3\xa4").unwrap();
        assert!(!is_valid(&not_ascii));
    }
}
