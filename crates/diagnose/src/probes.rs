//! The probes of a failed connection, which confirm or correct the cause.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use transport::{
    Address, DialError,
    probe::{self, FirstLine},
    tls::{Tls, TlsReport},
};

/// Probes the peer of a failed connection. Returns the error, which a probe can
/// correct, and the result of each probe.
pub(super) async fn of_failure(
    tls: Option<&Tls>,
    address: Option<&Address>,
    error: DialError,
    deadline: Instant,
) -> (DialError, Vec<String>) {
    let Some(address) = address else {
        return (error, Vec::new());
    };
    let probe = PeerProbes {
        tls,
        address,
        deadline,
    };
    let mut tried = Vec::new();
    match &error {
        DialError::TlsClosed { .. } | DialError::Tls { .. } => {
            let error = probe.corrected_tls(error, &mut tried).await;
            return (error, tried);
        }
        DialError::TlsNoResponse => tried.push(probe.plaintext().await),
        DialError::PlaintextServer { .. } => tried.push(probe.http1().await.1),
        DialError::WrongName { .. } => {
            tried.push(probe.sni().await);
            tried.push(probe.unverified().await);
        }
        DialError::UnknownIssuer { .. }
        | DialError::SelfSigned { .. }
        | DialError::CaAsLeaf { .. }
        | DialError::StagingIssuer { .. }
        | DialError::WrongUsage
        | DialError::InvalidCertificate { .. }
        | DialError::WeakCertificate { .. }
        | DialError::SidecarMtls
        | DialError::Expired { .. }
        | DialError::NotYetValid { .. } => tried.push(probe.unverified().await),
        DialError::NoAlpn | DialError::NoH2 => {
            let error = probe.corrected_alpn(error, &mut tried).await;
            return (error, tried);
        }
        DialError::TlsServer => {
            tried.push("TLS on the same port: the server responds to a handshake".to_owned());
            if probe::is_sidecar(address, probe.timeout()).await {
                tried.push("its certificate is for spiffe:// only".to_owned());
                return (DialError::SidecarServer, tried);
            }
        }
        DialError::Http1Server
        | DialError::NotHttp2
        | DialError::Http2Closed
        | DialError::Http2NoResponse
            if tls.is_none() =>
        {
            let error = probe.corrected_plaintext(error, &mut tried).await;
            return (error, tried);
        }
        _ => {}
    }
    (error, tried)
}

/// The probes of one peer.
struct PeerProbes<'a> {
    tls: Option<&'a Tls>,
    address: &'a Address,
    deadline: Instant,
}

impl PeerProbes<'_> {
    fn timeout(&self) -> Duration {
        probe::TIMEOUT.min(self.deadline.saturating_duration_since(Instant::now()))
    }

    /// Some servers without h2 leave out the ALPN extension, as servers without
    /// ALPN do. An offer of http/1.1 distinguishes them.
    async fn corrected_alpn(&self, error: DialError, tried: &mut Vec<String>) -> DialError {
        let (has_http1, text) = self.alpn_http1().await;
        tried.push(text);
        if has_http1 { DialError::NoH2 } else { error }
    }

    /// The handshake of the dial's own probe can time out. A TLS alert in response
    /// to plaintext identifies a TLS port too.
    async fn corrected_plaintext(&self, error: DialError, tried: &mut Vec<String>) -> DialError {
        tried.push("TLS on the same port: no response to a handshake".to_owned());
        let (is_tls, text) = self.http1().await;
        tried.push(text);
        if is_tls { DialError::TlsServer } else { error }
    }

    /// Servers that expect a PROXY protocol header close the connection of a client
    /// that sends none.
    async fn corrected_tls(&self, error: DialError, tried: &mut Vec<String>) -> DialError {
        tried.push(self.sni().await);
        tried.push(self.plaintext().await);
        let (DialError::TlsClosed { .. }, Some(tls)) = (&error, self.tls) else {
            return error;
        };
        let version = probe::proxy_protocol(tls, self.address, self.timeout()).await;
        tried.push(match version {
            Some(version) => {
                format!("TLS after a PROXY protocol {version} header: the server responds")
            }
            None => "TLS after a PROXY protocol header (v1, v2): no response".to_owned(),
        });
        match version {
            Some(version) => DialError::ProxyProtocol { version },
            None => error,
        }
    }

    async fn sni(&self) -> String {
        if !self.tls.is_some_and(Tls::sends_sni) {
            return "TLS with SNI: not possible for an IP address; set a name with --server-name"
                .to_owned();
        }
        let session = self.handshake(false, "h2").await;
        format!("TLS without SNI: {}", result(session))
    }

    async fn unverified(&self) -> String {
        let session = self.handshake(true, "h2").await;
        format!(
            "TLS without verification (the handshake only): {}",
            result(session)
        )
    }

    async fn alpn_http1(&self) -> (bool, String) {
        let alpn = "http/1.1";
        let session = self.handshake(true, alpn).await;
        let agreed = matches!(&session, Some(Ok(tls)) if tls.alpn.as_deref() == Some(alpn));
        let text = match agreed {
            true => "ALPN http/1.1 instead of h2: the server selects it".to_owned(),
            false => format!("ALPN http/1.1 instead of h2: {}", result(session)),
        };
        (agreed, text)
    }

    async fn handshake(&self, sni: bool, alpn: &str) -> Option<Result<TlsReport, DialError>> {
        probe::handshake(self.tls?, self.address, sni, alpn, self.timeout()).await
    }

    async fn plaintext(&self) -> String {
        let protocol = timeout(self.timeout(), probe::plaintext(self.address));
        match protocol.await.ok().flatten() {
            Some(protocol) => format!("plaintext on the same port: the server speaks {protocol}"),
            None => "plaintext on the same port: no HTTP".to_owned(),
        }
    }

    async fn http1(&self) -> (bool, String) {
        let response = probe::http1(self.address, self.timeout()).await;
        let what = match &response {
            Some(FirstLine::Tls) => "a TLS alert".to_owned(),
            Some(FirstLine::Text(line)) => format!("{line:?}"),
            None => "no response".to_owned(),
        };
        let text = format!("plaintext HTTP/1.1 on the same port: {what}");
        (matches!(response, Some(FirstLine::Tls)), text)
    }
}

fn result(session: Option<Result<TlsReport, DialError>>) -> String {
    match session {
        None => "no response".to_owned(),
        Some(Err(error)) => format!("the handshake fails too ({error})"),
        Some(Ok(tls)) => {
            let names = tls.certificates.first().map(|leaf| leaf.names.join(", "));
            format!(
                "the handshake succeeds, with ALPN {} and a certificate for {}",
                tls.alpn.as_deref().unwrap_or("none"),
                names
                    .filter(|names| !names.is_empty())
                    .unwrap_or_else(|| "no name".to_owned()),
            )
        }
    }
}
