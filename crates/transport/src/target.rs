//! Where to connect: `host:port`, a URL or a Unix socket.

use std::{fmt, net::Ipv6Addr, path::PathBuf, str::FromStr};

use http::uri::Authority;

use crate::host::{ascii_host, split};

/// Where to connect, as the user named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A host and a port.
    Tcp {
        /// The host in ASCII and the port; an IPv6 address has brackets.
        authority: Authority,
        /// The scheme of a URL: true for `https`, false for `http`.
        tls: Option<bool>,
    },
    /// A Unix socket.
    Unix(PathBuf),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err("give the socket's path, as in unix:/run/greeter.sock".to_owned()),
                path => Ok(Self::Unix(path.into())),
            };
        }
        let (tls, default_port, rest) = match text.split_once("://") {
            Some(("https", rest)) => (Some(true), Some("443"), rest),
            Some(("http", rest)) => (Some(false), Some("80"), rest),
            Some((scheme, _)) => {
                return Err(format!(
                    "the scheme {scheme}:// is not known; use https://, http:// or unix:"
                ));
            }
            None => (None, None, text),
        };
        let authority = match rest.split_once(['/', '?', '#']) {
            None => rest,
            Some((authority, "")) if rest.ends_with('/') => authority,
            Some(_) => return Err("an address has no path; leave it out".to_owned()),
        };
        let authority = authority_of(authority, default_port)?;
        Ok(Self::Tcp { authority, tls })
    }
}

/// Checks the host and the port separately, for a precise error.
fn authority_of(text: &str, default_port: Option<&str>) -> Result<Authority, String> {
    if text.contains('@') {
        return Err("credentials belong in --header authorization=…".to_owned());
    }
    let (host, port) = split(text);
    if host.contains(':') && !host.starts_with('[') {
        return Err("put an IPv6 address in brackets, as in [::1]:443".to_owned());
    }
    if host.is_empty() || host == "[]" {
        return Err("the host is missing; try localhost:50051".to_owned());
    }
    if host.contains(['[', ']']) && !is_ipv6(host) {
        return Err("brackets are for IPv6 addresses, as in [::1]:443".to_owned());
    }
    let host = ascii_host(host)?;
    let Some(port) = port.filter(|port| !port.is_empty()).or(default_port) else {
        return Err(format!("the port is missing; try {host}:443"));
    };
    if !port.parse().is_ok_and(|port: u16| port > 0) {
        return Err("the port must be from 1 to 65535".to_owned());
    }
    format!("{host}:{port}")
        .parse()
        .map_err(|_| "not an address; try example.com:443".to_owned())
}

/// Whether this is an IPv6 address in brackets.
fn is_ipv6(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { authority, .. } => authority.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Target {
    /// The host for TLS and for DNS, without brackets; Unix sockets count as
    /// `localhost`.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            Self::Tcp { authority, .. } => authority.host().trim_matches(['[', ']']),
            Self::Unix(_) => "localhost",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(authority: &'static str, tls: Option<bool>) -> Result<Target, String> {
        let authority = Authority::from_static(authority);
        Ok(Target::Tcp { authority, tls })
    }

    #[test]
    fn parses_hosts_urls_and_sockets() {
        let parse = str::parse::<Target>;
        assert_eq!(parse("example.com:443"), tcp("example.com:443", None));
        assert_eq!(parse("[::1]:50051"), tcp("[::1]:50051", None));
        assert_eq!(parse("[::1]:50051").unwrap().host(), "::1");
        let https = tcp("example.com:443", Some(true));
        assert_eq!(parse("https://example.com"), https);
        let international = tcp("xn--bcher-kva.example:443", None);
        assert_eq!(parse("bücher.example:443"), international);
        let http = tcp("localhost:8080", Some(false));
        assert_eq!(parse("http://localhost:8080/"), http);
        for socket in ["unix:/run/g.sock", "unix:///run/g.sock"] {
            assert_eq!(parse(socket), Ok(Target::Unix("/run/g.sock".into())));
        }
    }

    #[test]
    fn says_what_is_wrong_with_an_address() {
        for (text, error) in [
            ("", "the host is missing"),
            (":443", "the host is missing"),
            ("example.com", "the port is missing; try example.com:443"),
            ("host:", "the port is missing; try host:443"),
            ("[::1]", "the port is missing; try [::1]:443"),
            ("host:0", "the port must be from 1 to 65535"),
            ("host:99999", "the port must be from 1 to 65535"),
            ("host:https", "the port must be from 1 to 65535"),
            ("bü cher.example:443", "correct its letters"),
            ("user:pw@host:443", "credentials belong in --header"),
            ("https://user@host", "credentials belong in --header"),
            ("ftp://host:1", "use https://, http:// or unix:"),
            ("https://host/path", "an address has no path"),
            ("https://host?query", "an address has no path"),
            ("a b:443", "not an address"),
            ("::1", "in brackets"),
            ("::1:443", "in brackets"),
            ("[]a:443", "brackets are for IPv6 addresses"),
            ("[a]:443", "brackets are for IPv6 addresses"),
            ("unix:", "give the socket's path"),
        ] {
            let found = text.parse::<Target>().unwrap_err();
            assert!(found.contains(error), "{text:?}: {found}");
        }
    }
}
