//! Where to connect: `host:port`, a URL or a Unix socket.

use std::{fmt, io, path::PathBuf, str::FromStr, time::Instant};

use http::Uri;
use tokio::{net::lookup_host, time::timeout};

use super::{DialError, address::Address, left};

/// Where to connect, as the user named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A host and port; `tls` where a URL's scheme said so.
    Tcp {
        /// A name or address, without brackets.
        host: String,
        /// The port.
        port: u16,
        /// What the scheme asks for: `https` TLS, `http` plaintext.
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
        let (tls, default_port) = match text.split_once("://") {
            Some(("https", _)) => (Some(true), Some(443)),
            Some(("http", _)) => (Some(false), Some(80)),
            Some((scheme, _)) => {
                return Err(format!("{scheme}:// is none of https://, http://, unix:"));
            }
            None => (None, None),
        };
        let uri: Uri = text
            .parse()
            .map_err(|_| "not an address; try example.com:443")?;
        if uri.path_and_query().is_some_and(|path| path != "/") {
            return Err("an address has no path".to_owned());
        }
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let port = uri.port_u16().or(default_port);
        match (host, port) {
            ("", _) => Err("the host is missing; try localhost:50051".to_owned()),
            (_, None | Some(0)) => Err(format!("the port is missing; try {host}:443")),
            (host, Some(port)) => Ok(Self::Tcp {
                host: host.to_owned(),
                port,
                tls,
            }),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port, .. } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port, .. } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Target {
    /// The host to name in TLS and HTTP/2; Unix sockets count as `localhost`.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            Self::Tcp { host, .. } => host,
            Self::Unix(_) => "localhost",
        }
    }

    pub(super) async fn resolve(&self, deadline: Instant) -> Result<Vec<Address>, DialError> {
        let (host, port) = match self {
            Self::Unix(path) => return Ok(vec![Address::Unix(path.clone())]),
            Self::Tcp { host, port, .. } => (host, *port),
        };
        let failed = |cause: io::Error| match has_no_address(&cause) {
            true => DialError::NameHasNoAddress { host: host.clone() },
            false => DialError::NameNotFound {
                host: host.clone(),
                cause,
            },
        };
        let addresses: Vec<_> = timeout(left(deadline), lookup_host((host.as_str(), port)))
            .await
            .map_err(|_| failed(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")))?
            .map_err(failed)?
            .map(Address::Tcp)
            .collect();
        if addresses.is_empty() {
            return Err(DialError::NameHasNoAddress { host: host.clone() });
        }
        Ok(addresses)
    }
}

/// Whether the name exists, but not with an address (EAI_NODATA). The standard
/// library keeps only the words of that error: glibc's or musl's.
fn has_no_address(error: &io::Error) -> bool {
    let words = error.to_string();
    [
        "No address associated with hostname",
        "Name has no usable address",
    ]
    .iter()
    .any(|no_data| words.contains(no_data))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16, tls: Option<bool>) -> Result<Target, String> {
        Ok(Target::Tcp {
            host: host.to_owned(),
            port,
            tls,
        })
    }

    #[test]
    fn takes_hosts_urls_and_sockets() {
        let parse = str::parse::<Target>;
        assert_eq!(parse("example.com:443"), tcp("example.com", 443, None));
        assert_eq!(parse("[::1]:50051"), tcp("::1", 50051, None));
        assert_eq!(
            parse("https://example.com"),
            tcp("example.com", 443, Some(true))
        );
        assert_eq!(
            parse("http://localhost:8080/"),
            tcp("localhost", 8080, Some(false))
        );
        assert_eq!(
            parse("unix:/run/g.sock"),
            Ok(Target::Unix("/run/g.sock".into()))
        );
        assert_eq!(
            parse("unix:///run/g.sock"),
            Ok(Target::Unix("/run/g.sock".into()))
        );
    }

    #[test]
    fn refuses_what_names_no_place() {
        for text in [
            "",
            "example.com",
            ":443",
            "host:0",
            "host:99999",
            "ftp://host:1",
            "https://host/path",
            "unix:",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text:?}");
        }
    }
}
