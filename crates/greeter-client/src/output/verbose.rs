//! The connection as text, as `-v` prints it.

use std::time::Duration;

use transport::{DialReport, tls::TlsReport};

use super::stderr;

/// Prints each phase that was reached, on standard error.
pub(super) fn print(report: &DialReport) {
    let timings = &report.timings;
    if let Some(proxy) = &report.proxy {
        stderr::line(format_args!(
            "* using the proxy {proxy}, which resolves the name"
        ));
    } else if let Some(time) = timings.resolve {
        stderr::line(format_args!(
            "* resolved to {} in {}",
            report.addresses.join(", "),
            Ms(time)
        ));
    }
    if report.attempts.len() > 1 {
        for attempt in &report.attempts {
            stderr::line(format_args!("*   tried {attempt}"));
        }
    }
    if let (Some(time), Some(peer)) = (timings.connect, &report.peer) {
        stderr::line(format_args!("* connected to {peer} in {}", Ms(time)));
    }
    if let (Some(time), Some(tls)) = (timings.tls, &report.tls) {
        session(tls, time);
    }
    if let Some(time) = timings.http2 {
        stderr::line(format_args!("* HTTP/2 phase took {}", Ms(time)));
    }
}

fn session(tls: &TlsReport, time: Duration) {
    if let (Some(version), Some(cipher)) = (&tls.version, &tls.cipher) {
        let verified = if tls.verified {
            "verified"
        } else {
            "NOT verified"
        };
        stderr::line(format_args!(
            "* {version}, {cipher}, key exchange {}, ALPN {}, {verified} as {}, in {}",
            tls.key_exchange.as_deref().unwrap_or("unknown"),
            tls.alpn.as_deref().unwrap_or("none"),
            tls.server_name,
            Ms(time),
        ));
    }
    for (depth, certificate) in tls.certificates.iter().enumerate() {
        stderr::line(format_args!(
            "*   certificate {depth}: {}; issued by {}; for {}; valid from {} to {} ({} days left)",
            certificate.subject,
            certificate.issuer,
            match certificate.names.as_slice() {
                [] => "no names".to_owned(),
                names => names.join(", "),
            },
            certificate.not_before,
            certificate.not_after,
            certificate.days_left,
        ));
    }
}

/// A time in milliseconds.
pub(super) struct Ms(pub(super) Duration);

impl std::fmt::Display for Ms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} ms", self.0.as_secs_f64() * 1000.0)
    }
}
