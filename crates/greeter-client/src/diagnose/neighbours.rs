//! What is tried beside a failed connection, to be sure of the cause.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::{
    DialError, Dialer,
    dial::{Facts, neighbour::FirstLine},
    tls::TlsFacts,
};

/// The longest time of each.
const PATIENCE: Duration = Duration::from_millis(400);

/// Tries the neighbours of a failure, and tells what came of each; may find
/// that the cause is another.
pub(super) async fn of_failure(
    dialer: &Dialer,
    facts: &Facts,
    error: DialError,
    deadline: Instant,
) -> (DialError, Vec<String>) {
    let look = Look {
        dialer,
        facts,
        deadline,
    };
    let mut tried = Vec::new();
    match &error {
        DialError::TlsClosed { .. } | DialError::Tls { .. } => {
            tried.push(look.sni().await);
            tried.push(look.plaintext().await);
        }
        DialError::TlsNoAnswer => tried.push(look.plaintext().await),
        DialError::PlaintextServer { .. } => tried.push(look.http1().await.1),
        DialError::WrongName { .. } => {
            tried.push(look.sni().await);
            tried.push(look.unverified().await);
        }
        DialError::UnknownIssuer { .. }
        | DialError::SelfSigned { .. }
        | DialError::CaAsLeaf { .. }
        | DialError::StagingIssuer { .. }
        | DialError::WrongUsage
        | DialError::InvalidCertificate { .. }
        | DialError::Expired { .. }
        | DialError::NotYetValid { .. } => tried.push(look.unverified().await),
        DialError::NoAlpn | DialError::NoH2 => {
            let (has_http1, text) = look.alpn_http1().await;
            tried.push(text);
            // Some servers answer an offer that they do not like as if there
            // was none, so only the other offer tells.
            let error = if has_http1 { DialError::NoH2 } else { error };
            return (error, tried);
        }
        DialError::TlsServer => {
            tried.push("TLS on the same port: it answers a handshake".to_owned());
        }
        DialError::Http1Server
        | DialError::NotHttp2
        | DialError::Http2Closed
        | DialError::Http2NoAnswer
            if dialer.tls.is_none() =>
        {
            tried.push("TLS on the same port: no answer to a handshake".to_owned());
            let (is_tls, text) = look.http1().await;
            tried.push(text);
            // A handshake may take longer than the patience with it.
            if is_tls {
                return (DialError::TlsServer, tried);
            }
        }
        _ => {}
    }
    (error, tried)
}

/// A second look at the peer.
struct Look<'a> {
    dialer: &'a Dialer,
    facts: &'a Facts,
    deadline: Instant,
}

impl Look<'_> {
    fn patience(&self) -> Duration {
        PATIENCE.min(self.deadline.saturating_duration_since(Instant::now()))
    }

    async fn sni(&self) -> String {
        if !self.dialer.sends_sni() {
            return "TLS with SNI: not possible with an address; give a name with --server-name"
                .to_owned();
        }
        let session = self
            .dialer
            .handshake(self.facts, false, "h2", self.patience());
        format!("TLS without SNI: {}", shown(session.await))
    }

    async fn unverified(&self) -> String {
        let session = self
            .dialer
            .handshake(self.facts, true, "h2", self.patience());
        format!(
            "TLS without verification (the handshake only): {}",
            shown(session.await)
        )
    }

    async fn alpn_http1(&self) -> (bool, String) {
        let alpn = "http/1.1";
        let session = self
            .dialer
            .handshake(self.facts, true, alpn, self.patience());
        let session = session.await;
        let agreed = matches!(&session, Some(Ok(tls)) if tls.alpn.as_deref() == Some(alpn));
        let text = match agreed {
            true => "ALPN http/1.1 instead of h2: agreed to".to_owned(),
            false => format!("ALPN http/1.1 instead of h2: {}", shown(session)),
        };
        (agreed, text)
    }

    async fn plaintext(&self) -> String {
        let protocol = timeout(self.patience(), self.dialer.plaintext(self.facts));
        match protocol.await.ok().flatten() {
            Some(protocol) => format!("plaintext on the same port: it speaks {protocol}"),
            None => "plaintext on the same port: no HTTP".to_owned(),
        }
    }

    async fn http1(&self) -> (bool, String) {
        let answer = self.dialer.http1(self.facts, self.patience()).await;
        let what = match &answer {
            Some(FirstLine::Tls) => "a TLS alert".to_owned(),
            Some(FirstLine::Text(line)) => format!("{line:?}"),
            None => "no answer".to_owned(),
        };
        let text = format!("plaintext HTTP/1.1 on the same port: {what}");
        (matches!(answer, Some(FirstLine::Tls)), text)
    }
}

fn shown(session: Option<Result<TlsFacts, DialError>>) -> String {
    match session {
        None => "no answer".to_owned(),
        Some(Err(error)) => format!("it fails too ({error})"),
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
