//! What a run has shown, in the shape that its JSON has; the text and the page
//! are made from it too.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    LATE, Plan,
    gates::Verdict,
    histogram::Bar,
    results::{Fault, Host, Latency},
    stats::Stats,
    timeline::Point,
};
use crate::{Exit, call::Kind};

/// What a run has shown. Times are in the unit that the name ends with.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// When it began, warm-up included (RFC 3339).
    pub started_at: String,
    /// The server, as it was asked for.
    pub target: String,
    /// What was asked for.
    pub asked: Asked,
    /// How long was measured.
    pub elapsed_s: f64,
    /// Whether the user ended it.
    pub ended_early: bool,
    /// The calls that were to be made.
    pub sends: Sends,
    /// Sends per second that were reached.
    pub reached_rate: f64,
    /// The calls that ended.
    pub answers: Answers,
    /// Of successes, and of sends without an answer as far as that is known;
    /// null without any success.
    pub latency: Option<Latency>,
    /// How many successes took how long.
    pub histogram: Vec<Bar>,
    /// Who answered, most answers first.
    pub hosts: Vec<Host>,
    /// Failures by kind, most first.
    pub errors: Vec<Fault>,
    /// How it went over time.
    pub timeline: Vec<Point>,
    /// How often a lost connection was made again.
    pub reconnects: u64,
    /// What had to hold.
    pub gates: Vec<Verdict>,
    /// What a reader has to know to judge the figures.
    pub notes: Vec<String>,
    /// The program's exit code.
    pub exit_code: u8,
}

/// What was asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// Whether there was a schedule (`open`), or each caller waited for its
    /// answer (`closed`).
    #[serde(rename = "loop")]
    pub mode: &'static str,
    /// Sends per second; null in a closed loop.
    pub rate: Option<f64>,
    #[allow(missing_docs)]
    pub duration_s: f64,
    #[allow(missing_docs)]
    pub warmup_s: f64,
    #[allow(missing_docs)]
    pub connections: usize,
    /// The most calls at once, over all connections.
    pub concurrency: usize,
    /// `unary`, or `bidi`: messages over streams that stay open.
    pub call: &'static str,
    /// The size of a message's name.
    pub name_bytes: usize,
}

/// The calls that were to be made.
#[derive(Clone, Debug, Serialize)]
pub struct Sends {
    /// Started, and ended.
    pub sent: u64,
    /// Of these, started more than `late_after_ms` after they were due.
    pub late: u64,
    #[allow(missing_docs)]
    pub late_after_ms: f64,
    #[allow(missing_docs)]
    pub worst_late_ms: f64,
    /// Due, but not started before the end.
    pub skipped: u64,
    /// Started, but given up at the end.
    pub unfinished: u64,
}

impl Sends {
    /// Those of which nobody knows how long they would have taken.
    pub(super) fn unanswered(&self) -> u64 {
        self.skipped + self.unfinished
    }
}

/// The calls that ended.
#[derive(Clone, Debug, Serialize)]
pub struct Answers {
    #[allow(missing_docs)]
    pub ok: u64,
    #[allow(missing_docs)]
    pub errors: u64,
    /// Errors per call that ended, from 0 to 1.
    pub error_share: f64,
}

/// What is known of a run besides its counts.
pub(super) struct Run {
    pub(super) started_at: SystemTime,
    pub(super) elapsed: Duration,
    pub(super) due: Option<u64>,
    pub(super) started: u64,
    pub(super) ended_early: bool,
    pub(super) redials: u64,
}

impl Summary {
    pub(super) fn new(plan: &Plan, stats: &Stats, run: &Run) -> Self {
        let elapsed_s = run.elapsed.as_secs_f64();
        let (sent, ok) = (stats.sent, stats.latencies.count());
        let sends = Sends {
            sent,
            late: stats.late,
            late_after_ms: ms(LATE),
            worst_late_ms: ms(stats.worst_late),
            skipped: run.due.map_or(0, |due| due.saturating_sub(run.started)),
            unfinished: run.started.saturating_sub(sent),
        };
        let mut summary = Self {
            started_at: OffsetDateTime::from(run.started_at)
                .format(&Rfc3339)
                .unwrap_or_default(),
            target: plan.dialer.target.to_string(),
            asked: Asked::new(plan),
            elapsed_s,
            ended_early: run.ended_early,
            reached_rate: share(run.started as f64, elapsed_s),
            answers: Answers {
                ok,
                errors: stats.errors,
                error_share: share(stats.errors as f64, sent as f64),
            },
            latency: Latency::new(&stats.latencies, sends.unanswered(), plan.rate.is_some()),
            sends,
            histogram: stats.latencies.bars(),
            hosts: Host::all(stats),
            errors: Fault::all(stats),
            timeline: stats.timeline.points(run.elapsed),
            reconnects: run.redials,
            gates: Vec::new(),
            notes: Vec::new(),
            exit_code: Exit::Success as u8,
        };
        summary.gates = plan.gates.iter().map(|gate| gate.judge(&summary)).collect();
        summary.notes = summary.notes();
        summary.exit_code = summary.exit() as u8;
        summary
    }

    /// How the program ends: a gate that failed counts most; a run without any
    /// success is none either.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.gates.iter().any(|gate| !gate.passed) {
            Exit::Gate
        } else if self.answers.ok > 0 {
            Exit::Success
        } else {
            match self.errors.first().map(|fault| fault.kind) {
                Some("DEADLINE_EXCEEDED") => Exit::Deadline,
                None if self.ended_early => Exit::Success,
                _ => Exit::Status,
            }
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.asked.rate.is_none() {
            notes.push(
                "Closed loop: each caller waits for its answer before it sends again, so a stall \
                 of the server holds the load back too. These latencies cannot show what callers \
                 who come at their own pace would have waited; measure that with --rate."
                    .to_owned(),
            );
        }
        if self.sends.skipped > 0 {
            notes.push(format!(
                "{} sends were due but had no free caller before the end: the server, this machine \
                 or --concurrency is too small for the rate. For gates they are errors.",
                self.sends.skipped
            ));
        }
        if let Some(known) = self.latency.as_ref().and_then(|it| it.lower_bounds_above) {
            notes.push(format!(
                "{} sends had no answer at the end and count as slower than every success: the \
                 percentiles above p{known:.2}, the mean and the maximum are lower bounds.",
                self.sends.unanswered()
            ));
        }
        if self.ended_early {
            notes.push("Ended early: the figures are of the part that ran.".to_owned());
        }
        if self.answers.ok < 10_000 && self.answers.ok > 0 {
            notes.push(format!(
                "p99.99 needs 10,000 answers to say more than the maximum; there were {}.",
                self.answers.ok
            ));
        }
        notes
    }
}

impl Asked {
    fn new(plan: &Plan) -> Self {
        Self {
            mode: match plan.rate {
                Some(_) => "open",
                None => "closed",
            },
            rate: plan.rate,
            duration_s: plan.duration.as_secs_f64(),
            warmup_s: plan.warmup.as_secs_f64(),
            connections: plan.connections,
            concurrency: plan.concurrency,
            call: match plan.options.kind {
                Kind::BidiStream => "bidi",
                Kind::Unary | Kind::ServerStream => "unary",
            },
            name_bytes: plan.name.len(),
        }
    }
}

/// `part / whole`; nothing of nothing is nothing.
pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn ms(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}
