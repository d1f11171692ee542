//! Bodies of numbered lines, in chunks.

use std::{convert::Infallible, fmt::Write, sync::Arc, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::{sync::OwnedSemaphorePermit, task::yield_now, time::sleep};

/// The least size of a chunk, except the last. The send buffer and the wire have
/// an overhead for each chunk, which is larger than a line.
const CHUNK: usize = 4096;

/// Lines `line <i> of <count> from <hostname>`.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    pub(crate) count: u32,
    pub(crate) hostname: Arc<str>,
}

impl Lines {
    fn write(&self, line: u32, text: &mut String) {
        let Self { count, hostname } = self;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "line {line} of {count} from {hostname}");
    }

    /// A body in chunks of at least [`CHUNK`] bytes. It yields between chunks, so
    /// that other tasks run while a peer reads as fast as it can.
    pub(crate) fn batched(self) -> Body {
        Body::from_stream(stream::unfold(1, move |first| {
            let mut text = String::new();
            let mut next = first;
            while next <= self.count && text.len() < CHUNK {
                self.write(next, &mut text);
                next += 1;
            }
            async move {
                if text.is_empty() {
                    return None;
                }
                if first > 1 {
                    yield_now().await;
                }
                Some((Ok::<_, Infallible>(Bytes::from(text)), next))
            }
        }))
    }

    /// A body of one chunk per line, `interval` apart. It holds the permit until
    /// it ends.
    pub(crate) fn paced(self, interval: Duration, permit: OwnedSemaphorePermit) -> Body {
        Body::from_stream(stream::unfold((1, permit), move |(line, permit)| {
            let mut text = String::new();
            self.write(line, &mut text);
            let ended = line > self.count;
            async move {
                if ended {
                    return None;
                }
                if line > 1 {
                    sleep(interval).await;
                }
                Some((Ok::<_, Infallible>(Bytes::from(text)), (line + 1, permit)))
            }
        }))
    }
}
