//! A running attack, on a thread of its own.

use std::{net::SocketAddr, sync::Arc, thread, time::Duration};

use futures_util::future::join_all;
use tokio::{
    net::TcpStream,
    runtime,
    sync::{Mutex, Semaphore, oneshot},
    time::{Interval, interval, timeout},
};

use super::{Attack, Established};

/// The time between two connections that are opened again.
const REOPEN_INTERVAL: Duration = Duration::from_millis(5);

/// The limit of [`Attacker::start`]. A server may leave connections waiting.
const START_TIMEOUT: Duration = Duration::from_secs(2);

/// A running attack. It ends on drop.
#[derive(Debug)]
pub struct Attacker {
    _stop: oneshot::Sender<()>,
}

impl Attacker {
    /// Starts an attack on a thread of its own, so that it takes at most one core.
    /// Returns when every connection has begun the attack, or after two seconds.
    ///
    /// # Panics
    /// If the thread cannot be started.
    pub async fn start(attack: &Attack, target: SocketAddr) -> Self {
        let (stop, stopped) = oneshot::channel();
        let established = Arc::new(Semaphore::new(0));
        let running = run(attack.clone(), target, Established(established.clone()));
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.unwrap();
        thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = running => {}
                    _ = stopped => {}
                }
            });
        });
        let all = established.acquire_many(attack.connections);
        let _ = timeout(START_TIMEOUT, all).await;
        Self { _stop: stop }
    }
}

async fn run(attack: Attack, target: SocketAddr, established: Established) {
    let reopen = Mutex::new(interval(REOPEN_INTERVAL));
    let connections = 0..attack.connections;
    join_all(connections.map(|_| keep_open(&attack, target, &established, &reopen))).await;
}

/// Opens a connection, and opens it again whenever it ends.
async fn keep_open(
    attack: &Attack,
    target: SocketAddr,
    established: &Established,
    reopen: &Mutex<Interval>,
) {
    loop {
        if let Ok(stream) = TcpStream::connect(target).await {
            // The reason why a connection ends does not matter to the attack.
            let _ = (attack.connection)(stream, established.clone()).await;
        }
        reopen.lock().await.tick().await;
    }
}
