//! The second phase: a connection to the first address that accepts one, by Happy
//! Eyeballs (RFC 8305).

use std::{collections::VecDeque, io, net::SocketAddr, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::{Instant, sleep_until};

use crate::{
    DialError,
    deadline::before,
    report::ConnectAttempt,
    socket::{Address, BoxedIo},
};

/// The Connection Attempt Delay that RFC 8305, section 8, recommends.
pub(super) const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to the addresses in turn, one more every [`ATTEMPT_DELAY`] and after
/// every failure, until one accepts. Adds every attempt to `attempts`.
///
/// # Errors
/// If no address accepts before the deadline.
pub(super) async fn connect(
    addresses: &[Address],
    deadline: Instant,
    attempts: &mut Vec<ConnectAttempt>,
) -> Result<(Address, BoxedIo), DialError> {
    let mut race = Race::new(addresses);
    let winner = before(deadline, race.first_to_accept()).await.flatten();
    let accepted = winner.as_ref().map(|(index, _)| *index);
    let ended = race.started.iter().enumerate();
    attempts.extend(ended.map(|(index, attempt)| attempt.report(accepted == Some(index))));
    match winner {
        Some((index, stream)) => Ok((race.started.swap_remove(index).address, stream)),
        None => Err(DialError::from_connect_failures(race.failures())),
    }
}

/// Waits until a time. A timer takes a millisecond even for one that has come.
async fn until(time: Instant) {
    if time > Instant::now() {
        sleep_until(time).await;
    }
}

/// The attempts of one phase.
struct Race {
    waiting: VecDeque<Address>,
    started: Vec<Attempt>,
}

/// An attempt that has started.
struct Attempt {
    address: Address,
    begun: Instant,
    failed: Option<(Instant, io::Error)>,
}

impl Race {
    fn new(addresses: &[Address]) -> Self {
        Self {
            waiting: interleave(addresses),
            started: Vec::new(),
        }
    }

    /// The index of the first attempt that succeeds, and its stream; `None` if all
    /// fail.
    async fn first_to_accept(&mut self) -> Option<(usize, BoxedIo)> {
        let mut open = FuturesUnordered::new();
        let mut next_start = Instant::now();
        loop {
            tokio::select! {
                biased;
                Some((index, result)) = open.next() => match result {
                    Ok(stream) => return Some((index, stream)),
                    Err(error) => {
                        let now = Instant::now();
                        self.started[index].failed = Some((now, error));
                        next_start = now;
                    }
                },
                () = until(next_start), if !self.waiting.is_empty() => {
                    if let Some(address) = self.waiting.pop_front() {
                        let begun = Instant::now();
                        next_start = begun + ATTEMPT_DELAY;
                        let index = self.started.len();
                        let opened = address.clone();
                        open.push(async move { (index, opened.open().await) });
                        self.started.push(Attempt { address, begun, failed: None });
                    }
                }
                else => return None,
            }
        }
    }

    /// The error of every address. Those that did not fail timed out.
    fn failures(self) -> Vec<(Address, io::Error)> {
        let timed_out = || io::Error::from(io::ErrorKind::TimedOut);
        let started = self.started.into_iter().map(|attempt| {
            let error = attempt.failed.map_or_else(timed_out, |(_, error)| error);
            (attempt.address, error)
        });
        let waiting = self.waiting.into_iter();
        started
            .chain(waiting.map(|address| (address, timed_out())))
            .collect()
    }
}

impl Attempt {
    fn report(&self, accepted: bool) -> ConnectAttempt {
        let (ended, error) = match &self.failed {
            Some((ended, error)) => (*ended, Some(reason(error))),
            None => (
                Instant::now(),
                (!accepted).then(|| "no response".to_owned()),
            ),
        };
        ConnectAttempt {
            address: self.address.to_string(),
            time: ended.duration_since(self.begun),
            error,
        }
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::TimedOut => "no response".to_owned(),
        _ => error.to_string(),
    }
}

/// The addresses with alternating families (RFC 8305, section 4), each family in
/// the order of the resolver, which is that of RFC 6724.
pub(super) fn interleave(addresses: &[Address]) -> VecDeque<Address> {
    let is_v6 = |address: &Address| matches!(address, Address::Tcp(SocketAddr::V6(_)));
    let first_is_v6 = addresses.first().is_some_and(is_v6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .iter()
        .cloned()
        .partition(|address| is_v6(address) == first_is_v6);
    let pairs = (0..addresses.len()).flat_map(|index| [first.get(index), second.get(index)]);
    pairs.flatten().cloned().collect()
}
