//! What a peer's HTTP/2 frames say about it: unfinished header blocks, and floods
//! of control frames.

use h2::Reason;

use super::{
    control_frames::ControlFrames,
    deadline::Deadline,
    frames::{FrameHead, Frames, GOAWAY, HEADERS},
};

/// Inspects the frames of one connection as they pass.
#[derive(Debug)]
pub(crate) struct Http2Inspector {
    read: Frames,
    written: Frames,
    control: ControlFrames,
    in_header_block: bool,
    /// The last stream that the peer has opened.
    last_stream: u32,
}

impl Http2Inspector {
    pub(crate) fn new() -> Self {
        Self {
            read: Frames::default(),
            written: Frames::default(),
            control: ControlFrames::new(),
            in_header_block: false,
            last_stream: 0,
        }
    }

    /// Inspects frames of the peer; returns false after the first one over the
    /// limit of control frames.
    pub(crate) fn read(&mut self, bytes: &mut &[u8], head: &mut Deadline) -> bool {
        while let Some(frame) = self.read.next(bytes) {
            if frame.kind == HEADERS {
                self.last_stream = self.last_stream.max(frame.stream);
            }
            if frame.is_header_block() {
                self.in_header_block = !frame.ends_header_block();
            }
            if !self.in_header_block {
                head.clear();
            }
            if !self.control.received(&frame) {
                return false;
            }
        }
        true
    }

    pub(crate) fn is_receiving_header_block(&self) -> bool {
        let incomplete = self.read.incomplete();
        self.in_header_block || incomplete.is_some_and(FrameHead::is_header_block)
    }

    /// Inspects bytes that were sent to the peer.
    pub(crate) fn written(&mut self, mut bytes: &[u8]) {
        while let Some(frame) = self.written.next(&mut bytes) {
            self.control.sent(&frame);
        }
    }

    /// A GOAWAY frame, unless the peer is within a frame: h2 would then close the
    /// connection without sending it.
    pub(crate) fn goaway(&self, reason: Reason, debug_data: &str) -> Option<Vec<u8>> {
        if !self.read.at_boundary() {
            return None;
        }
        let [_, length @ ..] = (8 + debug_data.len() as u32).to_be_bytes();
        let mut frame = length.to_vec();
        frame.extend([GOAWAY, 0, 0, 0, 0, 0]);
        frame.extend(self.last_stream.to_be_bytes());
        frame.extend(u32::from(reason).to_be_bytes());
        frame.extend(debug_data.as_bytes());
        Some(frame)
    }
}
