//! The greeting box: every path, hostile names, and the keyboard.

use serde_json::json;
use testkit::browser::Page;

use super::Open;

/// A frame of gRPC-Web with the message "Hi", as JavaScript.
const FRAME: &str = "0,0,0,0,4,10,2,72,105";

/// Greets a name by a path; returns the newest line.
async fn greet(page: &Page, name: &str, path: &str) -> String {
    let before = "document.querySelector('#greetings li')?.setAttribute('data-old', '')";
    page.evaluate(before).await;
    let fill = format!("document.querySelector('#name').value = {}", json!(name));
    page.evaluate(&fill).await;
    page.click(&format!("[value='{path}']")).await;
    page.click("#greeting button").await;
    page.until("document.querySelector('#greetings li:first-child:not([data-old])')")
        .await;
    page.text("#greetings li").await
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn greets_by_every_path() {
    let open = Open::start().await;
    for (path, text) in [
        ("greet", "Hello Zoë"),
        ("grpc-web", "Hello Zoë"),
        ("stream", "Hello Zoë · Hello Zoë · Hello Zoë"),
    ] {
        let line = greet(&open.page, "Zoë", path).await;
        assert!(line.starts_with(text), "{path}: {line}");
        assert!(line.contains("greeter-"), "{path}: {line}");
        assert!(line.contains("v1") || line.contains("v2"), "{path}: {line}");
        assert!(line.contains(" ms"), "{path}: {line}");
        let by_hello = line.contains("via hello-1");
        assert_eq!(by_hello, path != "grpc-web", "{path}: {line}");
    }
    let requested = open.page.requested();
    let direct = requested
        .iter()
        .any(|it| it.ends_with("/helloworld.Greeter/SayHello"));
    assert!(direct, "{requested:?}");
    assert!(open.page.console().is_empty(), "{:?}", open.page.console());
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn shows_hostile_names_and_errors_as_text() {
    let open = Open::start().await;
    let hostile = "<img src=x onerror=document.title='broken'>";
    for path in ["greet", "grpc-web", "stream"] {
        let line = greet(&open.page, hostile, path).await;
        assert!(line.contains(&format!("Hello {hostile}")), "{line}");
        // The control character is refused: the greeter's reason is shown.
        let line = greet(&open.page, "a\u{7f}<b>", path).await;
        assert!(line.contains("INVALID_ARGUMENT"), "{path}: {line}");
        assert!(line.contains("control characters"), "{path}: {line}");
    }
    // Browsers take these for folders: a path cannot carry them.
    for name in [".", ".."] {
        for path in ["greet", "stream"] {
            let line = greet(&open.page, name, path).await;
            assert!(line.contains("use gRPC-Web for this name"), "{line}");
        }
        let line = greet(&open.page, name, "grpc-web").await;
        assert!(line.starts_with(&format!("Hello {name}\n")), "{line}");
    }
    assert_eq!(open.page.evaluate("document.images.length").await, 0);
    let title = open.page.evaluate("document.title").await;
    assert_eq!(title, "Hello World! from hello-1");
}

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
        ("", "", "the response was cut"),
        ("0,0,0", "", "the response was cut"),
        ("0,0,0,0,4,10,2", "", "the response was cut"),
        // No trailers.
        (FRAME, "", "the response was cut"),
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
            "unexpected content: text/html",
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
    assert!(line.starts_with("no connection: refused"), "{line}");
    let text = "window.fetch = async () => new Response('{x',
        {headers: {'content-type': 'application/vnd.hello-server+json'}})";
    open.page.evaluate(text).await;
    let line = greet(&open.page, "A", "greet").await;
    assert!(line.starts_with("invalid response"), "{line}");
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn greets_by_the_keyboard() {
    let open = Open::start().await;
    let page = &open.page;
    // The name is the first control.
    page.press("Tab", 9, "").await;
    let focus = page.evaluate("document.activeElement.id").await;
    assert_eq!(focus, "name");
    page.call("Input.insertText", json!({"text": "Key"})).await;
    page.press("Enter", 13, "\r").await;
    page.until("document.querySelector('#greetings li')").await;
    let line = page.text("#greetings li").await;
    assert!(line.contains("Key"), "{line}");
}
