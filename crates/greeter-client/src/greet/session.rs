//! The connection that greetings share, and how often one is sent again.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use transport::{ChannelError, Connection, DialPacer, Exit};

use super::GreetPlan;
use crate::output::Reporter;

/// The delays after connections that ended early.
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(1);

/// The number of attempts while connections end before a response.
const ATTEMPTS: u32 = 3;

/// The connection that greetings share while it lasts.
pub(super) struct Session {
    pub(super) connection: Option<Connection>,
    pub(super) dials: DialPacer,
}

impl Session {
    pub(super) fn new() -> Self {
        Self {
            connection: None,
            dials: DialPacer::new(FIRST_DELAY, LONGEST_DELAY),
        }
    }

    /// Takes the open connection, or makes a new one; and whether it was open.
    ///
    /// # Errors
    /// The exit code of a failed dial.
    pub(super) async fn connect(
        &mut self,
        plan: &GreetPlan,
        reporter: &mut Reporter,
    ) -> Result<(Connection, bool), Exit> {
        match self.connection.take() {
            Some(open) if !open.channel.is_closed() => return Ok((open, true)),
            Some(ended) => self.dials.ended(&ended.channel),
            None => {}
        }
        let delay = self.dials.delay();
        // A timer takes a millisecond even for no delay.
        if !delay.is_zero() {
            sleep(delay).await;
        }
        self.dials.dialling();
        match plan.dialer.dial().await {
            Ok(connection) => {
                reporter.connected(&connection.report);
                Ok((connection, false))
            }
            Err(failure) => {
                reporter.not_connected(&failure);
                Err(failure.error.cause().exit())
            }
        }
    }
}

/// How often a call may still be sent again, and when it was first sent.
pub(super) struct Resends {
    left: u32,
    was_unprocessed: bool,
    first_sent: Option<Instant>,
}

impl Resends {
    pub(super) fn new() -> Self {
        Self {
            left: ATTEMPTS - 1,
            was_unprocessed: false,
            first_sent: None,
        }
    }

    /// What is left of a call's timeout now that it is sent, perhaps again.
    pub(super) fn sending(&mut self, timeout: Duration) -> Duration {
        match self.first_sent {
            Some(first_sent) => timeout.saturating_sub(first_sent.elapsed()),
            None => {
                self.first_sent = Some(Instant::now());
                timeout
            }
        }
    }

    /// Whether to send a call again after this error. A reset stream may have been
    /// processed. A call that the server does not process is sent again once.
    pub(super) fn permit(&mut self, error: &ChannelError) -> bool {
        if matches!(error, ChannelError::Stream(_)) {
            return false;
        }
        let is_unprocessed = matches!(error, ChannelError::NotProcessed(_));
        let permitted = self.left > 0 && !(is_unprocessed && self.was_unprocessed);
        self.left = self.left.saturating_sub(1);
        self.was_unprocessed |= is_unprocessed;
        permitted
    }
}
