//! Histograms of durations, with exemplars.

use std::{fmt, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, LabelSetEncoder},
    metrics::exemplar::HistogramWithExemplars,
};

use crate::{TraceContext, TraceId};

/// Upper bounds in seconds, which OpenTelemetry's conventions advise, and three below
/// them: most calls take less than 5 ms.
const BUCKETS: [f64; 16] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// A histogram of durations.
pub(super) type Histogram = HistogramWithExemplars<Trace>;

/// A new histogram, with the buckets of all durations.
pub(super) fn new() -> Histogram {
    Histogram::new(BUCKETS.into_iter())
}

/// Counts a duration. A trace that is sampled becomes the exemplar of its bucket.
pub(super) fn observe(histogram: &Histogram, duration: Duration, context: &TraceContext) {
    let seconds = duration.as_secs_f64();
    if context.sampled {
        let trace = Trace(context.trace_id);
        histogram.observe(seconds, Some(trace), Some(std::time::SystemTime::now()));
    } else {
        histogram.observe(seconds, None, None);
    }
}

/// The label of an exemplar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trace(TraceId);

impl EncodeLabelSet for Trace {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        [("trace_id", self.0.to_string())].encode(encoder)
    }
}
