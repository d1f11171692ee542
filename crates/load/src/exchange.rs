//! One call, or one message on a stream that stays open.

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

use crate::call_error::CallError;

/// The metadata `hostname` of a response.
pub(crate) type Host = Option<HeaderValue>;

/// How a call ended.
pub(crate) struct Outcome<'a> {
    /// The host that responded, or the error.
    pub(crate) result: Result<&'a str, &'a CallError>,
    /// Whether the call was sent again.
    pub(crate) retried: bool,
    /// Whether the call started a sampled trace.
    pub(crate) traced: bool,
}

/// An open stream, and the sender of its names.
pub(crate) struct OpenStream {
    names: mpsc::Sender<String>,
    call: Call,
    channel: Channel,
}

/// What to send, and where.
pub(crate) struct Exchange<'a> {
    pub(crate) channel: &'a Channel,
    pub(crate) options: &'a Options,
    pub(crate) name: &'a str,
}

impl Exchange<'_> {
    /// Sends a call, or a message on the stream, and waits for the response.
    ///
    /// # Errors
    /// The status of the call or of the stream.
    pub(crate) async fn run(&self, stream: &mut Option<OpenStream>) -> Result<Host, Status> {
        if self.options.kind != Kind::BidiStream {
            return self.unary().await;
        }
        let deadline = self
            .options
            .timeout
            .map(|timeout| time::Instant::now() + timeout);
        let result = within(deadline, self.message(stream)).await;
        if result.is_err() {
            *stream = None;
        }
        result
    }

    async fn unary(&self) -> Result<Host, Status> {
        let names = stream::once(std::future::ready(self.name.to_owned()));
        let mut call = Call::start(self.channel.clone(), self.options, names).await?;
        if call.next().await?.is_none() {
            return Err(Status::internal("the call ended without a reply"));
        }
        call.trailers().await?;
        Ok(host(&call.headers))
    }

    /// Sends one message on the stream, which it opens if needed, and waits for
    /// the response.
    async fn message(&self, stream: &mut Option<OpenStream>) -> Result<Host, Status> {
        // A server that drains its connection ends the streams soon. No message is on
        // its way now.
        stream.take_if(|stream| stream.channel.is_closed());
        let stream = match stream {
            Some(stream) => {
                // If the stream has ended, the next message reports why.
                let _ = stream.names.send(self.name.to_owned()).await;
                stream
            }
            None => stream.insert(self.open().await?),
        };
        match stream.call.next().await? {
            Some(_) => Ok(host(&stream.call.headers)),
            None => Err(Status::unavailable("the server ended the stream")),
        }
    }

    /// Opens a stream with its first message, because some servers send their
    /// headers only after it.
    async fn open(&self) -> Result<OpenStream, Status> {
        let (names, queue) = mpsc::channel(1);
        // The queue has room for one name.
        let _ = names.try_send(self.name.to_owned());
        let queue = stream::unfold(queue, |mut queue| async {
            queue.recv().await.map(|name| (name, queue))
        });
        // The deadline applies to each message, not to the stream.
        let options = Options {
            timeout: None,
            ..self.options.clone()
        };
        let call = Call::start(self.channel.clone(), &options, queue).await?;
        Ok(OpenStream {
            names,
            call,
            channel: self.channel.clone(),
        })
    }
}

fn host(headers: &HeaderMap) -> Host {
    headers.get(HOSTNAME).cloned()
}
