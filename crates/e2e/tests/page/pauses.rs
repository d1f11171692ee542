//! The live view after a pause, and pods that respond seldom. The tests move the page's
//! clock forward.

use testkit::browser::Page;

use super::{
    Open,
    live::{answers, start},
};

/// Adds `shift`, in milliseconds, to the page's clock.
const CLOCK: &str = "window.shift = 0; window.clock = performance.now.bind(performance);
    performance.now = () => clock() + shift";

/// Waits until the table of a running live view is drawn at the present time.
async fn refreshed(page: &Page) {
    let ticks = "window.ticks = 0; setInterval(() => { ticks += 1 }, 500)";
    page.evaluate(ticks).await;
    page.until("ticks >= 2").await;
}

/// The number of pods that the table marks.
async fn quiet(page: &Page) -> u64 {
    let rows = page.evaluate("document.querySelectorAll('#pods .quiet').length");
    rows.await.as_u64().unwrap()
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn a_pause_counts_neither_for_the_rate_nor_as_silence() {
    let open = Open::start().await;
    let page = &open.page;
    page.evaluate(CLOCK).await;
    start(page, "greet", 50).await;
    answers(page, 50).await;
    page.until("document.querySelectorAll('#pods tr').length === 2")
        .await;
    page.click("#start").await;
    page.evaluate("shift += 40_000").await;
    // After the pause, the first calls have no response yet.
    page.evaluate("window.real = fetch; window.fetch = () => new Promise(() => {})")
        .await;
    page.click("#start").await;
    page.until("document.querySelector('#pods').innerText.includes('s ago')")
        .await;
    assert_eq!(quiet(page).await, 0);
    // They never have one.
    page.evaluate("shift += 61_000").await;
    page.until("document.querySelectorAll('#pods .quiet').length === 2")
        .await;
    let row = page.text("#pods tr").await;
    assert!(row.contains("no response for 6"), "{row}");

    page.click("#start").await;
    page.evaluate("window.fetch = real; shift += 20_000").await;
    page.click("#start").await;
    answers(page, 120).await;
    page.until("parseFloat(document.querySelector('#measured').innerText) >= 15")
        .await;
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn a_canary_that_responds_seldom_is_not_missed() {
    let open = Open::start().await;
    let page = &open.page;
    page.evaluate(CLOCK).await;
    // A tenth of the responses is the canary's.
    let responses = "window.calls = 0; window.canary = true;
        window.fetch = async () => {
            calls += 1;
            const from = canary && calls % 10 === 0 ? 'canary' : 'stable';
            return new Response(JSON.stringify({message: 'Hi', from, version: from}),
                {headers: {'content-type': 'application/vnd.hello-server+json'}});
        }";
    page.evaluate(responses).await;
    start(page, "greet", 50).await;
    answers(page, 100).await;
    let rate = "canary = false; document.querySelector('#rate').value = 1;
        document.querySelector('#rate').dispatchEvent(new Event('change'))";
    page.evaluate(rate).await;
    // At one call per second, the canary has one response in ten seconds.
    page.evaluate("shift += 25_000").await;
    page.until("document.querySelector('[data-pod=canary]').innerText.includes(' s ago')")
        .await;
    refreshed(page).await;
    let row = page.text("[data-pod=canary]").await;
    assert!(
        row.contains("25 s ago") || row.contains("26 s ago") || row.contains("27 s ago"),
        "{row}"
    );
    assert_eq!(quiet(page).await, 0);
    page.evaluate("shift += 40_000").await;
    page.until("document.querySelector('[data-pod=canary].quiet')")
        .await;
}
