//! How fast the live view calls, and when it stops.

use super::{
    Open,
    live::{answers, start},
    url,
};

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn stops_when_the_page_is_hidden() {
    let open = Open::start().await;
    let page = &open.page;
    start(page, "greet", 50).await;
    answers(page, 10).await;
    let front = open.browser.page().await;
    page.until("document.hidden").await;
    page.until("document.querySelector('#state').innerText.includes('hidden')")
        .await;
    assert_eq!(page.text("#start").await, "Start");
    let before = page.requested().len();
    assert!(before > 10, "{before}");
    // While another page makes calls, this one makes none.
    front.open(&url(&open.mesh)).await;
    start(&front, "greet", 50).await;
    answers(&front, 60).await;
    assert_eq!(page.requested().len(), before);
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn stops_with_any_settings_and_keeps_what_it_shows() {
    let open = Open::start().await;
    let page = &open.page;
    start(page, "greet", 20).await;
    answers(page, 20).await;
    page.evaluate("document.querySelector('#slow').value = ''")
        .await;
    page.click("#start").await;
    assert_eq!(page.text("#state").await, "Stopped.");
    assert_eq!(page.text("#start").await, "Start");
    // The page refreshes what it shows twice a second, once more after a stop.
    let ticks = "window.ticks = 0; window.clock = setInterval(() => { ticks += 1 }, 500)";
    page.evaluate(ticks).await;
    page.until("ticks >= 2").await;
    let observed = "window.changes = 0; new MutationObserver(() => { changes += 1 }).observe(
        document.querySelector('main'), {subtree: true, childList: true, characterData: true, attributes: true})";
    page.evaluate(observed).await;
    page.until("ticks >= 5").await;
    assert_eq!(page.evaluate("changes").await, 0);
    let last = page.text("#pods tr td:last-child").await;
    assert_eq!(last.split(':').count(), 3, "no time of day: {last}");
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn says_that_http_1_limits_the_rate() {
    let open = Open::start().await;
    let page = &open.page;
    page.open(&format!("http://{}/", open.mesh.http_addr()))
        .await;
    open.mesh.delay_requests(100).await.unwrap();
    start(page, "greet", 50).await;
    page.until(
        "document.querySelector('#state').innerText.includes('slower: waiting for responses')",
    )
    .await;
    // No call waits for a connection.
    answers(page, 60).await;
    let slowest = page
        .evaluate(
            "Math.max(...[...document.querySelectorAll('#cells [title]:not([title=\"\"])')]
                .map((it) => /, ([\\d.]+) s$/.exec(it.title)?.[1] ?? 0))",
        )
        .await;
    assert!(slowest.as_f64().unwrap() < 2.0, "{slowest} s");
    open.mesh.delay_requests(0).await.unwrap();
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn the_rate_has_bounds() {
    let open = Open::start().await;
    let page = &open.page;
    for (value, expected) in [
        ("1", "1 per second"),
        ("5000", "50 per second"),
        ("-3", "1 per second"),
    ] {
        // The control has bounds of its own; the script does not rely on them.
        let set = format!(
            "Object.assign(document.querySelector('#rate'), {{min: -9000, max: 9000, value: {value}}})
                .dispatchEvent(new Event('input'))"
        );
        page.evaluate(&set).await;
        assert_eq!(page.text("#rate-text").await, expected);
    }
    start(page, "greet", 5000).await;
    answers(page, 200).await;
    page.until("document.querySelector('#measured').innerText !== '–'")
        .await;
    let measured = page.text("#measured").await;
    let rate: f64 = measured.trim_end_matches(" /s").parse().unwrap();
    assert!((20.0..55.0).contains(&rate), "{measured}");
}
