//! The threads that serve connections, each with a runtime of its own.
//!
//! All tasks of a connection run on one thread. Responses that are ready at the same
//! time are then written together, and no task waits for another thread: on a runtime
//! that moves tasks between threads, a request costs up to twice as much CPU.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::Context;
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc,
};

use super::{
    Connections,
    accepted::Accepted,
    assigned::Assigned,
    routes::{Routes, SharedRoutes},
};

/// How many workers use the CPUs of this process, as its control group limits them.
pub(crate) fn default_count() -> u16 {
    let cpus = thread::available_parallelism().map_or(1, NonZero::get);
    u16::try_from(cpus).unwrap_or(u16::MAX)
}

/// Where connections are served.
pub(crate) enum Workers {
    /// On the runtime that accepts them.
    Here(SharedRoutes),
    /// On the thread that has the fewest.
    Threads(Vec<Worker>),
}

/// A thread that serves connections.
pub(crate) struct Worker {
    queue: mpsc::UnboundedSender<Accepted>,
    connections: Arc<AtomicUsize>,
}

impl Workers {
    /// Starts threads, each with routes of its own, which it makes inside its runtime.
    /// A thread ends once this is dropped and no connection is open.
    ///
    /// # Errors
    /// If there can be no further thread.
    pub(crate) fn start<R: Routes + 'static>(
        count: u16,
        connections: &Arc<Connections>,
        routes: impl Fn() -> R + Clone + Send + 'static,
    ) -> anyhow::Result<Self> {
        let worker = |number| {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let (queue, accepted) = mpsc::unbounded_channel();
            let (connections, routes) = (Arc::clone(connections), routes.clone());
            thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || run(&runtime, &connections, routes, accepted))?;
            anyhow::Ok(Worker {
                queue,
                connections: Arc::default(),
            })
        };
        let workers = (0..count).map(worker).collect::<Result<_, _>>();
        let workers = workers.with_context(|| {
            format!("cannot start {count} threads; choose fewer with --workers")
        })?;
        Ok(Self::Threads(workers))
    }

    /// Serves a connection.
    pub(crate) fn serve(&self, connections: &Arc<Connections>, mut accepted: Accepted) {
        match self {
            Self::Here(routes) => accepted.serve(connections, routes),
            Self::Threads(workers) => {
                let open = |worker: &&Worker| worker.connections.load(Ordering::Relaxed);
                let Some(worker) = workers.iter().min_by_key(open) else {
                    return;
                };
                accepted.assigned = Some(Assigned::to(&worker.connections));
                let sent = worker.queue.send(accepted);
                sent.expect("a worker ends after the queue");
            }
        }
    }
}

fn run<R: Routes + 'static>(
    runtime: &Runtime,
    connections: &Arc<Connections>,
    routes: impl Fn() -> R,
    mut accepted: mpsc::UnboundedReceiver<Accepted>,
) {
    runtime.block_on(async {
        let routes: SharedRoutes = Arc::new(routes());
        while let Some(accepted) = accepted.recv().await {
            accepted.serve(connections, &routes);
        }
        connections.open.close();
        connections.open.wait().await;
    });
}
