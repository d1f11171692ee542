//! The summary of a load test, in the shape of its JSON; the text and the page
//! render it.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use transport::{Exit, milliseconds};

use crate::{
    figures::share,
    histogram::Bar,
    latency::Latency,
    plan::LoadPlan,
    recorder::{LATE, Recorder},
    results::{ErrorResult, HostResult, Responses, Sends},
    settings::LoadSettings,
    threshold::{Measured, THRESHOLD_EXCEEDED, ThresholdResult},
    timeline::Point,
};

/// The summary of a load test. The last part of a name is its unit.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The start, warm-up included (RFC 3339).
    pub started_at: String,
    /// The server, as the user named it.
    pub target: String,
    #[allow(missing_docs)]
    pub settings: LoadSettings,
    /// The measured time.
    pub elapsed_s: f64,
    /// Whether the user ended the test.
    pub ended_early: bool,
    #[allow(missing_docs)]
    pub sends: Sends,
    /// The sends per second that were reached.
    pub reached_rate: f64,
    #[allow(missing_docs)]
    pub responses: Responses,
    /// Null without any success.
    pub latency: Option<Latency>,
    /// The distribution of the successes by latency.
    pub histogram: Vec<Bar>,
    /// Most responses first.
    pub hosts: Vec<HostResult>,
    /// Errors by kind, most errors first.
    pub errors: Vec<ErrorResult>,
    /// The figures over time.
    pub timeline: Vec<Point>,
    /// The number of reconnects after a lost connection.
    pub reconnects: u64,
    /// The calls that were sent again because the server had certainly not processed
    /// them. Each counts once, as a success or as an error.
    pub retried: u64,
    /// The calls that started a sampled trace.
    pub traced: u64,
    #[allow(missing_docs)]
    pub thresholds: Vec<ThresholdResult>,
    /// How to read the figures.
    pub notes: Vec<String>,
    /// The program's exit code.
    pub exit_code: u8,
}

/// The figures of a run besides its counts.
pub(crate) struct RunFigures {
    pub(crate) started_at: SystemTime,
    pub(crate) elapsed: Duration,
    pub(crate) due: Option<u64>,
    pub(crate) started: u64,
    pub(crate) ended_early: bool,
    pub(crate) reconnects: u64,
}

impl Summary {
    pub(crate) fn new(plan: &LoadPlan, recorder: &Recorder, run: &RunFigures) -> Self {
        let elapsed_s = run.elapsed.as_secs_f64();
        let (sent, ok) = (recorder.sent, recorder.latencies.count());
        let sends = Sends {
            sent,
            late: recorder.late,
            late_after_ms: milliseconds(LATE),
            worst_late_ms: milliseconds(recorder.worst_late),
            skipped: run.due.map_or(0, |due| due.saturating_sub(run.started)),
            unfinished: run.started.saturating_sub(sent),
        };
        let responses = Responses {
            ok,
            errors: recorder.errors,
            error_share: share(recorder.errors as f64, sent as f64),
        };
        let no_response = sends.no_response();
        let latency = Latency::new(&recorder.latencies, no_response, plan.rate.is_some());
        let reached_rate = share(run.started as f64, elapsed_s);
        let measured = Measured {
            sends: &sends,
            responses: &responses,
            latency: latency.as_ref(),
            reached_rate,
        };
        let thresholds = plan.thresholds.iter();
        let thresholds = thresholds.map(|it| it.evaluate(&measured)).collect();
        let mut summary = Self {
            started_at: OffsetDateTime::from(run.started_at)
                .format(&Rfc3339)
                .unwrap_or_default(),
            target: plan.dialer.target.to_string(),
            settings: LoadSettings::new(plan),
            elapsed_s,
            ended_early: run.ended_early,
            reached_rate,
            responses,
            latency,
            sends,
            histogram: recorder.latencies.bars(),
            hosts: HostResult::all(recorder),
            errors: ErrorResult::all(recorder),
            timeline: recorder.timeline.points(run.elapsed),
            reconnects: run.reconnects,
            retried: recorder.retried,
            traced: recorder.traced,
            thresholds,
            notes: Vec::new(),
            exit_code: Exit::SUCCESS.0,
        };
        summary.exit_code = summary.exit().0;
        summary
    }

    /// The exit code: of a threshold that was exceeded, else of the errors if
    /// there was no success.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.thresholds.iter().any(|it| !it.passed) {
            return THRESHOLD_EXCEEDED;
        }
        if self.responses.ok > 0 {
            return Exit::SUCCESS;
        }
        match self.errors.first().map(|error| error.kind) {
            Some("DEADLINE_EXCEEDED") => Exit::DEADLINE,
            None if self.ended_early => Exit::SUCCESS,
            _ => Exit::STATUS,
        }
    }
}
