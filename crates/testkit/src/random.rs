//! Random requests over HTTP/1.1.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::soon;

const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE",
];

/// A sequence of numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        // Knuth's multiplier; the upper bits are the random ones.
        let product = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = product.wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 32
    }

    fn choose<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.next() as usize % from.len()]
    }
}

/// Sends `count` requests with random methods, paths, hosts and content types, of
/// which some begin as one of `prefixes` or are one of `types`; then each method to
/// each prefix. Returns after all responses.
///
/// # Panics
/// If one request has no response.
pub async fn requests(address: SocketAddr, count: usize, prefixes: &[&str], types: &[&str]) {
    let mut numbers = Numbers(count as u64);
    let mut sent = String::new();
    let mut add = |method: &str, path: &str, kind: &str, host: u64| {
        sent += &format!(
            "{method} {path} HTTP/1.1\r\nhost: h{host}.example\r\ncontent-type: {kind}\r\n\
             content-length: 0\r\n\r\n"
        );
    };
    let mut expected = 1;
    for _ in 0..count {
        let token = format!("M{}", numbers.next());
        let method = match numbers.next() % 2 {
            0 => numbers.choose(&METHODS),
            _ => &token,
        };
        let path = format!("{}{}", numbers.choose(prefixes), numbers.next());
        add(method, &path, numbers.choose(types), numbers.next());
        expected += 1;
    }
    for prefix in prefixes {
        for method in METHODS.into_iter().chain(["OTHER"]) {
            for kind in types {
                add(method, &format!("{prefix}none"), kind, 0);
                expected += 1;
            }
        }
    }
    sent += "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut receive, mut send) = stream.split();
    let mut received = Vec::new();
    let (wrote, read) = soon(async {
        tokio::join!(
            send.write_all(sent.as_bytes()),
            receive.read_to_end(&mut received)
        )
    })
    .await;
    wrote.and(read).unwrap();
    let received = String::from_utf8_lossy(&received);
    assert_eq!(received.matches("HTTP/1.1 ").count(), expected);
}
