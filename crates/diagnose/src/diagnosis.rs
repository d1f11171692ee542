//! The result of a diagnosis, in the shape of its JSON.

use serde::Serialize;
use transport::{DialReport, tls::TlsReport};

use crate::{Attempt, ResponseReport, Stage, Verdict};

/// The result of a diagnosis.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// The server's address as the user gave it.
    pub target: String,
    /// The `:authority` of requests.
    pub authority: String,
    /// The method.
    pub path: String,
    /// The cause, and the fix.
    pub verdict: Verdict,
    /// Every stage, in order.
    pub stages: Vec<Stage>,
    /// The resolved addresses, and the address of the connection.
    pub connection: DialReport,
    /// The TLS session and the certificates.
    pub tls: Option<TlsReport>,
    /// The response to the call.
    pub response: Option<ResponseReport>,
    /// The calls over new connections, in order for each address.
    pub attempts: Vec<Attempt>,
    /// Milliseconds from the start to the verdict.
    pub elapsed_ms: f64,
}
