//! One worker: takes slots, calls, and records the results.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use futures_util::stream;
use greeter_proto::HOSTNAME;
use http::{HeaderMap, HeaderValue};
use tokio::{sync::mpsc, time};
use tonic::Status;
use transport::{
    Channel,
    call::{Call, Kind, Options},
    within,
};

use crate::{
    call_error::{CallError, NOT_CONNECTED},
    connection::SharedConnection,
    pacer::Pacer,
    recorder::Recorder,
};

/// What a worker needs.
pub(crate) struct Worker {
    pub(crate) connection: SharedConnection,
    pub(crate) pacer: Arc<Pacer>,
    pub(crate) recorder: Arc<Mutex<Recorder>>,
    pub(crate) options: Options,
    pub(crate) name: String,
}

/// An open stream, and the sender of its names.
struct OpenStream {
    names: mpsc::Sender<String>,
    call: Call,
}

/// The metadata `hostname` of a response.
type Host = Option<HeaderValue>;

impl Worker {
    /// Calls in every slot, until there are no more.
    pub(crate) async fn run(mut self) {
        let mut stream = None;
        while let Some(slot) = self.pacer.next().await {
            let outcome = match self.connection.channel().await {
                Ok(channel) => self
                    .exchange(&channel, &mut stream)
                    .await
                    .map_err(|status| CallError::new(&status, &channel)),
                Err(why) => Err(CallError {
                    kind: NOT_CONNECTED,
                    message: why.to_string(),
                }),
            };
            let finished = Instant::now();
            let not_connected = matches!(&outcome, Err(error) if error.kind == NOT_CONNECTED);
            if let Ok(mut recorder) = self.recorder.lock() {
                let host = outcome.as_ref().map(host_name);
                recorder.record(slot, finished, host);
            }
            if not_connected && !self.pacer.is_open_loop() {
                // One error for each dial: without the wait, a closed loop would spin.
                tokio::select! {
                    () = self.connection.changed() => {}
                    () = self.pacer.stopped() => {}
                }
            }
        }
    }

    async fn exchange(
        &self,
        channel: &Channel,
        stream: &mut Option<OpenStream>,
    ) -> Result<Host, Status> {
        if self.options.kind != Kind::BidiStream {
            return self.unary(channel.clone()).await;
        }
        let deadline = self
            .options
            .timeout
            .map(|timeout| time::Instant::now() + timeout);
        let result = within(deadline, self.message(channel, stream)).await;
        if result.is_err() {
            *stream = None;
        }
        result
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

    /// Sends one message on the stream, which it opens if needed, and waits for
    /// the response.
    async fn message(
        &self,
        channel: &Channel,
        stream: &mut Option<OpenStream>,
    ) -> Result<Host, Status> {
        let stream = match stream {
            Some(stream) => {
                // If the stream has ended, the next message reports why.
                let _ = stream.names.send(self.name.clone()).await;
                stream
            }
            None => stream.insert(self.open(channel.clone()).await?),
        };
        match stream.call.next().await? {
            Some(_) => Ok(host(&stream.call.headers)),
            None => Err(Status::unavailable("the server ended the stream")),
        }
    }

    /// Opens a stream with its first message, because some servers send their
    /// headers only after it.
    async fn open(&self, channel: Channel) -> Result<OpenStream, Status> {
        let (names, queue) = mpsc::channel(1);
        // The queue has room for one name.
        let _ = names.try_send(self.name.clone());
        let queue = stream::unfold(queue, |mut queue| async {
            queue.recv().await.map(|name| (name, queue))
        });
        // The deadline applies to each message, not to the stream.
        let options = Options {
            timeout: None,
            ..self.options.clone()
        };
        let call = Call::start(channel, &options, queue).await?;
        Ok(OpenStream { names, call })
    }
}

fn host(headers: &HeaderMap) -> Host {
    headers.get(HOSTNAME).cloned()
}

fn host_name(host: &Host) -> &str {
    host.as_ref()
        .and_then(|value| value.to_str().ok())
        .unwrap_or("unknown")
}
