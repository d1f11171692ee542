//! The greeting box: every path, hostile names, and the keyboard.

use serde_json::json;
use testkit::browser::Page;

use super::Open;

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
    page.until("document.querySelector('#greetings li')").await;
    let line = page.text("#greetings li").await;
    assert!(line.contains("Key"), "{line}");
}
