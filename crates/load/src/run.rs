//! A load test from the first dial to the summary.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use futures_util::future::try_join_all;
use telemetry::Sampler;
use tokio::{
    task::JoinSet,
    time::{interval, sleep_until, timeout},
};
use transport::DialFailure;

use crate::{
    Summary, connection::SharedConnection, live::Live, notes::notes, pacer::Pacer, plan::LoadPlan,
    recorder::Recorder, summary::RunFigures, worker::Worker,
};

/// The time after the end in which sends that were due just before it may start.
const END_SLACK: Duration = Duration::from_millis(20);

/// The timeout of calls in flight when the user ends the test early.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs the test until its end, or until `stop` returns; a second `stop` ends the
/// wait for calls in flight. Lost connections reconnect; their calls count as
/// errors.
///
/// # Errors
/// If a first connection cannot be made; then nothing was sent.
pub async fn run(plan: &LoadPlan, stop: impl AsyncFn()) -> Result<Summary, Box<DialFailure>> {
    let dials = (0..plan.connections).map(|_| SharedConnection::open(&plan.dialer));
    let connections = try_join_all(dials).await?;

    let started_at = SystemTime::now();
    let pacer = Arc::new(Pacer::start(plan.rate, plan.warmup, plan.duration));
    let recorder = Arc::new(Mutex::new(Recorder::new(pacer.measured, plan.duration)));
    let workers = spawn_workers(plan, &connections, &pacer, &recorder);
    let mut live = Live::new(plan.live);
    let ended_early = tokio::select! {
        () = sleep_until((pacer.end + END_SLACK).into()) => false,
        () = stop() => true,
        () = show(&mut live, &pacer, &recorder) => false,
    };
    let end = pacer.end.min(Instant::now());
    pacer.stop();
    let limit = match ended_early {
        true => STOP_TIMEOUT,
        false => drain_timeout(plan),
    };
    stop_workers(workers, limit, stop).await;
    live.clear();

    let recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
    let figures = RunFigures {
        started_at,
        elapsed: end.saturating_duration_since(pacer.measured),
        due: pacer.due_until(end),
        started: pacer.started(),
        ended_early,
        reconnects: connections.iter().map(SharedConnection::reconnects).sum(),
    };
    let mut summary = Summary::new(plan, &recorder, &figures);
    summary.notes = notes(&summary);
    Ok(summary)
}

/// Spawns the workers, spread evenly over the connections.
fn spawn_workers(
    plan: &LoadPlan,
    connections: &[SharedConnection],
    pacer: &Arc<Pacer>,
    recorder: &Arc<Mutex<Recorder>>,
) -> JoinSet<()> {
    let worker = |index: usize| Worker {
        connection: connections[index % connections.len()].clone(),
        pacer: Arc::clone(pacer),
        recorder: Arc::clone(recorder),
        options: plan.options.clone(),
        name: plan.name.clone(),
        sampler: Sampler {
            parent_based: false,
            ratio: plan.trace,
        },
    };
    let workers = (0..plan.concurrency).map(|index| worker(index).run());
    workers.collect()
}

/// How long calls in flight may take after the end: a little more than their
/// deadline, which ends them.
fn drain_timeout(plan: &LoadPlan) -> Duration {
    plan.options.timeout.map_or(Duration::MAX, |deadline| {
        deadline.saturating_add(Duration::from_secs(1))
    })
}

/// Waits for the calls in flight until `limit` or `stop`, then stops the workers.
async fn stop_workers(mut workers: JoinSet<()>, limit: Duration, stop: impl AsyncFn()) {
    let finished = async { while workers.join_next().await.is_some() {} };
    tokio::select! {
        _ = timeout(limit, finished) => {}
        () = stop() => {}
    }
    workers.shutdown().await;
}

/// Shows the progress twice a second, forever.
async fn show(live: &mut Live, pacer: &Pacer, recorder: &Mutex<Recorder>) {
    let mut ticks = interval(Duration::from_millis(500));
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let (hosts, window) = {
            let mut recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
            (recorder.top_hosts(), recorder.take_live())
        };
        live.show(pacer.measured, &hosts, &window);
    }
}
