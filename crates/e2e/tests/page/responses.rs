//! What the page says of responses that are bad, or do not end.

use super::{Open, greet::greet};

/// A frame of gRPC-Web with the message "Hi", as JavaScript.
const FRAME: &str = "0,0,0,0,4,10,2,72,105";

/// A frame with these trailers, as JavaScript.
fn trailers(text: &str) -> String {
    format!(
        "128,0,0,0,{},...new TextEncoder().encode('{text}')",
        text.len()
    )
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn says_what_is_wrong_with_a_response() {
    let open = Open::start().await;
    let good = format!("{FRAME},{}", trailers("grpc-status:0"));
    let in_headers = "'grpc-status': '5', 'grpc-message': 'no%20such'";
    let percent = trailers("grpc-status:3");
    let bare = "'grpc-message': '100% bad'";
    for (body, headers, expected) in [
        (good.as_str(), "", "Hi"),
        ("", in_headers, "NOT_FOUND: no such"),
        ("", "", "the response ended early"),
        ("0,0,0", "", "the response ended early"),
        ("0,0,0,0,4,10,2", "", "the response ended early"),
        // No trailers.
        (FRAME, "", "the response ended early"),
        // Trailers only.
        (
            &trailers("grpc-status:0"),
            "",
            "invalid response: no message",
        ),
        (&trailers("grpc-status:14"), "", "UNAVAILABLE"),
        // A percent sign that is not encoded.
        (&percent, bare, "INVALID_ARGUMENT: 100% bad"),
        (
            "",
            "'content-type': 'text/html'",
            "unexpected content type: text/html",
        ),
    ] {
        let answer = format!(
            "window.fetch = async () => new Response(new Uint8Array([{body}]),
                {{headers: {{'content-type': 'application/grpc-web+proto', {headers}}}}})"
        );
        open.page.evaluate(&answer).await;
        let line = greet(&open.page, "A", "grpc-web").await;
        let text = line.lines().next().unwrap();
        assert_eq!(text, expected, "{body} {headers}");
    }
    let broken = "window.fetch = async () => { throw new TypeError('refused') }";
    open.page.evaluate(broken).await;
    let line = greet(&open.page, "A", "greet").await;
    let expected = "the request failed: refused; check the gateway";
    assert!(line.starts_with(expected), "{line}");
    let text = "window.fetch = async () => new Response('{x',
        {headers: {'content-type': 'application/vnd.hello-server+json'}})";
    open.page.evaluate(text).await;
    let line = greet(&open.page, "A", "greet").await;
    assert!(line.starts_with("invalid response"), "{line}");
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn says_that_a_response_takes_too_long() {
    let open = Open::start().await;
    // As in a browser, reading a body that is aborted fails with a reason of its own.
    let endless = "const timeout = AbortSignal.timeout.bind(AbortSignal);
        AbortSignal.timeout = () => timeout(100);
        const aborted = (body, signal) => signal.addEventListener('abort', () =>
            body.error(new DOMException('aborted', 'AbortError')));
        window.fetch = async (_, {signal}) =>
            new Response(new ReadableStream({start: (body) => aborted(body, signal)}))";
    open.page.evaluate(endless).await;
    for path in ["greet", "grpc-web", "stream"] {
        let line = greet(&open.page, "A", path).await;
        let expected = "no complete response within 10 s";
        assert!(line.starts_with(expected), "{path}: {line}");
    }
}
