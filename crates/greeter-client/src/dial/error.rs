//! Why a connection was not made: the cause in words, and what to try next.

use std::io;

use thiserror::Error;

use super::probe::Speaks;
use crate::{Exit, diagnose::Code};

/// Why a connection was not made.
#[derive(Debug, Error)]
#[allow(missing_docs)] // each variant's message is its documentation
pub enum DialError {
    #[error("cannot resolve {host}: {cause}")]
    NameNotFound { host: String, cause: io::Error },
    #[error("{host} resolves to no address")]
    NameHasNoAddress { host: String },

    #[error("nothing listens on {address}: connection refused")]
    Refused { address: String },
    #[error("no answer from {address}: connecting timed out")]
    ConnectTimeout { address: String },
    #[error("cannot reach {address}: {cause}")]
    Unreachable { address: String, cause: io::Error },

    #[error("the port speaks plaintext ({protocol}), not TLS")]
    PlaintextServer { protocol: Speaks },
    #[error("the server closed the connection during the TLS handshake ({cause})")]
    TlsClosed { cause: String },
    #[error("the TLS handshake timed out: the server accepts connections but does not answer")]
    TlsNoAnswer,
    #[error("the server refuses TLS 1.2 and 1.3: {cause}")]
    TlsVersion { cause: String },
    #[error("the certificate's issuer is not trusted: {issuer}")]
    UnknownIssuer { issuer: String },
    #[error("the server shows a CA's certificate as its own: {subject}")]
    CaAsLeaf { subject: String },
    #[error("the certificate is self-signed: {subject}")]
    SelfSigned { subject: String },
    #[error("the certificate is a test one of a staging authority: {issuer}")]
    StagingIssuer { issuer: String },
    #[error("the certificate expired on {not_after}")]
    Expired { not_after: String },
    #[error("the certificate is not valid before {not_before}")]
    NotYetValid { not_before: String },
    #[error("the certificate is not for {asked}, but for {names}")]
    WrongName { asked: String, names: String },
    #[error("the certificate is not for servers: its extended key usage lacks serverAuth")]
    WrongUsage,
    #[error("the certificate is invalid: {cause}")]
    InvalidCertificate { cause: String },
    #[error("the server asks for a client certificate")]
    ClientCertificateRequired,
    #[error("the server rejects the client certificate ({cause})")]
    ClientCertificateRejected { cause: String },
    #[error("the TLS handshake failed: {cause}")]
    Tls { cause: String },

    #[error("the TLS server did not agree to HTTP/2 (h2) by ALPN")]
    NoAlpn,
    #[error("the TLS server does not offer HTTP/2 (h2) by ALPN")]
    NoH2,
    #[error("the port speaks TLS, not plaintext")]
    TlsServer,
    #[error("the server speaks HTTP/1.1 only, not HTTP/2")]
    Http1Server,
    #[error("the server does not speak HTTP/2")]
    NotHttp2,
    #[error("the server closed the connection before it spoke HTTP/2")]
    Http2Closed,
    #[error("no HTTP/2 from the server: it accepts connections but does not answer")]
    Http2NoAnswer,
    #[error("the server sends this client away (GOAWAY, ENHANCE_YOUR_CALM)")]
    Calm,
}

impl DialError {
    pub(super) fn from_connect_failures(failures: Vec<(String, io::Error)>) -> Self {
        let address = failures
            .iter()
            .map(|(address, _)| address.as_str())
            .collect::<Vec<_>>()
            .join(" and ");
        // One silent address says more than another that refuses: report the
        // failure that is hardest to see otherwise.
        let rank = |error: &io::Error| match error.kind() {
            io::ErrorKind::ConnectionRefused => 0,
            io::ErrorKind::TimedOut => 2,
            _ => 1,
        };
        match failures
            .into_iter()
            .map(|(_, cause)| cause)
            .max_by_key(rank)
        {
            Some(cause) if cause.kind() == io::ErrorKind::TimedOut => {
                Self::ConnectTimeout { address }
            }
            Some(cause) if cause.kind() != io::ErrorKind::ConnectionRefused => {
                Self::Unreachable { address, cause }
            }
            _ => Self::Refused { address },
        }
    }

    /// Whether a second look at the port cannot show another cause.
    pub(super) fn is_certain(&self) -> bool {
        !matches!(self, Self::TlsClosed { .. } | Self::Tls { .. })
    }

    /// The exit code for this cause.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Code::from(self).exit()
    }

    /// What to try next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NameNotFound { .. } => "check the name in --addr and this machine's DNS",
            Self::NameHasNoAddress { .. } => "give the name an A or AAAA record",
            Self::Refused { .. } => "check the port in --addr and that the server runs",
            Self::ConnectTimeout { .. } => {
                "check the address, firewalls and load balancer, or wait longer with --connect-timeout"
            }
            Self::Unreachable { .. } => "check the address in --addr and the route to it",
            Self::PlaintextServer { .. } => "leave out --tls, or use the TLS port in --addr",
            Self::TlsClosed { .. } => {
                "a gateway does this if it has no certificate for the name: check its credentialName, or the name with --server-name"
            }
            Self::TlsNoAnswer => {
                "check that --addr is a TLS port, or wait longer with --connect-timeout"
            }
            Self::TlsVersion { .. } => "let the server offer TLS 1.2 or later",
            Self::UnknownIssuer { .. } => {
                "trust the issuer with --cacert FILE, or go on unverified with --insecure-skip-verify"
            }
            Self::CaAsLeaf { .. } => {
                "let that CA issue the server a certificate that is not a CA's, or go on unverified with --insecure-skip-verify"
            }
            Self::SelfSigned { .. } => {
                "trust this certificate with --cacert FILE, or go on unverified with --insecure-skip-verify"
            }
            Self::StagingIssuer { .. } => {
                "get one of the production authority (with cert-manager: the Issuer's server), or go on unverified with --insecure-skip-verify"
            }
            Self::Expired { .. } => {
                "renew it (with cert-manager: look at the Certificate), or go on unverified with --insecure-skip-verify"
            }
            Self::NotYetValid { .. } => {
                "check the clocks of both machines, or go on unverified with --insecure-skip-verify"
            }
            Self::WrongName { .. } => {
                "use one of these names in --addr, or verify one with --server-name"
            }
            Self::WrongUsage | Self::InvalidCertificate { .. } => {
                "replace it, or go on unverified with --insecure-skip-verify"
            }
            Self::ClientCertificateRequired => "give yours with --cert FILE and --key FILE",
            Self::ClientCertificateRejected { .. } => {
                "check that --cert is valid and issued by a CA that the server trusts"
            }
            Self::Tls { .. } => "look at the connection with -v",
            Self::NoAlpn | Self::NoH2 => {
                "gRPC needs h2: configure ALPN h2 on whatever terminates TLS at --addr, or use a port that has it"
            }
            Self::TlsServer => "add --tls",
            Self::Http1Server => "use the server's gRPC or HTTP/2 port in --addr",
            Self::NotHttp2 | Self::Http2Closed => {
                "check that --addr is a gRPC port, and whether it needs --tls"
            }
            Self::Http2NoAnswer => {
                "check that --addr is a gRPC port and whether it needs --tls, or wait longer with --connect-timeout"
            }
            Self::Calm => "connect and ping less often, or raise the server's limits",
        }
    }
}
