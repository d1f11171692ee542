//! The attacks on a greeter.

use greeter_proto::helloworld::HelloRequest;
use testkit::{
    attack::{Script, http2, messages, tls},
    frames::Request,
};

use crate::case::{Case, Server};

const SAY_HELLO: &str = "/helloworld.Greeter/SayHello";
const STREAM_REPLY: &str = "/helloworld.Greeter/SayHelloStreamReply";

/// Names of 250 requests fit in the window that HTTP/2 gives to every connection.
const NAME_BYTES: usize = 200;

/// The attacks; `ca` is the PEM of the CA that issued the greeter's certificate.
pub(crate) fn cases(ca: &str) -> Vec<Case> {
    let name = "x".repeat(NAME_BYTES);
    let message = HelloRequest { name };
    let call = Request::grpc(SAY_HELLO, &message);
    let stream = Request::grpc(STREAM_REPLY, &message);
    let plain = |name, attack| Case::new(Server::Greeter, name, attack);
    let tls = |name, attack| Case::new(Server::GreeterTls, name, attack);
    vec![
        plain(
            "250 partial messages of 4 MiB, 1 connection",
            messages::partial(SAY_HELLO, 4 << 20, 250),
        ),
        plain(
            "64 messages of 1 MB at once",
            messages::large(SAY_HELLO, 1_000_000, 64),
        ),
        plain(
            "64 gzip messages of 64 MiB at once",
            messages::gzip_bombs(SAY_HELLO, 64 << 20, 64),
        ),
        plain(
            "200 x 250 requests without a body",
            http2::unfinished(&call, 250, 200),
        ),
        plain(
            "200 x 250 replies with window 0",
            http2::zero_windows(&stream, 250, 200),
        ),
        plain("3,000 idle HTTP/2 connections", http2::idle(3000)),
        plain(
            "3,000 silent connections",
            Script::new(Vec::new()).over(3000),
        ),
        plain(
            "1,000 header blocks that do not end",
            http2::unfinished_headers(1000),
        ),
        plain("CONTINUATION flood", http2::continuation_flood()),
        plain(
            "empty CONTINUATION flood",
            http2::empty_continuation_flood(),
        ),
        plain("HPACK bomb", http2::hpack_bomb()),
        plain("PING flood", http2::ping_flood()),
        plain("PING acknowledgement flood", http2::ping_ack_flood()),
        plain("SETTINGS flood", http2::settings_flood()),
        plain("empty DATA flood", http2::empty_data_flood(&call)),
        plain("WINDOW_UPDATE flood", http2::window_update_flood()),
        plain("PRIORITY flood", http2::priority_flood()),
        plain("rapid reset", http2::rapid_reset(&Request::get("/"))),
        plain("provoked resets", http2::provoked_reset(&Request::get("/"))),
        tls(
            "3,000 halves of a ClientHello",
            tls::half_client_hellos(3000),
        ),
        tls(
            "1,000 unfinished TLS handshakes",
            tls::unfinished_handshakes(1000),
        ),
        tls("TLS key update flood", tls::key_updates(ca)),
    ]
}
