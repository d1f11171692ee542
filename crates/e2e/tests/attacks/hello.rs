//! The attacks on a hello server.

use testkit::{
    attack::{http1, http2},
    frames::Request,
};

use crate::case::{Case, Server};

const STREAM: &str = "/stream/10000";

pub(crate) fn cases() -> Vec<Case> {
    let stream = Request::get(STREAM);
    let slow = Request::get("/stream/10000?interval=30");
    let delay = Request::get("/delay/30");
    // Longer than what the page shows of a header, and each "<" is six bytes there.
    let page = Request::get("/")
        .with_field("accept", "text/html")
        .with_field("x-request-id", &"<".repeat(300));
    let cases = [
        (
            "200 unread streams, 1 connection",
            http2::unread_streams(&stream, 200, 1),
        ),
        (
            "200 x 250 streams with window 0",
            http2::zero_windows(&stream, 250, 200),
        ),
        (
            "200 x 250 unread pages",
            http2::unread_streams(&page, 250, 200),
        ),
        (
            "200 x 100 pipelined unread streams",
            http1::pipelined_unread(STREAM, 100, 200),
        ),
        (
            "64 connections that read streams",
            http1::repeated(STREAM, 64),
        ),
        ("80 x 250 parked /delay/30", http2::parked(&delay, 250, 80)),
        (
            "80 x 250 parked /delay/30 with 4 KiB of header",
            http2::parked(&delay.clone().with_large_header(), 250, 80),
        ),
        ("80 x 250 parked streams", http2::parked(&slow, 250, 80)),
        ("3,000 idle HTTP/1.1 connections", http1::idle(3000)),
        ("1,000 slow first heads", http1::slow_first_heads(1000)),
        ("1,000 slow second heads", http1::slow_second_heads(1000)),
        (
            "500 heads of 300 KB that do not end",
            http1::long_heads(300_000, 500),
        ),
    ];
    cases
        .into_iter()
        .map(|(name, attack)| Case::new(Server::Hello, name, attack))
        .collect()
}
