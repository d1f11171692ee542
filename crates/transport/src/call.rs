//! One call of the greeter, of any kind, with separate headers and trailers.

use std::time::{Duration, Instant};

use futures_util::Stream;
use greeter_proto::helloworld::{HelloReply, HelloRequest, greeter_server::SERVICE_NAME};
use http::{HeaderMap, HeaderName, HeaderValue, uri::PathAndQuery};
use tonic::{
    Extensions, Request, Status, Streaming, client::Grpc, codec::CompressionEncoding,
    metadata::MetadataMap,
};
use tonic_prost::ProstCodec;

use crate::{Channel, within};

/// The kinds of gRPC calls that the greeter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One request, one reply.
    Unary,
    /// One request, several replies.
    ServerStream,
    /// A reply to each request.
    BidiStream,
}

impl Kind {
    /// The full method, for example `helloworld.Greeter/SayHello`.
    #[must_use]
    pub fn method(self) -> String {
        let method = match self {
            Self::Unary => "SayHello",
            Self::ServerStream => "SayHelloStreamReply",
            Self::BidiStream => "SayHelloBidiStream",
        };
        format!("{SERVICE_NAME}/{method}")
    }

    pub(crate) fn path(self) -> PathAndQuery {
        PathAndQuery::try_from(format!("/{}", self.method())).expect("names make a valid path")
    }
}

/// The options of a call.
#[derive(Clone, Debug)]
pub struct Options {
    /// The method.
    pub kind: Kind,
    /// Request metadata.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The time until the deadline, which is also sent to the server.
    pub timeout: Option<Duration>,
    /// The encoding of requests, which is also accepted for replies.
    pub compression: Option<CompressionEncoding>,
}

/// A call whose response headers have arrived.
pub struct Call {
    /// The response's headers.
    pub headers: HeaderMap,
    replies: Streaming<HelloReply>,
    deadline: Option<tokio::time::Instant>,
    started: Instant,
}

impl Call {
    /// Sends the names as requests, and waits for the response's headers.
    ///
    /// # Errors
    /// The call's status if it fails before any reply, `DEADLINE_EXCEEDED` if
    /// its deadline has passed.
    pub async fn start(
        channel: Channel,
        options: &Options,
        names: impl Stream<Item = String> + Send + 'static,
    ) -> Result<Self, Status> {
        use futures_util::StreamExt;

        let started = Instant::now();
        let deadline = options
            .timeout
            .map(|timeout| tokio::time::Instant::now() + timeout);
        let origin = channel.origin().clone();
        let mut grpc = Grpc::with_origin(channel, origin);
        if let Some(encoding) = options.compression {
            grpc = grpc.send_compressed(encoding).accept_compressed(encoding);
        }
        let requests = names.map(|name| HelloRequest { name });
        let mut request = Request::from_parts(
            MetadataMap::from_headers(options.headers.iter().cloned().collect()),
            Extensions::default(),
            requests,
        );
        if let Some(timeout) = options.timeout {
            request.set_timeout(timeout);
        }
        let response = within(deadline, async {
            grpc.ready()
                .await
                .map_err(|error| Status::from_error(error.into()))?;
            let codec = ProstCodec::<HelloRequest, HelloReply>::default();
            // Unary calls too: on the wire, a unary call is a stream of one message.
            grpc.streaming(request, options.kind.path(), codec).await
        })
        .await?;
        let (metadata, replies, _) = response.into_parts();
        Ok(Self {
            headers: metadata.into_headers(),
            replies,
            deadline,
            started,
        })
    }

    /// The next reply; `None` at the end of the call, if its status is OK.
    ///
    /// # Errors
    /// The call's status if it is not OK.
    pub async fn next(&mut self) -> Result<Option<HelloReply>, Status> {
        within(self.deadline, self.replies.message()).await
    }

    /// The trailers, once the replies have ended.
    ///
    /// # Errors
    /// The call's status if it is not OK.
    pub async fn trailers(&mut self) -> Result<HeaderMap, Status> {
        let trailers = within(self.deadline, self.replies.trailers()).await?;
        Ok(trailers.unwrap_or_default().into_headers())
    }

    /// The time since the call started.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}
