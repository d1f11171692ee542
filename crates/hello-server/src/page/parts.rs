//! A body of several parts. All responses share those of the document, so that a
//! response that is not read holds only what was made for its request.

use std::{
    array,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The most bytes of a frame. A connection may copy a frame to send it.
const MAX_FRAME: usize = 16 * 1024;

/// The parts that are still to send.
pub(super) struct Parts<const N: usize> {
    current: Bytes,
    rest: array::IntoIter<Bytes, N>,
}

impl<const N: usize> Parts<N> {
    pub(super) fn new(parts: [Bytes; N]) -> Self {
        Self {
            current: Bytes::new(),
            rest: parts.into_iter(),
        }
    }

    fn remaining(&self) -> usize {
        let rest: usize = self.rest.as_slice().iter().map(Bytes::len).sum();
        self.current.len() + rest
    }
}

impl<const N: usize> Body for Parts<N> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        while self.current.is_empty() {
            match self.rest.next() {
                Some(part) => self.current = part,
                None => return Poll::Ready(None),
            }
        }
        let size = self.current.len().min(MAX_FRAME);
        let data = self.current.split_to(size);
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_the_parts_in_short_frames() {
        let long = Bytes::from(vec![b'x'; MAX_FRAME + 1]);
        let mut parts = Parts::new([Bytes::new(), long, Bytes::from_static(b"end")]);
        let mut context = Context::from_waker(std::task::Waker::noop());
        for (before, expected) in [(MAX_FRAME + 4, MAX_FRAME), (4, 1), (3, 3)] {
            assert_eq!(parts.size_hint().exact(), Some(before as u64));
            let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut parts).poll_frame(&mut context) else {
                panic!("no frame of {expected} bytes");
            };
            assert_eq!(frame.into_data().unwrap().len(), expected);
        }
        assert!(parts.is_end_stream());
        assert!(matches!(
            Pin::new(&mut parts).poll_frame(&mut context),
            Poll::Ready(None)
        ));
    }
}
