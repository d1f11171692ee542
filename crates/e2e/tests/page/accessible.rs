//! axe-core's rules, in light and dark, on a desktop and on a phone.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{Open, live::start, url};

const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/axe/axe.min.js");

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn axe_finds_no_fault() {
    let axe = fs::read_to_string(Path::new(AXE)).expect("`make test-page` installs axe-core");
    let open = Open::with_hello(&["--trace-url=https://trace.example/{trace_id}"]).await;
    let page = &open.page;
    // A sampled trace has a link.
    let sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = json!({"headers": {"traceparent": sampled}});
    page.call("Network.setExtraHTTPHeaders", headers).await;
    // axe-core writes markup of its own, which the page's policy forbids.
    page.call("Page.setBypassCSP", json!({"enabled": true}))
        .await;
    for (width, dark) in [(1280, false), (1280, true), (390, false), (390, true)] {
        page.look(width, 900, dark).await;
        page.open(&url(&open.mesh)).await;
        open.mesh.abort_requests(30).await.unwrap();
        page.click("#start").await;
        page.until("document.querySelectorAll('#pods tr').length === 2 && document.querySelector('#reasons li')").await;
        page.click("#start").await;
        open.mesh.abort_requests(0).await.unwrap();
        page.click("#greeting button").await;
        page.until("document.querySelector('#greetings li:not(.pending)')")
            .await;
        page.evaluate(&axe).await;
        let found = page
            .evaluate("axe.run().then(({violations}) => violations.map(({id, impact, nodes}) => ({id, impact, nodes: nodes.map((it) => it.html + ' ' + it.failureSummary)})))")
            .await;
        assert_eq!(found, Value::Array(Vec::new()), "{width} px, dark: {dark}");
        // Nothing is cut off.
        let overflow = page
            .evaluate("document.documentElement.scrollWidth - innerWidth")
            .await;
        assert!(overflow.as_i64().unwrap() <= 0, "{width} px: {overflow}");
    }
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn forced_colours_leave_those_of_the_data() {
    let open = Open::start().await;
    let page = &open.page;
    let forced = json!({"features": [{"name": "forced-colors", "value": "active"}]});
    page.call("Emulation.setEmulatedMedia", forced).await;
    start(page, "greet", 50).await;
    page.until("document.querySelectorAll('#pods tr').length === 2")
        .await;
    for (selector, pseudo) in [
        ("#legend .cell", ""),
        ("#pod-legend .swatch", ""),
        ("#pods .chip", "::before"),
        ("#pods .share i", ""),
    ] {
        let colors = format!(
            "[...document.querySelectorAll('{selector}')].slice(0, 2)
                .map((it) => getComputedStyle(it, '{pseudo}').backgroundColor)"
        );
        let colors = page.evaluate(&colors).await;
        assert_ne!(colors[0], colors[1], "{selector}");
    }
}
