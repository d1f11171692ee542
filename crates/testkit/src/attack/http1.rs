//! Attacks over HTTP/1.1.

use std::time::Duration;

use super::{Attack, Script};

/// A line of a head that a slow client sends at this interval.
const SLOW: (Duration, &[u8]) = (Duration::from_secs(1), b"x: y\r\n");

/// The start of a head.
const HEAD: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n";

fn request(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes()
}

/// A first request whose head never ends.
#[must_use]
pub fn slow_first_heads(connections: u32) -> Attack {
    slow(Vec::new()).over(connections)
}

/// A request, and a second one whose head never ends.
#[must_use]
pub fn slow_second_heads(connections: u32) -> Attack {
    slow(request("/")).answered().over(connections)
}

fn slow(before: Vec<u8>) -> Script {
    Script::new([&before, HEAD.as_bytes()].concat()).trickle(SLOW.0, |_| SLOW.1.to_vec())
}

/// A head of this many bytes that does not end.
#[must_use]
pub fn long_heads(bytes: usize, connections: u32) -> Attack {
    let value = "x".repeat(bytes);
    Script::new(format!("{HEAD}x: {value}").into_bytes()).over(connections)
}

/// A request, and then nothing.
#[must_use]
pub fn idle(connections: u32) -> Attack {
    Script::new(request("/")).answered().over(connections)
}

/// Many requests at once, whose responses are not read.
#[must_use]
pub fn pipelined_unread(path: &str, requests: usize, connections: u32) -> Attack {
    Script::new(request(path).repeat(requests))
        .unread()
        .over(connections)
}

/// One request after the other, whose responses are read.
#[must_use]
pub fn repeated(path: &str, connections: u32) -> Attack {
    let request = request(path);
    Script::new(request.clone())
        .flood(move |_| request.clone())
        .over(connections)
}
