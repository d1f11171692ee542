//! Pictures of the page for people, in target/page: with a canary that gets a tenth,
//! faults, and a rolling restart.

use std::{fs, path::Path};

use e2e::TestMesh;

use super::{Open, url};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/page");

/// What the live view shows once it has run for a while.
const CELLS: &str = "document.querySelectorAll('#cells [title]:not([title=\"\"])').length";

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn takes_pictures_in_light_dark_and_on_a_phone() {
    let place = ["--zone=europe-west1-b", "--node=node-1"];
    let mut open = Open::of(TestMesh::with_canary(10, &place).await).await;
    fs::create_dir_all(FOLDER).unwrap();
    for (name, width, dark) in [
        ("light", 1200, false),
        ("dark", 1200, true),
        ("phone", 390, false),
        ("phone-dark", 390, true),
    ] {
        open.page.look(width, 900, dark).await;
        open.page.open(&url(&open.mesh)).await;
        run(&mut open).await;
        let page = &open.page;
        let height = page.evaluate("document.documentElement.scrollHeight").await;
        let height = u32::try_from(height.as_u64().unwrap()).unwrap();
        page.look(width, height, dark).await;
        let picture = page.screenshot().await;
        assert!(picture.len() > 20_000, "{name}: {} bytes", picture.len());
        fs::write(Path::new(FOLDER).join(format!("{name}.png")), picture).unwrap();
    }
}

/// Greets, and fills the live view.
async fn run(open: &mut Open) {
    let page = &open.page;
    for (count, path) in [(1, "greet"), (2, "grpc-web")] {
        page.click(&format!("[value='{path}']")).await;
        page.click("#greeting button").await;
        let shown =
            format!("document.querySelectorAll('#greetings li:not(.pending)').length === {count}");
        page.until(&shown).await;
    }
    let rate = "document.querySelector('#rate').value = 20";
    page.evaluate(rate).await;
    page.evaluate("document.querySelector('#rate').dispatchEvent(new Event('input'))")
        .await;
    page.click("#start").await;
    page.until(&format!("{CELLS} >= 100")).await;
    open.mesh.abort_requests(15).await.unwrap();
    open.mesh.delay_requests(8).await.unwrap();
    page.until(&format!("{CELLS} >= 170")).await;
    open.mesh.abort_requests(0).await.unwrap();
    open.mesh.delay_requests(0).await.unwrap();
    open.mesh.restart_greeters().await.unwrap();
    open.page.until(&format!("{CELLS} >= 330")).await;
}
