//! The limit of HTTP/2 control frames that a peer may send.

use std::time::Instant;

use super::frames::FrameHead;

/// Control frames that a connection may send at once. Envoy's limit of queued
/// acknowledgements is as high.
const BURST: u32 = 1000;

/// Control frames that are allowed per second in any case: far above keepalive.
const PER_SECOND: u32 = 100;

/// Control frames that are allowed for each HEADERS or DATA frame of either side:
/// window updates, and the pings by which clients estimate the bandwidth. Envoy
/// allows as many window updates for each DATA frame.
const PER_MESSAGE_FRAME: u32 = 10;

/// How many control frames a peer may still send (PING, SETTINGS, WINDOW_UPDATE,
/// RST_STREAM, PRIORITY, empty DATA). Each costs CPU, and some an answer; none
/// counts as a request.
#[derive(Debug)]
pub(crate) struct ControlFrames {
    allowed: u32,
    refilled: Instant,
}

impl ControlFrames {
    pub(crate) fn new() -> Self {
        Self {
            allowed: BURST,
            refilled: Instant::now(),
        }
    }

    /// Counts a frame of this side.
    pub(crate) fn sent(&mut self, frame: &FrameHead) {
        if frame.is_message() {
            self.allowed = BURST.min(self.allowed + PER_MESSAGE_FRAME);
        }
    }

    /// Counts a frame of the peer; returns whether it is within the limit.
    pub(crate) fn received(&mut self, frame: &FrameHead) -> bool {
        if frame.is_message() {
            self.sent(frame);
            return true;
        }
        if self.allowed == 0 {
            // Refilled only when needed: one look at the clock for many frames.
            let millis = self.refilled.elapsed().as_millis().min(10_000);
            self.allowed = BURST.min(millis as u32 * PER_SECOND / 1000);
            if self.allowed == 0 {
                return false;
            }
            self.refilled = Instant::now();
        }
        self.allowed -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::frames::HEADERS;

    fn frame(kind: u8) -> FrameHead {
        FrameHead {
            kind,
            ..FrameHead::default()
        }
    }

    #[test]
    fn a_flood_ends_and_the_pings_of_calls_do_not() {
        let (ping, headers) = (frame(6), frame(HEADERS));
        let mut frames = ControlFrames::new();
        for _ in 0..100_000 {
            assert!(frames.received(&headers));
            // A ping for each call, and a window update for it and the connection.
            for _ in 0..3 {
                assert!(frames.received(&ping));
            }
        }
        let flood = (0..100_000).take_while(|_| frames.received(&ping)).count();
        assert!((900..2_000).contains(&flood), "{flood}");
    }
}
