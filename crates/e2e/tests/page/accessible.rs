//! axe-core's rules, in light and dark, on a desktop and on a phone.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{Open, url};

const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/axe/axe.min.js");

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn axe_finds_no_fault() {
    let axe = fs::read_to_string(Path::new(AXE)).expect("`make test-page` installs axe-core");
    let open = Open::with_hello(&["--trace-url=https://trace.example/{trace_id}"]).await;
    let page = &open.page;
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
        page.until("document.querySelector('#greetings li')").await;
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
