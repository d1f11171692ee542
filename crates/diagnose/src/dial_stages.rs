//! The stages of the dial, from its report.

use std::time::Duration;

use cli_kit::pem::EXPIRY_WARNING_DAYS;
use transport::{
    DialError, DialReport, Dialer, Target,
    tls::{CertificateReport, ClientCertificateFault, Tls, TlsReport},
};

use crate::stage::{Stage, StageName, StageStatus};

/// The stages up to HTTP/2; `took` is the time of the whole dial.
pub(super) fn stages(
    dialer: &Dialer,
    report: &DialReport,
    error: Option<&DialError>,
    took: Duration,
) -> Vec<Stage> {
    let failed = error.map(|error| (StageName::of(error.cause()), error.to_string()));
    let timings = &report.timings;
    let known = [timings.resolve, timings.connect, timings.tls, timings.http2];
    let rest = took.saturating_sub(known.into_iter().flatten().sum());
    let stages = [
        (StageName::Resolve, timings.resolve, addresses(report)),
        (StageName::Connect, timings.connect, peer(dialer, report)),
        (StageName::Tls, timings.tls, session(report)),
        (StageName::Alpn, None, alpn(report)),
        (
            StageName::Http2,
            timings.http2,
            vec!["received the server's SETTINGS".to_owned()],
        ),
    ];
    stages
        .into_iter()
        .map(|(name, time, evidence)| match &failed {
            // What the failed stage showed before stands beside its failure.
            Some((at, cause)) if *at == name => {
                let shown = match name {
                    StageName::Connect | StageName::Tls => evidence,
                    _ => Vec::new(),
                };
                let evidence = std::iter::once(cause.clone()).chain(shown).collect();
                let time = time.or((name != StageName::Alpn).then_some(rest));
                Stage::new(name, StageStatus::Failed, time, evidence)
            }
            _ if dialer.tls.is_none() && matches!(name, StageName::Tls | StageName::Alpn) => {
                Stage::skipped(name, "not used (plaintext)")
            }
            Some((at, _)) if *at < name => Stage::skipped(name, "not reached"),
            _ => {
                let stage = Stage::new(name, StageStatus::Ok, time, evidence);
                warn(stage, dialer, report)
            }
        })
        .collect()
}

/// Turns a TLS stage that needs attention into a warning, with advice.
fn warn(mut stage: Stage, dialer: &Dialer, report: &DialReport) -> Stage {
    let tls = report.tls.as_ref().filter(|_| stage.name == StageName::Tls);
    let settings = dialer.tls.as_ref().filter(|_| tls.is_some());
    let fault = settings.and_then(Tls::client_certificate_fault);
    if let Some(fault) = fault {
        let text = format!("the certificate of --cert {fault}");
        stage.evidence.push(text);
    }
    stage.advice = tls.and_then(|tls| {
        if let Some(fault) = fault {
            Some(of_fault(fault))
        } else if tls.certificates.iter().any(expires_soon) {
            Some("Renew the certificate; see the warning.")
        } else if !tls.verified {
            Some("Verify the certificate: leave out --insecure-skip-verify.")
        } else {
            None
        }
    });
    if stage.advice.is_some() {
        stage.status = StageStatus::Warning;
    }
    stage
}

fn of_fault(fault: ClientCertificateFault) -> &'static str {
    match fault {
        ClientCertificateFault::Expired(_) => "Replace the certificate of --cert: it is expired.",
        ClientCertificateFault::NotYetValid(_) => {
            "Replace the certificate of --cert: it is not yet valid."
        }
        ClientCertificateFault::WrongUsage => {
            "Replace the certificate of --cert: it is not for clients."
        }
    }
}

fn expires_soon(certificate: &CertificateReport) -> bool {
    certificate.days_left < EXPIRY_WARNING_DAYS
}

fn addresses(report: &DialReport) -> Vec<String> {
    let (v6, v4): (Vec<_>, Vec<_>) = report
        .addresses
        .iter()
        .map(String::as_str)
        .partition(|address| address.starts_with('['));
    let family = |name, addresses: Vec<&str>| match addresses.as_slice() {
        [] => format!("{name} none"),
        some => format!("{name} {}", some.join(", ")),
    };
    if let Some(proxy) = &report.proxy {
        return vec![format!("the proxy {proxy} resolves the name")];
    }
    match report.addresses.as_slice() {
        [path] if path.starts_with("unix:") => vec!["a Unix socket needs no DNS".to_owned()],
        _ => vec![family("IPv4", v4), family("IPv6", v6)],
    }
}

/// The peer, and each address that was tried if there was more than one.
fn peer(dialer: &Dialer, report: &DialReport) -> Vec<String> {
    let mut evidence = Vec::new();
    if let Some(peer) = &report.peer {
        evidence.push(match &dialer.target {
            Target::Unix(_) => format!("to {peer}"),
            Target::Tcp { .. } => format!("to {peer} over TCP"),
        });
        if let Some(proxy) = &report.proxy {
            let target = &dialer.target;
            evidence.push(format!("the proxy {proxy} opens a tunnel to {target}"));
        }
    }
    if report.attempts.len() > 1 {
        let tried = |attempt| format!("tried {attempt}");
        evidence.extend(report.attempts.iter().map(tried));
    }
    evidence
}

fn alpn(report: &DialReport) -> Vec<String> {
    let tls = report.tls.as_ref();
    let alpn = tls.and_then(|tls| tls.alpn.clone());
    vec![alpn.unwrap_or_else(|| "none".to_owned())]
}

fn session(report: &DialReport) -> Vec<String> {
    let Some(tls) = &report.tls else {
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
    if tls.client_certificate_requested {
        evidence.push("the server requests a client certificate".to_owned());
    }
    evidence.extend(tls.certificates.iter().enumerate().map(certificate));
    evidence
}

fn key_exchange(tls: &TlsReport) -> String {
    let group = tls.key_exchange.as_deref().unwrap_or("unknown");
    let quantum = if group.contains("MLKEM") { "" } else { "not " };
    format!("key exchange {group} ({quantum}post-quantum)")
}

fn certificate((depth, certificate): (usize, &CertificateReport)) -> String {
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
