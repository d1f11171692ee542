//! The settings of a load test, in the shape of its JSON.

use serde::Serialize;
use transport::call::Kind;

use crate::plan::LoadPlan;

/// The settings of a load test.
#[derive(Clone, Debug, Serialize)]
pub struct LoadSettings {
    /// `open` at a fixed rate, `closed` where each worker waits for its response.
    #[serde(rename = "loop")]
    pub mode: &'static str,
    /// Sends per second; null in a closed loop.
    pub rate: Option<f64>,
    #[allow(missing_docs)]
    pub duration_s: f64,
    #[allow(missing_docs)]
    pub warmup_s: f64,
    #[allow(missing_docs)]
    pub threads: usize,
    #[allow(missing_docs)]
    pub connections: usize,
    /// The maximum number of calls in flight, over all connections.
    pub concurrency: usize,
    /// `unary`, or `bidi`: messages over streams that stay open.
    pub call: &'static str,
    /// The size of a message's name.
    pub name_bytes: usize,
}

impl LoadSettings {
    pub(crate) fn new(plan: &LoadPlan) -> Self {
        Self {
            mode: match plan.rate {
                Some(_) => "open",
                None => "closed",
            },
            rate: plan.rate,
            duration_s: plan.duration.as_secs_f64(),
            warmup_s: plan.warmup.as_secs_f64(),
            threads: plan.threads,
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
