//! The stages of making the connection, from what the dial saw.

use std::time::Duration;

use super::{Code, Mark, Stage, Step};
use crate::{
    DialError, Dialer, Target,
    dial::Facts,
    tls::{CertificateFacts, TlsFacts},
};

/// From when on a certificate's end is worth a warning.
const EXPIRY_WARNING_DAYS: i64 = 14;

/// The stages up to HTTP/2; `took` is the time of all of them.
pub(super) fn stages(
    dialer: &Dialer,
    facts: &Facts,
    error: Option<&DialError>,
    took: Duration,
) -> Vec<Stage> {
    let failed = error.map(|error| (Code::from(error).step(), error.to_string()));
    let timings = &facts.timings;
    let known = [timings.resolve, timings.connect, timings.tls, timings.http2];
    let rest = took.saturating_sub(known.into_iter().flatten().sum());
    let steps = [
        (Step::Resolve, timings.resolve, addresses(facts)),
        (Step::Connect, timings.connect, peer(dialer, facts)),
        (Step::Tls, timings.tls, session(facts)),
        (Step::Alpn, None, alpn(facts)),
        (
            Step::Http2,
            timings.http2,
            vec!["the server's SETTINGS came".to_owned()],
        ),
    ];
    steps
        .into_iter()
        .map(|(step, time, evidence)| match &failed {
            // What the failed step showed before stands beside its failure.
            Some((at, cause)) if *at == step => {
                let shown = if step == Step::Tls {
                    evidence
                } else {
                    Vec::new()
                };
                let evidence = std::iter::once(cause.clone()).chain(shown).collect();
                let time = time.or((step != Step::Alpn).then_some(rest));
                Stage::new(step, Mark::Failed, time, evidence)
            }
            _ if dialer.tls.is_none() && matches!(step, Step::Tls | Step::Alpn) => {
                Stage::skipped(step, "plaintext was asked for")
            }
            Some((at, _)) if *at < step => Stage::skipped(step, "not reached"),
            _ => Stage::new(step, mark(step, facts), time, evidence),
        })
        .collect()
}

fn mark(step: Step, facts: &Facts) -> Mark {
    let tls = facts.tls.as_ref().filter(|_| step == Step::Tls);
    match tls {
        Some(tls) if !tls.verified || tls.certificates.iter().any(expires_soon) => Mark::Warning,
        _ => Mark::Ok,
    }
}

fn expires_soon(certificate: &CertificateFacts) -> bool {
    certificate.days_left < EXPIRY_WARNING_DAYS
}

fn addresses(facts: &Facts) -> Vec<String> {
    let (v6, v4): (Vec<_>, Vec<_>) = facts
        .addresses
        .iter()
        .map(String::as_str)
        .partition(|address| address.starts_with('['));
    let family = |name, addresses: Vec<&str>| match addresses.as_slice() {
        [] => format!("{name} none"),
        some => format!("{name} {}", some.join(", ")),
    };
    match facts.addresses.as_slice() {
        [path] if path.starts_with("unix:") => vec!["a socket needs no name".to_owned()],
        _ => vec![family("IPv4", v4), family("IPv6", v6)],
    }
}

fn peer(dialer: &Dialer, facts: &Facts) -> Vec<String> {
    let peer = facts.peer.as_deref().unwrap_or_default();
    match &dialer.target {
        Target::Unix(_) => vec![format!("to {peer}")],
        Target::Tcp { .. } => vec![format!("to {peer} over TCP")],
    }
}

fn alpn(facts: &Facts) -> Vec<String> {
    let tls = facts.tls.as_ref();
    let alpn = tls.and_then(|tls| tls.alpn.clone());
    vec![alpn.unwrap_or_else(|| "none".to_owned())]
}

fn session(facts: &Facts) -> Vec<String> {
    let Some(tls) = &facts.tls else {
        return Vec::new();
    };
    let mut evidence = Vec::new();
    if let (Some(version), Some(cipher)) = (&tls.version, &tls.cipher) {
        evidence.push(format!("{version}, {cipher}, {}", key_exchange(tls)));
        evidence.push(match tls.verified {
            true => format!("verified as {}", tls.server_name),
            false => "NOT verified".to_owned(),
        });
        evidence.push(format!(
            "OCSP response {}",
            if tls.ocsp_stapled {
                "stapled"
            } else {
                "not stapled"
            }
        ));
    }
    if tls.client_certificate_asked {
        evidence.push("the server asks for a client certificate".to_owned());
    }
    evidence.extend(tls.certificates.iter().enumerate().map(certificate));
    evidence
}

fn key_exchange(tls: &TlsFacts) -> String {
    let group = tls.key_exchange.as_deref().unwrap_or("unknown");
    let quantum = if group.contains("MLKEM") { "" } else { "not " };
    format!("key exchange {group} ({quantum}post-quantum)")
}

fn certificate((depth, certificate): (usize, &CertificateFacts)) -> String {
    let names = match certificate.names.as_slice() {
        [] => "no names".to_owned(),
        names => names.join(", "),
    };
    let days = certificate.days_left;
    let left = match days {
        ..0 => "EXPIRED".to_owned(),
        0..EXPIRY_WARNING_DAYS => format!("EXPIRES in {days} days"),
        _ => format!("{days} days left"),
    };
    format!(
        "certificate {depth}: {}; issued by {}; for {names}; {left}, until {}",
        certificate.subject, certificate.issuer, certificate.not_after,
    )
}
