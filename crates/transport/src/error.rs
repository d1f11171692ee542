//! The errors of a dial.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::{Address, Cause, TunnelError, protocol::Protocol};

/// Why a dial failed.
#[derive(Debug, Error)]
#[allow(missing_docs)] // each variant's message is its documentation
pub enum DialError {
    #[error("cannot resolve {host}: {cause}")]
    NameNotFound { host: String, cause: io::Error },
    #[error("{host} resolves to no address")]
    NameHasNoAddress { host: String },

    #[error("nothing listens on {address}: connection refused")]
    Refused { address: String },
    #[error("no response from {address}: connecting timed out")]
    ConnectTimeout { address: String },
    #[error("cannot reach {address}: {cause}")]
    Unreachable { address: String, cause: io::Error },
    #[error("no socket at {}", path.display())]
    NoSocket { path: PathBuf },

    #[error("cannot reach the proxy {proxy}: {cause}")]
    ProxyUnreachable {
        proxy: String,
        cause: Box<DialError>,
    },
    #[error(transparent)]
    Tunnel(#[from] TunnelError),

    #[error("the port speaks plaintext ({protocol}), not TLS")]
    PlaintextServer { protocol: Protocol },
    #[error("the server closed the connection during the TLS handshake ({cause})")]
    TlsClosed { cause: String },
    #[error("the TLS handshake timed out: the server accepts connections but does not respond")]
    TlsNoResponse,
    #[error("the server refuses TLS 1.2 and 1.3: {cause}")]
    TlsVersion { cause: String },
    #[error("the certificate's issuer is not trusted: {issuer}")]
    UnknownIssuer { issuer: String },
    #[error("the server sends a CA certificate as its own: {subject}")]
    CaAsLeaf { subject: String },
    #[error("the certificate is self-signed: {subject}")]
    SelfSigned { subject: String },
    #[error("the certificate is a test certificate of a staging authority: {issuer}")]
    StagingIssuer { issuer: String },
    #[error("the certificate expired on {not_after}")]
    Expired { not_after: String },
    #[error("the certificate is not valid before {not_before}")]
    NotYetValid { not_before: String },
    #[error("the certificate is not for {expected}, but for {names}")]
    WrongName { expected: String, names: String },
    #[error("the certificate is not for servers: its extended key usage lacks serverAuth")]
    WrongUsage,
    #[error("the certificate {subject} is too weak: it {weakness}")]
    WeakCertificate { subject: String, weakness: String },
    #[error(
        "the port belongs to a sidecar that requires the mTLS of its mesh: its certificate is for spiffe:// only, and it requests a client certificate"
    )]
    SidecarMtls,
    #[error("the server expects a PROXY protocol {version} header before TLS")]
    ProxyProtocol { version: &'static str },
    #[error("the certificate is invalid: {cause}")]
    InvalidCertificate { cause: String },
    #[error("the server requires a client certificate")]
    ClientCertificateRequired,
    #[error("the server rejects the client certificate ({cause})")]
    ClientCertificateRejected { cause: String },
    #[error("the server rejects the client certificate, which expired on {not_after}")]
    ClientCertificateExpired { not_after: String },
    #[error("the server rejects the client certificate, which is not valid before {not_before}")]
    ClientCertificateNotYetValid { not_before: String },
    #[error(
        "the server rejects the client certificate, which is not for clients: its extended key usage lacks clientAuth"
    )]
    ClientCertificateWrongUsage,
    #[error("the TLS handshake failed: {cause}")]
    Tls { cause: String },

    #[error("the TLS server did not select HTTP/2 (h2) by ALPN")]
    NoAlpn,
    #[error("the TLS server does not support HTTP/2 (h2) by ALPN")]
    NoH2,
    #[error("the port speaks TLS, not plaintext")]
    TlsServer,
    #[error("the port belongs to a sidecar that requires the mTLS of its mesh, not plaintext")]
    SidecarServer,
    #[error("the server speaks HTTP/1.1 only, not HTTP/2")]
    Http1Server,
    #[error("the server does not speak HTTP/2")]
    NotHttp2,
    #[error("the server closed the connection before it sent HTTP/2")]
    Http2Closed,
    #[error("no HTTP/2 from the server: it accepts connections but does not respond")]
    Http2NoResponse,
    #[error("the server closes the connection with GOAWAY (ENHANCE_YOUR_CALM)")]
    EnhanceYourCalm,
}

impl DialError {
    /// The error of several addresses that all failed. A timeout takes precedence
    /// over an unreachable network, and both over a refused connection. The error
    /// names only the addresses that fail in this way.
    pub(crate) fn from_connect_failures(mut failures: Vec<(Address, io::Error)>) -> Self {
        if let [(Address::Unix(path), error)] = &failures[..]
            && error.kind() == io::ErrorKind::NotFound
        {
            return Self::NoSocket { path: path.clone() };
        }
        let rank = |error: &io::Error| match error.kind() {
            io::ErrorKind::ConnectionRefused => 0,
            io::ErrorKind::TimedOut => 2,
            _ => 1,
        };
        let worst = failures.iter().map(|it| rank(&it.1)).max();
        failures.retain(|it| Some(rank(&it.1)) == worst);
        let addresses: Vec<_> = failures.iter().map(|it| it.0.to_string()).collect();
        let address = addresses.join(" and ");
        match failures.pop() {
            Some((_, cause)) if cause.kind() == io::ErrorKind::TimedOut => {
                Self::ConnectTimeout { address }
            }
            Some((_, cause)) if cause.kind() != io::ErrorKind::ConnectionRefused => {
                Self::Unreachable { address, cause }
            }
            _ => Self::Refused { address },
        }
    }

    /// Whether the cause is certain without a probe of the port.
    pub(crate) fn is_certain(&self) -> bool {
        !matches!(self, Self::TlsClosed { .. } | Self::Tls { .. })
    }

    /// Whether a phase timed out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::NameNotFound { cause, .. } => cause.kind() == io::ErrorKind::TimedOut,
            Self::ProxyUnreachable { cause, .. } => cause.is_timeout(),
            Self::Tunnel(TunnelError::NoResponse { .. }) => true,
            Self::ConnectTimeout { .. } | Self::TlsNoResponse | Self::Http2NoResponse => true,
            _ => false,
        }
    }

    /// The row of the table of causes.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::NameNotFound { .. } => Cause::NameNotFound,
            Self::NameHasNoAddress { .. } => Cause::NameNoAddress,
            Self::Refused { .. } => Cause::ConnectRefused,
            Self::ConnectTimeout { .. } => Cause::ConnectTimeout,
            Self::Unreachable { .. } => Cause::ConnectUnreachable,
            Self::NoSocket { .. } => Cause::ConnectNoSocket,
            Self::ProxyUnreachable { .. } => Cause::ProxyUnreachable,
            Self::Tunnel(error) => error.cause(),
            Self::PlaintextServer { .. } => Cause::TlsPlaintextServer,
            Self::TlsClosed { .. } => Cause::TlsClosedByPeer,
            Self::Tls { .. } => Cause::TlsHandshakeFailed,
            Self::TlsNoResponse => Cause::TlsNoResponse,
            Self::TlsVersion { .. } => Cause::TlsVersionUnsupported,
            Self::UnknownIssuer { .. } => Cause::TlsUnknownIssuer,
            Self::WrongUsage => Cause::TlsWrongUsage,
            Self::InvalidCertificate { .. } => Cause::TlsInvalidCertificate,
            Self::WeakCertificate { .. } => Cause::TlsWeakCertificate,
            Self::SidecarMtls => Cause::TlsSidecarMtls,
            Self::ProxyProtocol { .. } => Cause::TlsProxyProtocol,
            Self::SelfSigned { .. } => Cause::TlsSelfSigned,
            Self::CaAsLeaf { .. } => Cause::TlsCaAsLeaf,
            Self::StagingIssuer { .. } => Cause::TlsStagingCertificate,
            Self::Expired { .. } => Cause::TlsExpired,
            Self::NotYetValid { .. } => Cause::TlsNotYetValid,
            Self::WrongName { .. } => Cause::TlsWrongName,
            Self::ClientCertificateRequired => Cause::TlsClientCertificateRequired,
            Self::ClientCertificateRejected { .. } => Cause::TlsClientCertificateRejected,
            Self::ClientCertificateExpired { .. } => Cause::TlsClientCertificateExpired,
            Self::ClientCertificateNotYetValid { .. } => Cause::TlsClientCertificateNotYetValid,
            Self::ClientCertificateWrongUsage => Cause::TlsClientCertificateWrongUsage,
            Self::NoAlpn => Cause::AlpnNone,
            Self::NoH2 => Cause::AlpnHttp1Only,
            Self::TlsServer => Cause::Http2TlsServer,
            Self::SidecarServer => Cause::Http2SidecarServer,
            Self::Http1Server => Cause::Http2Http1Server,
            Self::NotHttp2 | Self::Http2Closed => Cause::Http2NotHttp,
            Self::Http2NoResponse => Cause::Http2NoResponse,
            Self::EnhanceYourCalm => Cause::Http2EnhanceYourCalm,
        }
    }
}
