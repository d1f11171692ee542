//! Measures latency and throughput under load, at a rate of its own (open
//! loop) or as fast as answers come (closed loop).

mod fault;
pub mod gates;
mod histogram;
pub mod html;
mod lane;
mod live;
mod pace;
pub mod results;
mod schedule;
mod stats;
pub mod summary;
pub mod text;
mod timeline;
mod words;
mod worker;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use futures_util::future::try_join_all;
use tokio::{
    task::JoinSet,
    time::{interval, sleep_until, timeout},
};

pub use gates::Gate;
pub use histogram::Bar;
pub use summary::Summary;
pub use timeline::Point;

use crate::{
    Dialer,
    call::Options,
    greet::stopped,
    load::{lane::Lane, live::Live, pace::Pace, stats::Stats, worker::Worker},
    report::Failure,
};

/// A send counts as late if it starts this much after it was due.
const LATE: Duration = Duration::from_millis(5);

/// How long what was due just before the end may still start after it.
const END_SLACK: Duration = Duration::from_millis(20);

/// How long calls in flight may take when the user ends the run early.
const STOP_PATIENCE: Duration = Duration::from_secs(1);

/// What to do.
#[derive(Debug)]
pub struct Plan {
    /// The server.
    pub dialer: Arc<Dialer>,
    /// How to call; the kind is unary or bidirectional streaming.
    pub options: Options,
    /// The name that every message carries.
    pub name: String,
    /// Sends per second; `None` is as fast as answers come.
    pub rate: Option<f64>,
    /// How long to measure, after the warm-up.
    pub duration: Duration,
    /// How long to send before anything is measured.
    pub warmup: Duration,
    /// How many connections.
    pub connections: usize,
    /// How many calls at once, over all connections.
    pub concurrency: usize,
    /// What must hold.
    pub gates: Vec<Gate>,
    /// Whether to show on standard error how it goes.
    pub live: bool,
}

/// Carries the plan out, until its end or SIGINT or SIGTERM. Connections that
/// are lost on the way are made again, and show as errors.
///
/// # Errors
/// If a first connection cannot be made; nothing was sent then.
pub async fn run(plan: &Plan) -> Result<Summary, Failure> {
    let dials = (0..plan.connections).map(|_| Lane::open(&plan.dialer));
    let lanes = try_join_all(dials)
        .await
        .map_err(|failed| Failure::from(&failed.error))?;

    let started_at = SystemTime::now();
    let pace = Arc::new(Pace::start(plan.rate, plan.warmup, plan.duration));
    let stats = Arc::new(Mutex::new(Stats::new(pace.measured, plan.duration)));
    let workers = employ(plan, &lanes, &pace, &stats);
    let mut live = Live::new(plan.live);
    let ended_early = tokio::select! {
        () = sleep_until((pace.end + END_SLACK).into()) => false,
        _ = stopped() => true,
        () = show(&mut live, &pace, &stats) => false,
    };
    let end = pace.end.min(Instant::now());
    pace.stop();
    let patience = match (ended_early, plan.options.timeout) {
        (false, None) => Duration::MAX,
        // A little more than the deadline, which ends every call in flight.
        (false, Some(deadline)) => deadline.saturating_add(Duration::from_secs(1)),
        (true, _) => STOP_PATIENCE,
    };
    dismiss(workers, patience).await;
    live.clear();

    let stats = stats.lock().unwrap_or_else(PoisonError::into_inner);
    let redials = lanes.iter().map(Lane::redials).sum();
    Ok(Summary::new(
        plan,
        &stats,
        &summary::Run {
            started_at,
            elapsed: end.saturating_duration_since(pace.measured),
            due: pace.due_until(end),
            started: pace.started(),
            ended_early,
            redials,
        },
    ))
}

/// Starts the callers, which take the lanes in turn.
fn employ(plan: &Plan, lanes: &[Lane], pace: &Arc<Pace>, stats: &Arc<Mutex<Stats>>) -> JoinSet<()> {
    let worker = |index: usize| Worker {
        lane: lanes[index % lanes.len()].clone(),
        pace: Arc::clone(pace),
        stats: Arc::clone(stats),
        options: plan.options.clone(),
        name: plan.name.clone(),
    };
    let workers = (0..plan.concurrency).map(|index| worker(index).run());
    workers.collect()
}

/// Waits for the last answers, but not longer than this, nor when asked to stop.
async fn dismiss(mut workers: JoinSet<()>, patience: Duration) {
    let finished = async { while workers.join_next().await.is_some() {} };
    tokio::select! {
        _ = timeout(patience, finished) => {}
        _ = stopped() => {}
    }
    workers.shutdown().await;
}

/// Shows twice a second how it goes, for ever.
async fn show(live: &mut Live, pace: &Pace, stats: &Mutex<Stats>) {
    let mut ticks = interval(Duration::from_millis(500));
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let (hosts, window) = {
            let mut stats = stats.lock().unwrap_or_else(PoisonError::into_inner);
            (stats.top_hosts(), stats.take_live())
        };
        live.show(pace.measured, &hosts, &window);
    }
}
