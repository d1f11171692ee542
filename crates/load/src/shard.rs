//! A thread of the test: it has a runtime, connections, workers and records of its own,
//! so that threads share nothing for a call but the schedule.

use std::{sync::Arc, thread};

use futures_util::future::try_join_all;
use tokio::{
    runtime::Builder,
    sync::{oneshot, watch},
    task::JoinSet,
};
use transport::DialFailure;

use crate::{
    connection::SharedConnection, error::LoadError, pacer::Pacer, plan::LoadPlan, records::Records,
    worker::Worker,
};

/// What the workers need to start.
struct Start {
    pacer: Arc<Pacer>,
    records: Arc<Records>,
    /// Ends the calls in flight when its sender is dropped.
    abort: watch::Receiver<()>,
}

/// A thread whose connections are open.
pub(crate) struct Shard {
    start: oneshot::Sender<Start>,
    ended: oneshot::Receiver<u64>,
}

impl Shard {
    /// Starts thread `index` of the plan, and waits for its connections.
    ///
    /// # Errors
    /// If it cannot start, or a connection cannot be made.
    pub(crate) async fn open(plan: Arc<LoadPlan>, index: usize) -> Result<Self, LoadError> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (connected, connections) = oneshot::channel();
        let (start, started) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let name = format!("load-{index}");
        thread::Builder::new().name(name).spawn(move || {
            let reconnects = runtime.block_on(run(&plan, index, connected, started));
            // A name lookup cannot be cancelled: end without waiting for it.
            runtime.shutdown_background();
            let _ = end.send(reconnects);
        })?;
        connections.await.expect("the thread reports its dials")?;
        Ok(Self { start, ended })
    }

    /// Starts the workers. The receiver gets the number of reconnects once they have
    /// ended.
    pub(crate) fn start(
        self,
        pacer: &Arc<Pacer>,
        records: &Arc<Records>,
        abort: &watch::Receiver<()>,
    ) -> oneshot::Receiver<u64> {
        let start = Start {
            pacer: Arc::clone(pacer),
            records: Arc::clone(records),
            abort: abort.clone(),
        };
        // A thread that has ended shows in `ended`.
        let _ = self.start.send(start);
        self.ended
    }
}

/// Dials, and runs the workers. Returns the number of reconnects.
async fn run(
    plan: &Arc<LoadPlan>,
    index: usize,
    connected: oneshot::Sender<Result<(), Box<DialFailure>>>,
    start: oneshot::Receiver<Start>,
) -> u64 {
    // Connections are dealt out to the threads, workers to the connections.
    let is_own = |connection: &usize| connection % plan.threads == index;
    let own = (0..plan.connections).filter(is_own);
    let dials = own.map(|_| SharedConnection::open(&plan.dialer));
    let connections = match try_join_all(dials).await {
        Ok(connections) => connections,
        Err(failure) => {
            let _ = connected.send(Err(failure));
            return 0;
        }
    };
    let _ = connected.send(Ok(()));
    // Without a start, another thread could not connect.
    let Ok(mut start) = start.await else { return 0 };
    let own = (0..plan.concurrency).map(|worker| worker % plan.connections);
    let workers = own.filter(is_own).map(|connection| {
        let (plan, pacer) = (Arc::clone(plan), Arc::clone(&start.pacer));
        let connection = connections[connection / plan.threads].clone();
        Worker::new(plan, pacer, Arc::clone(&start.records), connection).run()
    });
    let mut workers: JoinSet<()> = workers.collect();
    let finished = async {
        while let Some(ended) = workers.join_next().await {
            ended.expect("no worker panics");
        }
    };
    tokio::select! {
        () = finished => {}
        _ = start.abort.changed() => {}
    }
    workers.shutdown().await;
    connections.iter().map(SharedConnection::reconnects).sum()
}
