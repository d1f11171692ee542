//! The calls in flight end with the reason for them.

use testkit::browser::Page;

use super::{
    Open,
    live::{answers, start},
};

/// Requests without a response, whose signals the test sees.
const HANGING: &str = "window.signals = []; window.fetch = (_, {signal}) =>
    new Promise((_, failed) => {
        signals.push(signal);
        signal.addEventListener('abort', () => failed(signal.reason));
    })";

/// Waits for requests, does something, and waits until it has aborted all of them.
async fn aborts(page: &Page, action: &str) {
    page.evaluate("signals.length = 0").await;
    page.until("signals.length >= 3").await;
    // In one step, so that no request starts between.
    let aborted = format!("{action}; signals.every((it) => it.aborted)");
    assert_eq!(page.evaluate(&aborted).await, true, "{action}");
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn aborts_the_calls_whose_responses_are_not_shown() {
    let open = Open::start().await;
    let page = &open.page;
    page.evaluate(HANGING).await;
    start(page, "greet", 50).await;
    aborts(page, "document.querySelector('#clear').click()").await;
    let target = "document.querySelector('#target').value = 'stream';
        document.querySelector('#target').dispatchEvent(new Event('change'))";
    aborts(page, target).await;
    aborts(page, "document.querySelector('#start').click()").await;
    page.click("#start").await;
    let hidden = "Object.defineProperty(document, 'hidden', {value: true, configurable: true});
        document.dispatchEvent(new Event('visibilitychange')); delete document.hidden";
    aborts(page, hidden).await;
    // They are no errors.
    assert_eq!(page.text("#errors").await, "–");
    let shown = page.evaluate("document.querySelectorAll('#cells .bad').length");
    assert_eq!(shown.await, 0);
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn a_change_of_the_rate_aborts_no_call() {
    let open = Open::start().await;
    let page = &open.page;
    page.evaluate(HANGING).await;
    start(page, "greet", 50).await;
    page.until("signals.length >= 3").await;
    let rate = "document.querySelector('#rate').value = 20;
        document.querySelector('#rate').dispatchEvent(new Event('input'))";
    page.evaluate(rate).await;
    assert_eq!(page.text("#rate-text").await, "20 per second");
    // The slider has not been released.
    assert_eq!(page.text("#state").await, "Running, 50 per second.");
    let change = "document.querySelector('#rate').dispatchEvent(new Event('change'));
        signals.some((it) => it.aborted)";
    assert_eq!(page.evaluate(change).await, false);
    assert_eq!(page.text("#state").await, "Running, 20 per second.");
    let spoken = page.evaluate("document.querySelector('#rate').ariaValueText");
    assert_eq!(spoken.await, "20 per second");
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn slow_cells_follow_the_threshold() {
    let open = Open::start().await;
    let page = &open.page;
    start(page, "greet", 50).await;
    answers(page, 20).await;
    page.click("#start").await;
    let slow = async |threshold: u32| {
        let set = format!(
            "document.querySelector('#slow').value = {threshold};
             document.querySelector('#slow').dispatchEvent(new Event('input'));
             document.querySelectorAll('#cells .slow').length"
        );
        page.evaluate(&set).await.as_u64().unwrap()
    };
    assert_eq!(slow(9999).await, 0);
    // The figures of the next refresh are those of the cells.
    let cells = slow(1).await;
    assert!(cells > 0);
    page.until(&format!(
        "document.querySelector('#slow-count').innerText === '{cells}'"
    ))
    .await;
    page.until("document.querySelector('#legend').innerText.includes('slow: 1 ms or more')")
        .await;
}
