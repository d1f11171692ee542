//! The greeting box: every route, hostile names, the order of lines, and the keyboard.

use serde_json::json;
use testkit::browser::Page;

use super::Open;

/// Greets a name by a route; returns the newest line.
pub(super) async fn greet(page: &Page, name: &str, path: &str) -> String {
    let before = "document.querySelector('#greetings li')?.setAttribute('data-old', '')";
    page.evaluate(before).await;
    let fill = format!("document.querySelector('#name').value = {}", json!(name));
    page.evaluate(&fill).await;
    page.click(&format!("[value='{path}']")).await;
    page.click("#greeting button").await;
    page.until("document.querySelector('#greetings li:first-child:not([data-old], .pending)')")
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
        // Line separators, which are in JSON as they are.
        let line = greet(&open.page, "a\u{2028}b\u{2029}c", path).await;
        assert!(line.contains("Hello a"), "{path}: {line}");
        assert!(!line.contains("ended early"), "{path}: {line}");
        // The control character is refused: the greeter's reason is shown.
        let line = greet(&open.page, "a\u{7f}<b>", path).await;
        assert!(line.contains("INVALID_ARGUMENT"), "{path}: {line}");
        assert!(line.contains("control characters"), "{path}: {line}");
    }
    // Browsers take these for folders: a path cannot carry them.
    for name in [".", ".."] {
        for path in ["greet", "stream"] {
            let line = greet(&open.page, name, path).await;
            assert!(
                line.contains("a URL path cannot contain this name: choose gRPC-Web"),
                "{line}"
            );
        }
        let line = greet(&open.page, name, "grpc-web").await;
        assert!(line.starts_with(&format!("Hello {name}\n")), "{line}");
    }
    assert_eq!(open.page.evaluate("document.images.length").await, 0);
    let title = open.page.evaluate("document.title").await;
    assert_eq!(title, "Hello World! from hello-1");
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
    page.until("document.querySelector('#greetings li:not(.pending)')")
        .await;
    let line = page.text("#greetings li").await;
    assert!(line.contains("Key"), "{line}");
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn lines_are_in_the_order_of_their_requests() {
    let open = Open::start().await;
    let page = &open.page;
    // The test answers the requests.
    let held = "window.answers = []; window.fetch = () => new Promise((answer) => answers.push(
        (message) => answer(new Response(JSON.stringify({message, from: 'a', via: 'b'}),
            {headers: {'content-type': 'application/vnd.hello-server+json'}}))))";
    page.evaluate(held).await;
    page.click("#greeting button").await;
    page.click("#greeting button").await;
    let lines = "[...document.querySelectorAll('#greetings .text')].map((it) => it.innerText)";
    let waiting = "Waiting for the response…";
    page.until("answers.length === 2").await;
    assert_eq!(page.evaluate(lines).await, json!([waiting, waiting]));
    page.evaluate("answers[1]('second')").await;
    page.until("document.querySelectorAll('#greetings .pending').length === 1")
        .await;
    assert_eq!(page.evaluate(lines).await, json!(["second", waiting]));
    page.evaluate("answers[0]('first')").await;
    page.until("!document.querySelector('#greetings .pending')")
        .await;
    assert_eq!(page.evaluate(lines).await, json!(["second", "first"]));
}
