//! A load test from the first dial to the summary.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use futures_util::future::{join_all, try_join_all};
use tokio::{
    sync::{oneshot, watch},
    time::{interval, sleep_until, timeout},
};

use crate::{
    LoadError, Summary,
    live::{Live, Progress},
    notes::notes,
    pacer::Pacer,
    plan::LoadPlan,
    recorder::Recorder,
    records::Records,
    shard::Shard,
    summary::RunFigures,
};

/// The time after the end in which sends that were due just before it may start.
const END_SLACK: Duration = Duration::from_millis(20);

/// The timeout of calls in flight when the user ends the test early.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs the test until its end, or until `stop` returns; a second `stop` ends the
/// wait for calls in flight. Lost connections reconnect; their calls count as
/// errors. This thread only controls the test.
///
/// # Errors
/// If a thread cannot start, or a first connection cannot be made; then nothing was
/// sent.
pub async fn run(plan: &LoadPlan, stop: impl AsyncFn()) -> Result<Summary, LoadError> {
    let shared = Arc::new(plan.clone());
    let shards = (0..plan.threads).map(|index| Shard::open(Arc::clone(&shared), index));
    let shards = try_join_all(shards).await?;

    let started_at = SystemTime::now();
    let pacer = Arc::new(Pacer::start(plan.rate, plan.warmup, plan.duration));
    let recorder = || Recorder::new(pacer.measured, plan.duration);
    let records = || Arc::new(Records::new(recorder()));
    let records: Vec<_> = shards.iter().map(|_| records()).collect();
    let (abort, aborted) = watch::channel(());
    let shards = shards.into_iter().zip(&records);
    let shards = shards.map(|(shard, records)| shard.start(&pacer, records, &aborted));
    let shards: Vec<_> = shards.collect();
    let mut live = Live::new(plan.live);
    let ended_early = tokio::select! {
        () = sleep_until((pacer.end + END_SLACK).into()) => false,
        () = stop() => true,
        () = show(&mut live, &pacer, &records) => false,
    };
    let end = pacer.end.min(Instant::now());
    pacer.stop();
    let limit = match ended_early {
        true => STOP_TIMEOUT,
        false => drain_timeout(plan),
    };
    let reconnects = stop_shards(shards, limit, stop, abort).await;
    live.clear();

    let mut total = recorder();
    for records in &records {
        total.add(&records.recorder());
    }
    let figures = RunFigures {
        started_at,
        elapsed: end.saturating_duration_since(pacer.measured),
        due: pacer.due_until(end),
        started: records.iter().map(|records| records.started()).sum(),
        ended_early,
        reconnects,
    };
    let mut summary = Summary::new(plan, &total, &figures);
    summary.notes = notes(&summary);
    Ok(summary)
}

/// How long calls in flight may take after the end: a little more than their
/// deadline, which ends them.
fn drain_timeout(plan: &LoadPlan) -> Duration {
    plan.options.timeout.map_or(Duration::MAX, |deadline| {
        deadline.saturating_add(Duration::from_secs(1))
    })
}

/// Waits for the calls in flight until `limit` or `stop`, then aborts them. Returns
/// the number of reconnects.
async fn stop_shards(
    shards: Vec<oneshot::Receiver<u64>>,
    limit: Duration,
    stop: impl AsyncFn(),
    abort: watch::Sender<()>,
) -> u64 {
    let mut ended = join_all(shards);
    let finished = tokio::select! {
        finished = timeout(limit, &mut ended) => finished.ok(),
        () = stop() => None,
    };
    let finished = match finished {
        Some(finished) => finished,
        None => {
            drop(abort);
            ended.await
        }
    };
    let reconnects = |ended: Result<u64, _>| ended.expect("no thread of the load panics");
    finished.into_iter().map(reconnects).sum()
}

/// Shows the progress twice a second, forever.
async fn show(live: &mut Live, pacer: &Pacer, records: &[Arc<Records>]) {
    if !live.is_shown() {
        std::future::pending().await
    }
    let mut ticks = interval(Duration::from_millis(500));
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let mut progress = Progress::new();
        for records in records {
            records.recorder().take_live(&mut progress);
        }
        live.show(pacer.measured, &progress);
    }
}
