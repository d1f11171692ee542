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
use transport::{Channel, DialFailure, DialPacer, Dialer};

/// The delays after dials that fail, and after connections that end early.
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
        let mut dials = DialPacer::new(FIRST_DELAY, LONGEST_DELAY);
        dials.dialling();
        let connection = dialer.dial().await?;
        let (sender, state) = watch::channel(Ok(connection.channel));
        let shared = Arc::new(Shared::default());
        tokio::spawn(keep_connected(
            Arc::clone(dialer),
            dials,
            sender,
            Arc::clone(&shared),
        ));
        Ok(Self { state, shared })
    }

    /// The channel to send on. Waits for the first dial after a loss; if that has
    /// failed or is delayed, returns the error without a wait.
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

/// Dials after each loss, until the last clone is dropped.
async fn keep_connected(
    dialer: Arc<Dialer>,
    mut dials: DialPacer,
    state: watch::Sender<State>,
    shared: Arc<Shared>,
) {
    let redial = async {
        loop {
            shared.lost.notified().await;
            let lost = state.borrow().clone();
            if let Ok(channel) = &lost {
                if !channel.is_closed() {
                    continue;
                }
                dials.ended(channel);
            }
            let mut reason = lost.map_or_else(|error| error, |channel| ended_early(&channel));
            loop {
                let delay = dials.delay();
                if !delay.is_zero() {
                    drop(state.send_replace(Err(reason)));
                    sleep(delay).await;
                }
                dials.dialling();
                match dialer.dial().await {
                    Ok(connection) => {
                        shared.reconnects.fetch_add(1, Ordering::Relaxed);
                        drop(state.send_replace(Ok(connection.channel)));
                        break;
                    }
                    Err(failed) => reason = failed.error.to_string().into(),
                }
                drop(state.send_replace(Err(Arc::clone(&reason))));
            }
        }
    };
    tokio::select! {
        () = redial => {}
        () = state.closed() => {}
    }
}

/// Why there is no connection during the delay after one that ended early.
fn ended_early(channel: &Channel) -> Arc<str> {
    let error = channel.close_error().unwrap_or("the server closed it");
    format!("the connection ended early: {error}").into()
}
