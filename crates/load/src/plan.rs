//! What to send, how often, and which thresholds must hold.

use std::{sync::Arc, time::Duration};

use transport::{Dialer, call::Options};

use crate::Threshold;

/// The settings of a load test.
#[derive(Clone, Debug)]
pub struct LoadPlan {
    /// The server.
    pub dialer: Arc<Dialer>,
    /// How to call; the kind is unary or bidirectional streaming.
    pub options: Options,
    /// The name that every message carries.
    pub name: String,
    /// Sends per second; `None` is as fast as responses come.
    pub rate: Option<f64>,
    /// The measured time, after the warm-up.
    pub duration: Duration,
    /// The time before anything is measured.
    pub warmup: Duration,
    /// The share of calls that start a sampled trace, from 0 to 1.
    pub trace: f64,
    /// The number of threads, each with connections and workers of its own.
    pub threads: usize,
    /// The number of connections, over all threads.
    pub connections: usize,
    /// The number of workers, over all connections.
    pub concurrency: usize,
    /// The thresholds that fail the test.
    pub thresholds: Vec<Threshold>,
    /// Whether to show the progress on standard error, if it is a terminal.
    pub live: bool,
}
