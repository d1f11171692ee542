//! Thresholds that fail a test: `p99>50ms`, `errors>0.1%`, `rate<450`.

mod parse;

use serde::Serialize;
use transport::Exit;

use crate::{
    figures::share,
    latency::Latency,
    results::{Responses, Sends},
};

/// The exit code of a test whose threshold was exceeded.
pub const THRESHOLD_EXCEEDED: Exit = Exit(10);

/// A condition that fails the test.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// As the user wrote it.
    expression: String,
    metric: Metric,
    above: bool,
    /// Milliseconds, a share, a count, or sends per second.
    limit: f64,
}

/// The result of a threshold.
#[derive(Clone, Debug, Serialize)]
pub struct ThresholdResult {
    /// As the user wrote it.
    pub expression: String,
    /// The measured value, in the unit of the metric: milliseconds, a share from
    /// 0 to 1, a count, or sends per second; null without one. Errors include the
    /// sends without a response.
    pub measured: Option<f64>,
    /// Whether the test passed: the condition is false.
    pub passed: bool,
    /// The measured value as text.
    #[serde(skip)]
    pub message: String,
}

/// The figures that thresholds apply to.
pub(crate) struct Measured<'a> {
    pub(crate) sends: &'a Sends,
    pub(crate) responses: &'a Responses,
    pub(crate) latency: Option<&'a Latency>,
    pub(crate) reached_rate: f64,
}

#[derive(Clone, Copy, Debug)]
enum Metric {
    /// The percentile, which tells whether the value is a lower bound, and the
    /// value.
    Latency(f64, fn(&Latency) -> f64),
    ErrorShare,
    ErrorCount,
    Rate,
}

impl Threshold {
    /// Evaluates the threshold. It fails for a latency without a value, and for an
    /// upper limit of a latency that is a lower bound.
    pub(crate) fn evaluate(&self, figures: &Measured<'_>) -> ThresholdResult {
        let no_response = figures.sends.no_response();
        let all = figures.sends.sent + no_response;
        let mut certain = true;
        // Sends that were due and held back got no response either.
        let failed = figures.responses.errors + no_response;
        let of_these = match no_response {
            0 => String::new(),
            count => format!(", with {count} sends that had no response at the end"),
        };
        let (measured, message) = match self.metric {
            Metric::Latency(percentile, of) => match figures.latency {
                Some(latency) if latency.is_bound(percentile) => {
                    certain = false;
                    let message = format!(
                        "at least {:.3} ms: {no_response} of {all} sends had no response at the end",
                        of(latency)
                    );
                    (Some(of(latency)), message)
                }
                Some(latency) => (Some(of(latency)), format!("{:.3} ms", of(latency))),
                None => (None, "no call succeeded".to_owned()),
            },
            Metric::ErrorShare => {
                let share = share(failed as f64, all as f64);
                let message = format!("{:.3} %{of_these}", share * 100.0);
                ((all > 0).then_some(share), message)
            }
            Metric::ErrorCount => (Some(failed as f64), format!("{failed}{of_these}")),
            Metric::Rate => {
                let rate = figures.reached_rate;
                (Some(rate), format!("{rate:.1}/s"))
            }
        };
        let passed = measured.is_some_and(|measured| match self.above {
            true => certain && measured <= self.limit,
            false => measured >= self.limit,
        });
        ThresholdResult {
            expression: self.expression.clone(),
            measured,
            passed,
            message,
        }
    }
}
