//! The rules of `diagnose`, on a response as text: a status, headers, an empty line,
//! trailers, an empty line and a body. Each response has a code and sentences
//! without control characters and without empty quotes. `ok` needs a status of 0.
#![no_main]

use diagnose::fuzzing::{FuzzedResponse, classify};
use fuzz::headers;
use http::StatusCode;
use libfuzzer_sys::fuzz_target;

/// Splits at the first empty line.
fn part(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    end.map_or((bytes, &[][..]), |end| (&bytes[..end], &bytes[end + 2..]))
}

fn response(bytes: &[u8]) -> FuzzedResponse {
    let (head, rest) = part(bytes);
    let (trailers, body) = part(rest);
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|it| StatusCode::from_bytes(it).ok());
    let trailers = headers(trailers.split(|byte| *byte == b'\n'));
    FuzzedResponse {
        status: status.unwrap_or(StatusCode::OK),
        headers: headers(lines),
        body: body.to_vec(),
        trailers: (!trailers.is_empty()).then_some(trailers),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let sent = response(bytes);
    let is_ok = |headers: &http::HeaderMap| headers.get("grpc-status").is_some_and(|it| it == "0");
    let may_be_ok = sent.status == StatusCode::OK
        && (is_ok(&sent.headers) || sent.trailers.as_ref().is_some_and(is_ok));
    for plain in [None, Some(response(bytes))] {
        let (code, sentences) = classify(response(bytes), plain);
        assert!(code != "ok" || may_be_ok, "{code}");
        for sentence in &sentences {
            assert!(!sentence.trim().is_empty(), "{code}");
            assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
            assert!(!sentence.contains("says \"\""), "{sentence:?}");
        }
    }
});
