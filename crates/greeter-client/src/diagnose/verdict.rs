//! What is wrong, and what to do.

use serde::Serialize;

use super::{Code, answer::Answer, grpc, route, upstream};

/// The end of a diagnosis.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// The stable code.
    pub code: Code,
    /// How the program ends with it.
    pub exit_code: u8,
    /// The cause, in one sentence.
    pub cause: String,
    /// What to change, and where.
    pub fix: String,
    /// What shows the cause.
    pub evidence: Vec<String>,
    /// What was tried to tell this cause from others, and what came of it.
    pub tried: Vec<String>,
}

/// A cause, as one look at the evidence finds it.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) code: Code,
    pub(super) cause: String,
    pub(super) evidence: Vec<String>,
    /// What to change, where that is not what the code has.
    pub(super) fix: Option<&'static str>,
    /// Whether only a status tells that a gateway made the answer.
    pub(super) inferred: bool,
    /// Whether the longest time of everything was the limit.
    pub(super) by_total: bool,
}

impl Finding {
    pub(super) fn new(code: Code, cause: impl Into<String>) -> Self {
        Self {
            code,
            cause: cause.into(),
            evidence: Vec::new(),
            fix: None,
            inferred: false,
            by_total: false,
        }
    }

    pub(super) fn verdict(self, tried: Vec<String>) -> Verdict {
        let fix = self.fix.unwrap_or_else(|| self.code.fix());
        let fix = match self.by_total {
            true => fix
                .replace("--connect-timeout", "--total-timeout")
                .replace("--timeout", "--total-timeout"),
            false => fix.to_owned(),
        };
        Verdict {
            code: self.code,
            exit_code: self.code.exit() as u8,
            cause: self.cause,
            fix,
            evidence: self.evidence,
            tried,
        }
    }
}

/// What an answer to a gRPC call says; `plain` is the answer to the same path
/// without gRPC, where it was asked for.
pub(super) fn judge(answer: &Answer, plain: Option<&Answer>) -> Finding {
    let Some(status) = answer.status().filter(|_| answer.is_grpc()) else {
        return match answer.is_grpc() {
            true => grpc::without_status(answer),
            false => route::http(answer),
        };
    };
    let found = upstream::words(status.code(), status.message())
        .or_else(|| route::words(&status, answer))
        .or_else(|| {
            let envoys = answer.is_envoys() && !grpc::is_ok(&status);
            envoys
                .then(|| route::envoys(&status, answer, plain))
                .flatten()
        });
    found.unwrap_or_else(|| grpc::status(&status, answer))
}

/// Whether a plain request can tell more: Envoy answers gRPC calls with a
/// gRPC status, behind which the HTTP status is lost.
pub(super) fn wants_plain(answer: &Answer) -> bool {
    let status = answer.status().filter(|_| answer.is_grpc());
    status.is_some_and(|status| {
        answer.is_envoys()
            && !grpc::is_ok(&status)
            && upstream::words(status.code(), status.message()).is_none()
            && route::words(&status, answer).is_none()
    })
}
