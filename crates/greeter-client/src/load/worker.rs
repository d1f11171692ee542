//! One caller: takes turns, calls, and records what came of it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::stream;
use http::{HeaderMap, HeaderValue};
use tokio::{sync::mpsc, time::timeout};
use tonic::Status;

use super::{
    fault::{Fault, NOT_CONNECTED},
    lane::Lane,
    pace::Pace,
    stats::Stats,
};
use crate::{
    call::{Call, Kind, Options},
    dial::Channel,
};

/// What a caller needs.
pub(super) struct Worker {
    pub(super) lane: Lane,
    pub(super) pace: Arc<Pace>,
    pub(super) stats: Arc<Mutex<Stats>>,
    pub(super) options: Options,
    pub(super) name: String,
}

/// A stream that is open, and the side that it takes names from.
struct Talk {
    names: mpsc::Sender<String>,
    call: Call,
}

/// Who answered, as the server says it.
type Host = Option<HeaderValue>;

impl Worker {
    /// Calls at every turn, until there are no more.
    pub(super) async fn run(mut self) {
        let mut talk = None;
        while let Some(turn) = self.pace.next().await {
            let outcome = match self.lane.channel().await {
                Ok(channel) => self
                    .exchange(&channel, &mut talk)
                    .await
                    .map_err(|status| Fault::of_call(&status, &channel)),
                Err(why) => Err(Fault {
                    kind: NOT_CONNECTED,
                    message: why.to_string(),
                }),
            };
            let finished = Instant::now();
            let not_connected = matches!(&outcome, Err(fault) if fault.kind == NOT_CONNECTED);
            if let Ok(mut stats) = self.stats.lock() {
                let host = outcome.as_ref().map(host_name);
                stats.record(turn, finished, host);
            }
            if not_connected && !self.pace.is_open_loop() {
                // Without a schedule this would spin: one error a redial says
                // as much.
                tokio::select! {
                    () = self.lane.changed() => {}
                    () = self.pace.stopped() => {}
                }
            }
        }
    }

    async fn exchange(&self, channel: &Channel, talk: &mut Option<Talk>) -> Result<Host, Status> {
        if self.options.kind != Kind::BidiStream {
            return self.unary(channel.clone()).await;
        }
        let answered = match self.options.timeout {
            None => self.message(channel, talk).await,
            Some(patience) => timeout(patience, self.message(channel, talk))
                .await
                .unwrap_or_else(|_| Err(late(patience))),
        };
        if answered.is_err() {
            *talk = None;
        }
        answered
    }

    async fn unary(&self, channel: Channel) -> Result<Host, Status> {
        let name = self.name.clone();
        let names = stream::once(std::future::ready(name));
        let mut call = Call::start(channel, &self.options, names).await?;
        if call.next().await?.is_none() {
            return Err(Status::internal("the call ended without a reply"));
        }
        call.trailers().await?;
        Ok(host(&call.headers))
    }

    /// Sends one message on the stream, opening it if needed, and waits for its
    /// answer.
    async fn message(&self, channel: &Channel, talk: &mut Option<Talk>) -> Result<Host, Status> {
        let talk = match talk {
            Some(talk) => {
                // If the stream has ended, the answer tells why.
                let _ = talk.names.send(self.name.clone()).await;
                talk
            }
            None => talk.insert(self.open(channel.clone()).await?),
        };
        match talk.call.next().await? {
            Some(_) => Ok(host(&talk.call.headers)),
            None => Err(Status::unavailable("the server ended the stream")),
        }
    }

    /// Opens a stream with its first message: some servers send no headers
    /// before that.
    async fn open(&self, channel: Channel) -> Result<Talk, Status> {
        let (names, queue) = mpsc::channel(1);
        // The queue has room for it.
        let _ = names.try_send(self.name.clone());
        let queue = stream::unfold(queue, |mut queue| async {
            queue.recv().await.map(|name| (name, queue))
        });
        // The deadline is each message's, not the stream's.
        let options = Options {
            timeout: None,
            ..self.options.clone()
        };
        let call = Call::start(channel, &options, queue).await?;
        Ok(Talk { names, call })
    }
}

fn late(patience: Duration) -> Status {
    Status::deadline_exceeded(format!("no answer to a message within {patience:?}"))
}

fn host(headers: &HeaderMap) -> Host {
    headers.get("hostname").cloned()
}

fn host_name(host: &Host) -> &str {
    host.as_ref()
        .and_then(|value| value.to_str().ok())
        .unwrap_or("unknown")
}
