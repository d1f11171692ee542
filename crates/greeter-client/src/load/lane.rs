//! A connection that is made again when it is lost.

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

use crate::{
    Dialer,
    dial::{Channel, DialFailure},
};

/// The wait after a first failed redial; each is twice the one before.
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(2);

/// What is there to send on, or why there is nothing.
type State = Result<Channel, Arc<str>>;

/// One connection's place; clones share it.
#[derive(Clone)]
pub(super) struct Lane {
    state: watch::Receiver<State>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    lost: Notify,
    redials: AtomicU64,
}

impl Lane {
    /// Makes the connection, and from now on keeps it.
    ///
    /// # Errors
    /// If this first one cannot be made.
    pub(super) async fn open(dialer: &Arc<Dialer>) -> Result<Self, Box<DialFailure>> {
        let connection = dialer.dial().await?;
        let (sender, state) = watch::channel(Ok(connection.channel));
        let shared = Arc::new(Shared::default());
        tokio::spawn(keep(Arc::clone(dialer), sender, Arc::clone(&shared)));
        Ok(Self { state, shared })
    }

    /// What to send on. While a lost connection is made again for the first
    /// time, this waits: only when that fails, calls do.
    ///
    /// # Errors
    /// Why there is no connection now.
    pub(super) async fn channel(&mut self) -> Result<Channel, Arc<str>> {
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

    /// Waits until the state is another than at the last [`Self::channel`].
    pub(super) async fn changed(&mut self) {
        if self.state.changed().await.is_err() {
            std::future::pending().await
        }
    }

    /// How often the connection was made again.
    pub(super) fn redials(&self) -> u64 {
        self.shared.redials.load(Ordering::Relaxed)
    }
}

/// Redials after each loss, at growing intervals, for as long as the lane is
/// there.
async fn keep(dialer: Arc<Dialer>, state: watch::Sender<State>, shared: Arc<Shared>) {
    let redial = async {
        loop {
            shared.lost.notified().await;
            match &*state.borrow() {
                Ok(channel) if !channel.is_closed() => continue,
                _ => {}
            }
            let mut delay = FIRST_DELAY;
            while let Err(failed) = again(&dialer, &state, &shared).await {
                drop(state.send_replace(Err(failed.error.to_string().into())));
                sleep(delay).await;
                delay = (delay * 2).min(LONGEST_DELAY);
            }
        }
    };
    tokio::select! {
        () = redial => {}
        () = state.closed() => {}
    }
}

async fn again(
    dialer: &Dialer,
    state: &watch::Sender<State>,
    shared: &Shared,
) -> Result<(), Box<DialFailure>> {
    let connection = dialer.dial().await?;
    shared.redials.fetch_add(1, Ordering::Relaxed);
    drop(state.send_replace(Ok(connection.channel)));
    Ok(())
}
