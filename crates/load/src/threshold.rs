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

/// The measured value of a metric.
struct Measurement {
    /// `None` if nothing was measured.
    value: Option<f64>,
    is_lower_bound: bool,
    message: String,
}

impl Threshold {
    /// Evaluates the threshold. It fails for a latency without a value, and for an
    /// upper limit of a latency that is a lower bound.
    pub(crate) fn evaluate(&self, figures: &Measured<'_>) -> ThresholdResult {
        let measurement = match self.metric {
            Metric::Latency(percentile, of) => figures.latency_at(percentile, of),
            Metric::ErrorShare => figures.error_share(),
            Metric::ErrorCount => figures.error_count(),
            Metric::Rate => {
                let rate = figures.reached_rate;
                Measurement::exact(Some(rate), format!("{rate:.1}/s"))
            }
        };
        let passed = measurement.value.is_some_and(|value| match self.above {
            true => value <= self.limit && !measurement.is_lower_bound,
            false => value >= self.limit,
        });
        ThresholdResult {
            expression: self.expression.clone(),
            measured: measurement.value,
            passed,
            message: measurement.message,
        }
    }
}

impl Measurement {
    fn exact(value: Option<f64>, message: String) -> Self {
        Self {
            value,
            is_lower_bound: false,
            message,
        }
    }
}

impl Measured<'_> {
    fn latency_at(&self, percentile: f64, of: fn(&Latency) -> f64) -> Measurement {
        let Some(latency) = self.latency else {
            return Measurement::exact(None, "no call succeeded".to_owned());
        };
        let (value, is_lower_bound) = (of(latency), latency.is_bound(percentile));
        let message = match is_lower_bound {
            true => format!(
                "at least {value:.3} ms: {} of {} sends had no response at the end",
                self.sends.no_response(),
                self.all()
            ),
            false => format!("{value:.3} ms"),
        };
        Measurement {
            value: Some(value),
            is_lower_bound,
            message,
        }
    }

    fn error_share(&self) -> Measurement {
        let share = share(self.failed() as f64, self.all() as f64);
        let message = format!("{:.3} %{}", share * 100.0, self.of_these());
        Measurement::exact((self.all() > 0).then_some(share), message)
    }

    fn error_count(&self) -> Measurement {
        let failed = self.failed();
        let message = format!("{failed}{}", self.of_these());
        Measurement::exact(Some(failed as f64), message)
    }

    fn all(&self) -> u64 {
        self.sends.sent + self.sends.no_response()
    }

    /// The errors, and the sends without a response.
    fn failed(&self) -> u64 {
        self.responses.errors + self.sends.no_response()
    }

    fn of_these(&self) -> String {
        match self.sends.no_response() {
            0 => String::new(),
            count => format!(", with {count} sends that had no response at the end"),
        }
    }
}
