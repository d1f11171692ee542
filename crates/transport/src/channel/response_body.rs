//! A response's body: data, then trailers.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{Reason, RecvStream};
use http_body::{Body, Frame};

use super::{ChannelError, request_body::Upload, state::OpenCall};

/// The body of a response. What the stream received before the connection ended is
/// read first.
#[derive(Debug)]
pub struct ResponseBody {
    stream: RecvStream,
    at_trailers: bool,
    _upload: Upload,
    _call: OpenCall,
}

impl ResponseBody {
    pub(super) fn new(stream: RecvStream, upload: Upload, call: OpenCall) -> Self {
        Self {
            stream,
            at_trailers: false,
            _upload: upload,
            _call: call,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Frame<Bytes>>, h2::Error>> {
        if !self.at_trailers {
            if let Some(data) = ready!(self.stream.poll_data(context)).transpose()? {
                // The reader bounds the memory: it asks for the next part only after
                // this one. The window opens again at once.
                let _ = self.stream.flow_control().release_capacity(data.len());
                return Poll::Ready(Ok(Some(Frame::data(data))));
            }
            self.at_trailers = true;
        }
        let trailers = ready!(self.stream.poll_trailers(context))?;
        Poll::Ready(Ok(trailers.map(Frame::trailers)))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = ChannelError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ChannelError>>> {
        Poll::Ready(match ready!(self.poll(context)) {
            Ok(frame) => frame.map(Ok),
            // The server needs no more of the request, and the response is complete
            // (RFC 9113, section 8.1).
            Err(error) if error.is_reset() && error.reason() == Some(Reason::NO_ERROR) => None,
            Err(error) => Some(Err(ChannelError::of_body(error))),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }
}
