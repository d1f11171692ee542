//! What clients other than browsers get on `/`: the same bytes as without a page.

mod support;

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode, Version};
use support::{exchange, start};
use testkit::clients::{h2c, http1};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// The headers of clients that do not prefer HTML.
const OTHERS: [&str; 4] = [
    "*/*",
    "application/json",
    "text/plain, text/html",
    "application/json, text/plain, */*",
];

const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn the_bytes_over_http1_are_what_they_were() {
    let hello = start(["--version-label", "v2"]).await;
    let start = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\
         content-security-policy: {POLICY}\r\n"
    );
    let get = "x-content-type-options: nosniff\r\nconnection: close\r\ncontent-length: 14\r\n";
    // HEAD passes through axum, which knows the length first.
    let head = "content-length: 14\r\nx-content-type-options: nosniff\r\nconnection: close\r\n";
    let accepts = OTHERS.map(|it| format!("accept: {it}\r\n"));
    for accept in accepts.iter().map(String::as_str).chain([""]) {
        for (method, headers, body) in [("GET", get, "Hello World! /"), ("HEAD", head, "")] {
            let expected = format!("{start}{headers}date: ");
            let request =
                format!("{method} / HTTP/1.1\r\nhost: a\r\n{accept}connection: close\r\n\r\n");
            let response = exchange(hello.public, request).await;
            let rest = response.strip_prefix(&expected);
            let (_, rest) = rest.expect(&response).split_once("\r\n").unwrap();
            assert_eq!(rest, format!("\r\n{body}"), "{method} {accept}");
        }
    }
}

#[tokio::test]
async fn the_response_over_h2c_is_what_it_was() {
    let hello = start(["--version-label", "v2"]).await;
    for accept in OTHERS {
        for (method, body) in [(Method::GET, "Hello World! /"), (Method::HEAD, "")] {
            let request = h2c().request(method, hello.url("/"));
            let response = request.header("accept", accept).send().await.unwrap();
            assert_eq!(response.version(), Version::HTTP_2);
            assert_eq!(response.status(), StatusCode::OK);
            let headers = response.headers().iter();
            let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
            let headers: BTreeMap<_, _> = headers.filter(|(name, _)| *name != "date").collect();
            let expected = [
                ("content-type", "text/html; charset=utf-8"),
                ("content-security-policy", POLICY),
                ("x-content-type-options", "nosniff"),
                ("content-length", "14"),
            ];
            assert_eq!(headers, BTreeMap::from(expected), "{accept}");
            assert_eq!(response.text().await.unwrap(), body);
        }
    }
}

/// RFC 9110, section 9.3.2: the headers of HEAD are those of GET.
#[tokio::test]
async fn head_has_the_headers_of_what_get_answers() {
    let hello = start([]).await;
    for client in [http1(), h2c()] {
        for accept in [BROWSER, "application/vnd.hello-server+json"] {
            let [get, head] = [Method::GET, Method::HEAD].map(|method| {
                let request = client.request(method, hello.url("/"));
                request.header("accept", accept).send()
            });
            let (get, head) = (get.await.unwrap(), head.await.unwrap());
            assert_eq!(head.status(), StatusCode::OK);
            let headers = |response: &reqwest::Response| {
                let mut headers = response.headers().clone();
                headers.remove("date");
                headers
            };
            assert_eq!(headers(&head), headers(&get), "{accept}");
            assert_eq!(head.headers()["vary"], "accept");
            assert_eq!(head.text().await.unwrap(), "");
        }
    }
}

#[tokio::test]
async fn only_the_root_has_a_page() {
    let hello = start([]).await;
    let request = http1().get(hello.url("/any")).header("accept", BROWSER);
    let text = request.send().await.unwrap().text().await.unwrap();
    assert_eq!(text, "Hello World! /any");
}
