//! The finding of a rule.

use transport::Cause;

/// A cause with its evidence.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) cause: Cause,
    /// The cause in one sentence.
    pub(crate) message: String,
    pub(crate) evidence: Vec<String>,
    /// Whether only the status and the headers suggest that a gateway made the
    /// response.
    pub(crate) inferred: bool,
}

impl Finding {
    pub(crate) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
            evidence: Vec::new(),
            inferred: false,
        }
    }

    /// A timeout that is too short for a verdict about the server.
    pub(crate) fn too_short() -> Self {
        Self::new(Cause::TooShort, "the time was too short to tell")
    }

    pub(crate) fn with_evidence(mut self, evidence: impl Into<String>) -> Self {
        self.evidence.push(evidence.into());
        self
    }
}
