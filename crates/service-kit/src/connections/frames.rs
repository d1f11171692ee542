//! The boundaries of HTTP/2 frames in a stream of bytes (RFC 9113, 4.1).

const HEAD: usize = 9;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The first nine bytes of a frame.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FrameHead {
    pub(crate) length: u32,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
}

impl FrameHead {
    fn parse([a, b, c, kind, flags, stream @ ..]: [u8; HEAD]) -> Self {
        Self {
            length: u32::from_be_bytes([0, a, b, c]),
            kind,
            flags,
            stream: u32::from_be_bytes(stream) & 0x7fff_ffff,
        }
    }

    /// Whether it carries a part of a header block.
    pub(crate) fn is_header_block(&self) -> bool {
        matches!(self.kind, HEADERS | CONTINUATION)
    }

    /// Whether it ends a header block.
    pub(crate) fn ends_header_block(&self) -> bool {
        self.is_header_block() && self.flags & END_HEADERS != 0
    }

    /// Whether it carries a part of a request or of a response.
    pub(crate) fn is_message(&self) -> bool {
        match self.kind {
            DATA => self.length > 0 || self.flags & END_STREAM != 0,
            kind => matches!(kind, HEADERS | CONTINUATION),
        }
    }
}

/// Follows frames, however the bytes are split.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    head: [u8; HEAD],
    /// How many bytes of `head` are known.
    filled: usize,
    /// The frame whose head is complete.
    current: FrameHead,
    /// How many bytes of its payload are missing.
    missing: usize,
}

impl Frames {
    /// Consumes bytes up to the end of a frame; returns that frame's head, or
    /// `None` if the bytes end before the frame.
    pub(crate) fn next(&mut self, bytes: &mut &[u8]) -> Option<FrameHead> {
        if self.filled < HEAD {
            let (head, rest) = bytes.split_at(bytes.len().min(HEAD - self.filled));
            self.head[self.filled..][..head.len()].copy_from_slice(head);
            self.filled += head.len();
            *bytes = rest;
            if self.filled < HEAD {
                return None;
            }
            self.current = FrameHead::parse(self.head);
            self.missing = self.current.length as usize;
        }
        let consumed = bytes.len().min(self.missing);
        *bytes = &bytes[consumed..];
        self.missing -= consumed;
        if self.missing > 0 {
            return None;
        }
        self.filled = 0;
        Some(self.current)
    }

    /// Whether no frame is incomplete.
    pub(crate) fn at_boundary(&self) -> bool {
        self.filled == 0
    }

    /// The frame of which the head is complete and the payload is not.
    pub(crate) fn incomplete(&self) -> Option<&FrameHead> {
        (self.filled == HEAD).then_some(&self.current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_frames_however_the_bytes_are_split() {
        let headers = [0, 0, 3, HEADERS, END_HEADERS, 0x80, 0, 0, 5, 1, 2, 3];
        let empty_data = [0, 0, 0, DATA, END_STREAM, 0, 0, 0, 5];
        let bytes = [&headers[..], &empty_data].concat();
        for size in 1..=bytes.len() {
            let (mut frames, mut found) = (Frames::default(), Vec::new());
            for mut part in bytes.chunks(size) {
                while let Some(frame) = frames.next(&mut part) {
                    found.push((frame.kind, frame.length, frame.stream));
                }
            }
            assert_eq!(found, [(HEADERS, 3, 5), (DATA, 0, 5)], "{size}");
            assert!(frames.at_boundary());
        }
    }
}
