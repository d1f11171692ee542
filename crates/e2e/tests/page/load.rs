//! The page as it is loaded: complete, from its own origin, and without a complaint.

use serde_json::json;
use testkit::browser::Browser;

use super::{Open, url};
use e2e::TestMesh;

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn loads_from_one_origin_and_without_a_complaint() {
    let open = Open::start().await;
    let page = &open.page;
    assert_eq!(page.text("h1").await, "Hello World!");
    assert_eq!(page.text("[data-of=pod]").await, "hello-1");
    assert_eq!(page.text(".top .chip").await, "v1");
    let route = page.text("#route").await;
    assert!(route.contains("HTTP/2 over TLS"), "{route}");
    assert!(route.contains("Proxy"), "{route}");
    assert!(route.contains("HTTP/1.1 at the server"), "{route}");
    page.click("#start").await;
    page.until("document.querySelectorAll('#pods tr').length === 2")
        .await;
    let origin = url(&open.mesh);
    for requested in page.requested() {
        let own = requested.starts_with(&origin) || requested.starts_with("data:");
        assert!(own, "{requested}");
    }
    assert!(page.console().is_empty(), "{:?}", page.console());
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn names_the_place_of_the_server_and_links_to_the_trace() {
    let trace = "https://trace.example/{trace_id}";
    let open = Open::with_hello(&["--zone=zone-a", "--node=node-1", "--trace-url", trace]).await;
    let page = &open.page;
    let facts = page.text("#facts").await;
    for text in ["zone-a", "node-1", "https", "not sampled"] {
        assert!(facts.contains(text), "no {text} in {facts}");
    }
    // The tracing UI has no trace that is not sampled.
    assert_eq!(page.text("#facts a").await, "");
    let id = "0af7651916cd43dd8448eb211c80319c";
    let sampled = format!("00-{id}-b7ad6b7169203331-01");
    let headers = json!({"headers": {"traceparent": sampled}});
    page.call("Network.setExtraHTTPHeaders", headers).await;
    page.open(&url(&open.mesh)).await;
    assert_eq!(page.text("#facts a").await, id);
    let link = page.evaluate("document.querySelector('#facts a').href");
    assert_eq!(link.await, format!("https://trace.example/{id}"));
}

/// The sidecar of hello adds the header. The demo has none, and its gateway removes what
/// a client sends, so the browser calls hello as a sidecar does.
#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn shows_the_identities_that_a_sidecar_has_verified() {
    let mesh = TestMesh::with_hello(&["--show-mesh-identity"]).await;
    let browser = Browser::start();
    let page = browser.page().await;
    page.open(&url(&mesh)).await;
    let facts = page.text("#facts").await;
    let unknown = "unknown (no x-forwarded-client-cert)";
    assert!(facts.contains(unknown), "{facts}");
    assert!(!page.text("#route").await.contains("mutual TLS"));

    let [client, server] = ["gateway", "hello"].map(|it| format!("spiffe://mesh/ns/a/sa/{it}"));
    let certificate = format!("By={server};Hash=1;Subject=\"CN=a,O=b\";URI={client}");
    let headers = json!({"headers": {
        "x-forwarded-client-cert": certificate, "x-forwarded-proto": "https",
    }});
    page.call("Network.setExtraHTTPHeaders", headers).await;
    page.open(&format!("http://{}/", mesh.hello_address)).await;
    let fact = async |name: &str| {
        let value = format!(
            "[...document.querySelectorAll('#facts dt')].find((it) => it.innerText === '{name}')
                ?.nextElementSibling.innerText"
        );
        page.evaluate(&value).await
    };
    assert_eq!(fact("Client identity").await, client);
    assert_eq!(fact("Server identity").await, server);
    assert_eq!(fact("Scheme at the gateway").await, "https");
    let route = page.text("#route").await;
    assert!(
        route.contains("HTTP/1.1 at the server, mutual TLS"),
        "{route}"
    );
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn shows_hostile_headers_as_text() {
    let mesh = TestMesh::with_hello(&["--show-mesh-identity"]).await;
    let browser = Browser::start();
    let page = browser.page().await;
    let hostile = "</script><img src=x onerror=document.title='broken'>";
    let headers = json!({"headers": {"x-request-id": hostile}});
    page.call("Network.setExtraHTTPHeaders", headers).await;
    page.open(&url(&mesh)).await;
    let facts = page.text("#facts").await;
    assert!(facts.contains(hostile), "{facts}");
    assert_eq!(page.evaluate("document.images.length").await, 0);
    let title = page.evaluate("document.title").await;
    assert_eq!(title, "Hello World! from hello-1");
    assert!(page.console().is_empty(), "{:?}", page.console());
}
