//! The notes of a summary: how to read its figures.

use crate::summary::Summary;

/// The notes that the figures need.
pub(crate) fn notes(summary: &Summary) -> Vec<String> {
    let mut notes = Vec::new();
    if summary.settings.rate.is_none() {
        notes.push(
            "Closed loop: each worker waits for its response before it sends again, so a \
             server stall also holds back the load. These latencies cannot show how long independent \
             callers would have waited; measure that with --rate."
                .to_owned(),
        );
    }
    if summary.sends.skipped > 0 {
        notes.push(format!(
            "{} sends were due but found no free worker before the end: the server or this machine \
             is too slow for the rate, or --concurrency is too small. Thresholds count them as errors.",
            summary.sends.skipped
        ));
    }
    if let Some(known) = summary
        .latency
        .as_ref()
        .and_then(|it| it.lower_bounds_above)
    {
        notes.push(format!(
            "{} sends had no response at the end and count as slower than every success: the \
             percentiles above p{known:.2}, the mean and the maximum are lower bounds.",
            summary.sends.no_response()
        ));
    }
    if summary.ended_early {
        notes.push("Ended early: the figures cover the part that ran.".to_owned());
    }
    if summary.responses.ok < 10_000 && summary.responses.ok > 0 {
        notes.push(format!(
            "p99.99 needs 10,000 responses to differ from the maximum; there were {}.",
            summary.responses.ok
        ));
    }
    notes
}
