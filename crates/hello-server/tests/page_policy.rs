//! The policy of the page: what a browser lets it do.

mod support;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use support::start;
use testkit::clients::http1;

/// The text of the element that starts so.
fn element<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = page.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

#[tokio::test]
async fn the_policy_allows_only_the_pages_own_script_and_style() {
    let hello = start([]).await;
    let request = http1().get(hello.url("/")).header("accept", "text/html");
    let response = request.send().await.unwrap();
    let policy = response.headers()["content-security-policy"].clone();
    let policy = policy.to_str().unwrap();
    let page = response.text().await.unwrap();
    let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
    let script = hash(element(&page, "<script type=\"module\">", "</script>"));
    let style = hash(element(&page, "<style>", "</style>"));
    let sources = [("script", script), ("style", style)];
    let [script, style] = sources.map(|(kind, hash)| format!("{kind}-src 'sha256-{hash}'; "));
    let expected =
        format!("default-src 'none'; {script}{style}connect-src 'self'; img-src data:; ");
    assert!(
        policy.starts_with(&expected),
        "write these lines in src/page/policy.rs:\n    {script:?},\n    {style:?},"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    for inline in [" onclick=", " style=", "javascript:", " src=", "innerHTML"] {
        assert!(!page.contains(inline), "{inline}");
    }
    // With its code, the page adds less than 60 KB to the program.
    assert!(page.len() < 45_000, "{} bytes", page.len());
}
