//! Messages over a stream that stays open.

use futures_util::stream;
use tokio::sync::mpsc;
use tonic::Status;
use transport::{
    Channel,
    call::{Call, Options},
};

use crate::host::{Host, host};

/// The messages of a worker.
pub(crate) struct Messages {
    options: Options,
    name: String,
    stream: Option<OpenStream>,
}

/// An open stream, and the sender of its names.
struct OpenStream {
    names: mpsc::Sender<String>,
    call: Call,
    channel: Channel,
}

impl Messages {
    pub(crate) fn new(options: &Options, name: &str) -> Self {
        Self {
            options: Options {
                // The deadline applies to each message, not to the stream.
                timeout: None,
                ..options.clone()
            },
            name: name.to_owned(),
            stream: None,
        }
    }

    /// Sends one message on the stream, which it opens if needed, and waits for
    /// the response.
    ///
    /// # Errors
    /// The status of the stream.
    pub(crate) async fn send(&mut self, channel: &Channel) -> Result<Host, Status> {
        // A server that drains its connection ends the streams soon. No message is on
        // its way now.
        self.stream.take_if(|stream| stream.channel.is_closed());
        let stream = match &mut self.stream {
            Some(stream) => {
                // If the stream has ended, the next message reports why.
                let _ = stream.names.send(self.name.clone()).await;
                stream
            }
            None => {
                let stream = self.open(channel).await?;
                self.stream.insert(stream)
            }
        };
        match stream.call.next().await? {
            Some(_) => Ok(host(&stream.call.headers)),
            None => Err(Status::unavailable("the server ended the stream")),
        }
    }

    /// Closes the stream.
    pub(crate) fn close(&mut self) {
        self.stream = None;
    }

    /// Opens a stream with its first message, because some servers send their
    /// headers only after it.
    async fn open(&self, channel: &Channel) -> Result<OpenStream, Status> {
        let (names, queue) = mpsc::channel(1);
        // The queue has room for one name.
        let _ = names.try_send(self.name.clone());
        let queue = stream::unfold(queue, |mut queue| async {
            queue.recv().await.map(|name| (name, queue))
        });
        let call = Call::start(channel.clone(), &self.options, queue).await?;
        Ok(OpenStream {
            names,
            call,
            channel: channel.clone(),
        })
    }
}
