//! The verdict of a diagnosis: the cause, and the fix.

use serde::Serialize;
use transport::Cause;

use crate::{
    finding::Finding,
    stage::{Stage, StageStatus},
};

/// The verdict of a diagnosis.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// The row of the table of causes; serialised as its stable code.
    #[serde(rename = "code")]
    pub cause: Cause,
    /// The program's exit code.
    pub exit_code: u8,
    /// The cause, in one sentence.
    #[serde(rename = "cause")]
    pub message: String,
    /// What to change, and where.
    pub fix: String,
    /// The evidence of the cause.
    pub evidence: Vec<String>,
    /// The probes that distinguish this cause from others, and their results.
    pub tried: Vec<String>,
}

/// The timeout that limits the dial or the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// The timeout of the dial or the call itself.
    Stage,
    /// The timeout of the whole diagnosis.
    Total,
}

impl Verdict {
    /// The verdict of a finding; `limit` is the timeout that a fix may name.
    pub(crate) fn new(
        finding: Finding,
        limit: Limit,
        stages: &[Stage],
        tried: Vec<String>,
    ) -> Self {
        let fix = match (finding.cause, limit) {
            (Cause::Ok, _) => fix_of_warnings(stages),
            (cause, Limit::Stage) => cause.fix(),
            (cause, Limit::Total) => cause
                .fix()
                .replace("--connect-timeout", "--total-timeout")
                .replace("--timeout", "--total-timeout"),
        };
        Self {
            cause: finding.cause,
            exit_code: finding.cause.exit().0,
            message: finding.message,
            fix,
            evidence: finding.evidence,
            tried,
        }
    }
}

/// What to do about a call that succeeds: the warnings of its stages, if any.
pub(crate) fn fix_of_warnings(stages: &[Stage]) -> String {
    let warnings = stages.iter().filter(|it| it.status == StageStatus::Warning);
    let advice: Vec<_> = warnings.filter_map(|stage| stage.advice).collect();
    match advice.is_empty() {
        true => Cause::Ok.fix(),
        false => advice.join(" "),
    }
}
