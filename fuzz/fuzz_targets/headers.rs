//! Headers of a request to hello-server, one on each line: only tracing headers are
//! passed on, with all their values, and a deadline is at most the caller's.
#![no_main]

use fuzz::headers;
use greeter_proto::parse_timeout;
use hello_server::passed_on;
use libfuzzer_sys::fuzz_target;

/// Headers that must never reach another server.
const PRIVATE: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-forwarded-client-cert",
    "grpc-timeout",
];

fuzz_target!(|bytes: &[u8]| {
    let received = headers(bytes.split(|byte| *byte == b'\n'));
    let (metadata, deadline) = passed_on(&received);
    let passed = metadata.into_headers();
    for name in passed.keys() {
        assert!(!PRIVATE.contains(&name.as_str()), "{name}");
        let values = |headers: &http::HeaderMap| {
            let all = headers.get_all(name).iter();
            all.map(|value| value.as_bytes().to_vec())
                .collect::<Vec<_>>()
        };
        assert_eq!(values(&passed), values(&received), "{name}");
    }
    let requested = received.get("grpc-timeout").and_then(|it| it.to_str().ok());
    if let Some(requested) = requested.and_then(parse_timeout) {
        assert!(deadline.is_some_and(|deadline| deadline <= requested));
    }
});
