//! A connection that several workers share; it reconnects after a loss.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::sleep,
};
use transport::{Backoff, Channel, DialFailure, Dialer};

/// The delays between failed dials.
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(2);

/// The channel of the connection, or why there is none.
type State = Result<Channel, Arc<str>>;

/// A connection; clones share it.
#[derive(Clone)]
pub(crate) struct SharedConnection {
    state: watch::Receiver<State>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    lost: Notify,
    reconnects: AtomicU64,
}

impl SharedConnection {
    /// Dials, and from then on reconnects after each loss.
    ///
    /// # Errors
    /// If the first dial fails.
    pub(crate) async fn open(dialer: &Arc<Dialer>) -> Result<Self, Box<DialFailure>> {
        let connection = dialer.dial().await?;
        let (sender, state) = watch::channel(Ok(connection.channel));
        let shared = Arc::new(Shared::default());
        tokio::spawn(keep_connected(
            Arc::clone(dialer),
            sender,
            Arc::clone(&shared),
        ));
        Ok(Self { state, shared })
    }

    /// The channel to send on. Waits for the first dial after a loss; if that has
    /// failed, returns its error without a wait.
    ///
    /// # Errors
    /// Why there is no connection.
    pub(crate) async fn channel(&mut self) -> Result<Channel, Arc<str>> {
        loop {
            let state = self.state.borrow_and_update().clone();
            match state {
                Ok(channel) if channel.is_closed() => {
                    self.shared.lost.notify_one();
                    self.changed().await;
                }
                state => return state,
            }
        }
    }

    /// Waits until the state differs from the one at the last [`Self::channel`].
    pub(crate) async fn changed(&mut self) {
        if self.state.changed().await.is_err() {
            std::future::pending().await
        }
    }

    /// The number of reconnects.
    pub(crate) fn reconnects(&self) -> u64 {
        self.shared.reconnects.load(Ordering::Relaxed)
    }
}

/// Dials after each loss, with backoff, until the last clone is dropped.
async fn keep_connected(dialer: Arc<Dialer>, state: watch::Sender<State>, shared: Arc<Shared>) {
    let redial = async {
        loop {
            shared.lost.notified().await;
            match &*state.borrow() {
                Ok(channel) if !channel.is_closed() => continue,
                _ => {}
            }
            let mut backoff = Backoff::new(FIRST_DELAY, LONGEST_DELAY);
            while let Err(failed) = reconnect(&dialer, &state, &shared).await {
                drop(state.send_replace(Err(failed.error.to_string().into())));
                sleep(backoff.delay()).await;
            }
        }
    };
    tokio::select! {
        () = redial => {}
        () = state.closed() => {}
    }
}

async fn reconnect(
    dialer: &Dialer,
    state: &watch::Sender<State>,
    shared: &Shared,
) -> Result<(), Box<DialFailure>> {
    let connection = dialer.dial().await?;
    shared.reconnects.fetch_add(1, Ordering::Relaxed);
    drop(state.send_replace(Ok(connection.channel)));
    Ok(())
}
