//! The options of a connection, which every subcommand shares.

use std::{env, fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::PathBuf, time::Duration};

use anyhow::{Context, Error, bail, ensure};
use clap::Args;
use cli_kit::duration;
use http::{HeaderValue, uri::Authority};
use transport::{Dialer, Keepalive, Proxy, Target, ascii_host, authority, tls::Tls};

use crate::output::stderr;

/// The default of `--connect-timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How to reach the server.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct ConnectArgs {
    /// host:port, http(s)://… or unix:PATH
    #[arg(long, value_name = "ADDR", default_value = "localhost:50051")]
    pub addr: Target,

    /// Use TLS, verified against the system's roots
    #[arg(long)]
    pub tls: bool,

    /// Trust the CA certificates in this file (PEM) instead of the system's
    #[arg(long, value_name = "FILE", conflicts_with = "insecure_skip_verify")]
    pub cacert: Option<PathBuf>,

    /// Send this client certificate (PEM) to a server that requests one
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,

    /// The private key of --cert (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,

    /// Send this name as SNI and verify it, instead of the host in --addr
    #[arg(long, value_name = "NAME", value_parser = ascii_host)]
    pub server_name: Option<String>,

    /// Accept any certificate: encrypted, but the server is not verified
    #[arg(long)]
    pub insecure_skip_verify: bool,

    /// Send this :authority (host), instead of the one in --addr
    #[arg(long, value_name = "HOST", value_parser = authority)]
    pub authority: Option<Authority>,

    /// The timeout of a connection: name, TCP, TLS and HTTP/2 [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = duration::positive, allow_hyphen_values = true)]
    pub connect_timeout: Option<Duration>,

    /// Ping a server that is silent this long during a call
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::positive, allow_hyphen_values = true)]
    pub keepalive: Duration,
}

impl ConnectArgs {
    /// Checks the options, and reads the files that they name.
    ///
    /// # Errors
    /// If they contradict each other, or a file cannot be used.
    pub fn dialer(&self) -> anyhow::Result<Dialer> {
        let timeout = self.connect_timeout.unwrap_or(CONNECT_TIMEOUT);
        let mut dialer = Dialer::new(self.addr.clone(), self.tls()?, timeout);
        let user_agent = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
        dialer.user_agent = Some(HeaderValue::from_static(user_agent));
        dialer.keepalive = Keepalive::new(self.keepalive);
        if let Some(authority) = &self.authority {
            dialer.authority = authority.clone();
        }
        let proxy = Proxy::for_target(&self.addr, |name| env::var(name).ok());
        dialer.proxy = proxy.map_err(Error::msg)?;
        Ok(dialer)
    }

    fn tls(&self) -> anyhow::Result<Option<Tls>> {
        let by_scheme = match &self.addr {
            Target::Tcp { tls, .. } => *tls,
            Target::Unix(_) => None,
        };
        ensure!(
            !(self.tls && by_scheme == Some(false)),
            "--tls contradicts http:// in --addr; write https:// or leave one out"
        );
        if !self.tls && by_scheme != Some(true) {
            if let Some(flag) = self.first_tls_flag() {
                bail!("{flag} requires --tls");
            }
            return Ok(None);
        }
        let name = self.server_name.as_deref().unwrap_or(self.addr.host());
        let tls = if self.insecure_skip_verify {
            stderr::error(format_args!(
                "warning: --insecure-skip-verify: the server's certificate is not \
                 verified; anyone between here and {} can read and change what is sent",
                self.addr
            ));
            Tls::unverified(name)?
        } else {
            Tls::verified(name, self.cacert.as_deref())?
        };
        let tls = match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => tls.with_identity(cert, key)?,
            _ => tls,
        };
        Ok(Some(match key_log_file()? {
            Some(file) => {
                stderr::error(format_args!(
                    "warning: SSLKEYLOGFILE: the keys of the connection are written to {}; \
                     anyone who reads this file can decrypt what is sent",
                    file.display()
                ));
                tls.with_key_log()
            }
            None => tls,
        }))
    }

    fn first_tls_flag(&self) -> Option<&'static str> {
        [
            (self.cacert.is_some(), "--cacert"),
            (self.cert.is_some(), "--cert"),
            (self.server_name.is_some(), "--server-name"),
            (self.insecure_skip_verify, "--insecure-skip-verify"),
        ]
        .into_iter()
        .find_map(|(given, flag)| given.then_some(flag))
    }
}

/// The file of `SSLKEYLOGFILE`, if that is set.
///
/// # Errors
/// If it cannot be written: rustls would ignore the error.
fn key_log_file() -> anyhow::Result<Option<PathBuf>> {
    let file = env::var_os("SSLKEYLOGFILE").filter(|file| !file.is_empty());
    let Some(file) = file.map(PathBuf::from) else {
        return Ok(None);
    };
    // Only the owner may read keys.
    let mut options = OpenOptions::new();
    let opened = options.append(true).create(true).mode(0o600).open(&file);
    opened.with_context(|| {
        let file = file.display();
        format!("cannot write {file}; name another file in SSLKEYLOGFILE, or unset it")
    })?;
    Ok(Some(file))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn dialer(args: &str) -> Dialer {
        let args = format!("greeter-client --tls {args}");
        let cli = Cli::try_parse_from(args.split(' ')).unwrap();
        cli.greet.connect.dialer().unwrap()
    }

    #[test]
    fn international_names_are_sent_as_a_labels() {
        const BOOKS: &str = "xn--bcher-kva.example";
        let dialer = |args: &str| {
            let found = dialer(args);
            let name = found
                .tls
                .as_ref()
                .unwrap()
                .server_name
                .to_str()
                .into_owned();
            (
                found.target.host().to_owned(),
                name,
                found.authority.to_string(),
            )
        };
        let by_addr = dialer("--addr https://bücher.example");
        assert_eq!(
            by_addr,
            (BOOKS.into(), BOOKS.into(), format!("{BOOKS}:443"))
        );
        let by_flags =
            dialer("--addr a:1 --server-name bücher.example --authority bücher.example:2");
        assert_eq!(by_flags, ("a".into(), BOOKS.into(), format!("{BOOKS}:2")));
    }
}
