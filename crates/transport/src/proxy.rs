//! HTTP proxies, as the environment names them.

use std::fmt;

use http::{
    HeaderValue, Uri,
    uri::{Authority, Scheme},
};
use hyper_util::client::proxy::matcher::Matcher;

use crate::{Target, tunnel::Tunnel};

/// The variables that name the proxy, in the order of precedence. gRPC uses the
/// proxy for HTTPS for plaintext too, because both need a tunnel.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The port of a proxy whose URL has none.
const DEFAULT_PORT: u16 = 80;

/// An HTTP proxy that opens tunnels with CONNECT.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The value of `proxy-authorization`.
    credentials: Option<HeaderValue>,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Proxy {
    /// The proxy for this target: that of `HTTPS_PROXY`, `https_proxy`, `ALL_PROXY`
    /// or `all_proxy`. `None` if none of them is set, if `NO_PROXY` or `no_proxy`
    /// exempts the host, for `localhost`, loopback addresses and Unix sockets.
    ///
    /// # Errors
    /// If the value is not the URL of an HTTP proxy; the message says what to do.
    pub fn for_target(
        target: &Target,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, String> {
        let set = |name: &'static str| {
            let value = variable(name).filter(|value| !value.is_empty())?;
            Some((name, value))
        };
        let Target::Tcp { authority, .. } = target else {
            return Ok(None);
        };
        let Some((name, value)) = VARIABLES.into_iter().find_map(set) else {
            return Ok(None);
        };
        let exempt = ["NO_PROXY", "no_proxy"].into_iter().find_map(set);
        let exempt = exempt.map(|(_, value)| value).unwrap_or_default();
        if is_loopback(target.host()) || !is_matched(authority, exempt) {
            return Ok(None);
        }
        let proxy = Self::parse(&value).ok_or_else(|| {
            // The value may contain a password.
            format!(
                "{name} is not the URL of an HTTP proxy; write it as http://host:port, or unset it"
            )
        })?;
        Ok(Some(proxy))
    }

    fn parse(value: &str) -> Option<Self> {
        let any = Uri::from_static("https://host/");
        let proxy = Matcher::builder()
            .https(value.to_owned())
            .build()
            .intercept(&any)?;
        let (uri, credentials) = (proxy.uri(), proxy.basic_auth());
        (uri.scheme() == Some(&Scheme::HTTP)).then_some(Self {
            host: uri.host()?.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(DEFAULT_PORT),
            credentials: credentials.cloned(),
        })
    }

    /// The tunnel to `target`.
    pub(crate) fn tunnel(&self, target: Authority) -> Tunnel {
        Tunnel {
            proxy: self.to_string(),
            credentials: self.credentials.clone(),
            target,
        }
    }
}

/// Whether the list of `NO_PROXY` leaves the host to the proxy.
fn is_matched(authority: &Authority, exempt: String) -> bool {
    let matcher = Matcher::builder()
        .https("http://proxy".to_owned())
        .no(exempt)
        .build();
    let uri = Uri::builder()
        .scheme(Scheme::HTTPS)
        .authority(authority.clone())
        .path_and_query("/");
    uri.build()
        .is_ok_and(|uri| matcher.intercept(&uri).is_some())
}

/// As in Go, whose gRPC clients never use a proxy for these hosts.
fn is_loopback(host: &str) -> bool {
    let address: Option<std::net::IpAddr> = host.parse().ok();
    host.eq_ignore_ascii_case("localhost") || address.is_some_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(target: &str, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let proxy = Proxy::for_target(&target.parse().unwrap(), variable);
        proxy.map(|proxy| proxy.map(|proxy| proxy.to_string()))
    }

    #[test]
    fn the_environment_names_the_proxy() {
        for (variables, found) in [
            (&[("HTTPS_PROXY", "http://p:3128")][..], Some("p:3128")),
            (&[("https_proxy", "p:3128")], Some("p:3128")),
            (&[("ALL_PROXY", "http://u:pw@p")], Some("p:80")),
            (&[("HTTPS_PROXY", ""), ("all_proxy", "p:1")], Some("p:1")),
            (&[("HTTPS_PROXY", "p:1"), ("ALL_PROXY", "q:1")], Some("p:1")),
            (&[("HTTP_PROXY", "http://p:3128")], None),
            (&[], None),
        ] {
            let found = Ok(found.map(str::to_owned));
            assert_eq!(proxy("a.example:443", variables), found, "{variables:?}");
        }
    }

    #[test]
    fn exempt_hosts_are_dialled_directly() {
        let uses_proxy = |target: &str, exempt: &str| {
            let variables = [("HTTPS_PROXY", "http://p:3128"), ("NO_PROXY", exempt)];
            proxy(target, &variables).unwrap().is_some()
        };
        for (target, exempt) in [
            ("localhost:1", ""),
            ("127.0.0.9:1", ""),
            ("[::1]:1", ""),
            ("unix:/a", ""),
            ("a.example:1", "*"),
            ("a.example:1", "b.test, .example"),
            ("a.example:1", "example"),
            ("10.1.2.3:1", "10.0.0.0/8"),
            ("[2001:db8::1]:1", "2001:db8::/32"),
        ] {
            assert!(!uses_proxy(target, exempt), "{target} {exempt}");
        }
        for (target, exempt) in [("a.example:1", "b.example"), ("10.1.2.3:1", "11.0.0.0/8")] {
            assert!(uses_proxy(target, exempt), "{target} {exempt}");
        }
    }

    #[test]
    fn other_proxies_are_refused_without_their_password() {
        for value in [
            "socks5://u:secret@p:1",
            "https://u:secret@p:1",
            "ftp://secret",
            "a b",
        ] {
            let error = proxy("a.example:1", &[("ALL_PROXY", value)]).unwrap_err();
            assert!(error.starts_with("ALL_PROXY is not the URL of an HTTP proxy"));
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
