//! The live view: shares, a stopped replica, and faults.

use serde_json::{Value, json};
use testkit::browser::Page;

use super::Open;

/// Starts the live view.
pub(super) async fn start(page: &Page, target: &str, rate: u32) {
    let settings = format!(
        "document.querySelector('#rate').value = {rate};
         document.querySelector('#target').value = '{target}';
         document.querySelector('#target').dispatchEvent(new Event('change'))"
    );
    page.evaluate(&settings).await;
    page.click("#start").await;
}

/// The shares of the pods in percent, by their names.
async fn shares(page: &Page) -> Value {
    let rows = "Object.fromEntries([...document.querySelectorAll('#pods tr')].map((row) =>
        [row.dataset.pod, parseInt(row.querySelector('.share').innerText)]))";
    page.evaluate(rows).await
}

/// Waits until this many answers are shown.
pub(super) async fn answers(page: &Page, count: u32) {
    let shown =
        format!("document.querySelectorAll('#cells [title]:not([title=\"\"])').length >= {count}");
    page.until(&shown).await;
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn shows_the_shares_of_two_replicas_for_every_target() {
    let open = Open::start().await;
    let page = &open.page;
    for target in ["greet", "stream", "grpc-web"] {
        start(page, target, 50).await;
        answers(page, 60).await;
        page.click("#start").await;
        page.until("document.querySelectorAll('#pods tr').length === 2")
            .await;
        let shares = shares(page).await;
        for pod in ["greeter-1", "greeter-2"] {
            let share = shares[pod].as_u64().unwrap();
            assert!((35..=65).contains(&share), "{target}: {shares}");
        }
        let legend = page.text("#legend").await;
        let share = |version: &str| {
            let entry = legend.lines().find(|it| it.starts_with(version)).unwrap();
            let percent = entry.trim_start_matches(version).trim_end_matches('%');
            percent.trim().parse::<u64>().unwrap()
        };
        let (v1, v2) = (share("v1"), share("v2"));
        assert!(
            (35..=65).contains(&v1) && v1.abs_diff(100 - v2) <= 1,
            "{legend}"
        );
        // The two versions have two colours.
        let colors = page.evaluate(
            "new Set([...document.querySelectorAll('#cells .cell')].map((it) =>
                it.style.getPropertyValue('--color')).filter(Boolean)).size",
        );
        assert_eq!(colors.await, 2);
        assert_eq!(page.text("#success").await, "100 %");
    }
    start(page, "hello", 50).await;
    answers(page, 20).await;
    page.until("document.querySelectorAll('#pods tr').length === 1")
        .await;
    assert_eq!(shares(page).await, json!({"hello-1": 100}));
    assert!(page.console().is_empty(), "{:?}", page.console());
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn shows_that_a_replica_has_stopped() {
    let open = Open::start().await;
    let page = &open.page;
    start(page, "greet", 20).await;
    page.until("document.querySelectorAll('#pods tr').length === 2")
        .await;
    open.mesh.greeters[1].terminate();
    open.mesh.healthy_greeters(1).await.unwrap();
    page.until(
        "document.querySelector('[data-pod=greeter-2]').innerText.includes('no response for')",
    )
    .await;
    let other = page.text("[data-pod=greeter-1]").await;
    assert!(other.contains("s ago"), "{other}");
    // The drain has lost no call.
    assert_eq!(page.text("#success").await, "100 %");
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn shows_errors_and_delays_that_the_gateway_injects() {
    let open = Open::start().await;
    let page = &open.page;
    open.mesh.abort_requests(40).await.unwrap();
    start(page, "greet", 50).await;
    answers(page, 100).await;
    page.until("document.querySelector('#reasons').innerText.includes('HTTP 503')")
        .await;
    let share = page.evaluate(
        "document.querySelectorAll('#cells .bad').length
            / document.querySelectorAll('#cells [title]:not([title=\"\"])').length",
    );
    let share = share.await.as_f64().unwrap();
    assert!((0.15..=0.7).contains(&share), "{share}");
    assert_eq!(
        page.evaluate("document.querySelector('#latency .errors').getAttribute('d') !== ''")
            .await,
        true
    );

    open.mesh.abort_requests(0).await.unwrap();
    open.mesh.delay_requests(50).await.unwrap();
    page.click("#clear").await;
    page.until("document.querySelectorAll('#cells .slow').length >= 20")
        .await;
    let p95 = "document.querySelector('#p95').innerText";
    page.until(&format!("{p95}.endsWith(' ms') && parseInt({p95}) >= 500"))
        .await;
    open.mesh.delay_requests(0).await.unwrap();
}
