//! /greet/{name}?stream=n: server-sent events of a streaming call; and the details of
//! a greeting, for the page.

mod support;

use reqwest::StatusCode;
use serde_json::{Value, json};
use support::{problem, start, start_greeter, start_greeter_with};
use testkit::clients::{h2c, http1};

/// The events of a stream: name and data.
fn events(text: &str) -> Vec<(String, Value)> {
    let (events, end) = text.rsplit_once("\n\n").unwrap();
    assert_eq!(end, "");
    let parsed = events.split("\n\n").map(|event| {
        let (name, data) = event.split_once('\n').unwrap();
        let name = name.strip_prefix("event: ").unwrap().to_owned();
        let data = data.strip_prefix("data: ").unwrap();
        (name, serde_json::from_str(data).unwrap())
    });
    parsed.collect()
}

#[tokio::test]
async fn streams_greetings_and_an_end() {
    let greeter = start_greeter().await;
    let hello = start(["--greeter", &greeter]).await;
    for (client, count) in [(http1(), 1), (h2c(), 100)] {
        let url = hello.url(&format!("/greet/Alice?stream={count}"));
        let response = client.get(url).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let events = events(&response.text().await.unwrap());
        let ((last, _), greetings) = events.split_last().unwrap();
        assert_eq!(last, "end");
        assert_eq!(greetings.len(), count);
        for (name, data) in greetings {
            assert_eq!(name, "greeting");
            assert_eq!(data["message"], "Hello Alice");
            assert_eq!(data["from"], "greeter-1");
            assert_eq!(data["via"], "hello-1");
        }
    }
}

#[tokio::test]
async fn refuses_counts_and_names_before_the_first_event() {
    let greeter = start_greeter().await;
    let hello = start(["--greeter", &greeter]).await;
    for count in ["0", "101", "-1", "many", ""] {
        let url = hello.url(&format!("/greet/Alice?stream={count}"));
        let response = http1().get(url).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let (detail, _) = problem(response).await;
        assert_eq!(detail, "the number of greetings must be from 1 to 100");
    }
    for (length, count, status) in [
        (49, 100, 200),
        (50, 100, 400),
        (4064, 2, 200),
        (4065, 2, 400),
    ] {
        let url = hello.url(&format!("/greet/{}?stream={count}", "a".repeat(length)));
        let response = http1().get(url).send().await.unwrap();
        assert_eq!(response.status(), status, "{length} {count}");
    }
    let url = hello.url("/greet/a%0Ab?stream=2");
    let (_, status) = problem(http1().get(url).send().await.unwrap()).await;
    assert_eq!(status.as_deref(), Some("INVALID_ARGUMENT"));
}

#[tokio::test]
async fn reports_a_greeter_that_cannot_be_reached() {
    let hello = start(["--greeter", "http://127.0.0.1:1"]).await;
    let url = hello.url("/greet/Alice?stream=2");
    let response = http1().get(url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let (_, status) = problem(response).await;
    assert_eq!(status.as_deref(), Some("UNAVAILABLE"));
}

#[tokio::test]
async fn only_the_page_gets_the_versions_of_a_greeting() {
    let greeter = start_greeter_with(&["--version-label=v1"]).await;
    let hello = start(["--greeter", &greeter]).await;
    let get = async |accept: &str| {
        let request = http1()
            .get(hello.url("/greet/Bob"))
            .header("accept", accept);
        request.send().await.unwrap()
    };
    let plain = r#"{"message":"Hello Bob","from":"greeter-1","via":"hello-1"}"#;
    for accept in ["*/*", "application/json", "text/html"] {
        let response = get(accept).await;
        assert_eq!(response.headers().get("vary"), None);
        assert_eq!(response.text().await.unwrap(), plain);
    }
    let response = get("application/vnd.hello-server+json").await;
    assert_eq!(response.headers()["vary"], "accept");
    let detailed: Value = response.json().await.unwrap();
    let expected = json!({
        "message": "Hello Bob", "from": "greeter-1", "via": "hello-1", "version": "v1",
    });
    assert_eq!(detailed, expected);
}
