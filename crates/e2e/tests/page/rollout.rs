//! What people look at a mesh for: the weight of a canary, and a rolling restart.

use e2e::TestMesh;
use serde_json::Value;

use super::{
    Open,
    live::{answers, start},
};

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn shows_the_weight_of_a_canary() {
    let open = Open::of(TestMesh::with_canary(10, &[]).await).await;
    let page = &open.page;
    for target in ["greet", "stream", "grpc-web"] {
        start(page, target, 50).await;
        answers(page, 150).await;
        page.click("#start").await;
        page.until("document.querySelectorAll('#pods tr').length === 2")
            .await;
        page.until("/v1 \\d+ %/.test(document.querySelector('#legend').innerText)")
            .await;
        let share = async |version: &str| {
            let share = format!(
                "Number(/{version} (\\d+) %/.exec(document.querySelector('#legend').innerText)[1])"
            );
            page.evaluate(&share).await.as_u64().unwrap()
        };
        let (v1, v2) = (share("v1").await, share("v2").await);
        assert!((86..=94).contains(&v1), "{target}: v1 has {v1} %");
        assert_eq!(v1 + v2, 100, "{target}");
    }
}

#[tokio::test]
#[ignore = "needs what `make test-page` installs"]
async fn shows_a_rolling_restart_of_which_no_call_fails() {
    let mut open = Open::start().await;
    let (page, mesh) = (&open.page, &mut open.mesh);
    start(page, "greet", 50).await;
    answers(page, 50).await;
    // One greeter after the other has no response for longer than half a second, which
    // the table rounds to a second; the other has one each.
    let seen = async {
        for (stopped, other) in [("greeter-1", "greeter-2"), ("greeter-2", "greeter-1")] {
            page.until(&format!(
                "/[1-9] s ago|no response/.test(document.querySelector('[data-pod={stopped}]').innerText)
                 && document.querySelector('[data-pod={other}]').innerText.includes('\\t0 s ago')"
            ))
            .await;
        }
    };
    let (restarted, ()) = tokio::join!(mesh.restart_greeters(), seen);
    restarted.unwrap();
    page.until(
        "[...document.querySelectorAll('#pods tr')].every((it) => it.innerText.includes('\\t0 s ago'))",
    )
    .await;
    assert_eq!(page.text("#success").await, "100 %");
    // Each has had a time without the other in the chart: a column that is its own.
    let most = "[...document.querySelectorAll('#shares .band')].slice(0, 2).map((band) =>
        Math.max(...[...band.getAttribute('d').matchAll(/v([\\d.]+)h/g)].slice(1).map((it) => it[1])))";
    let heights: Value = page.evaluate(most).await;
    for height in heights.as_array().unwrap() {
        assert!(height.as_f64().unwrap() >= 80.0, "of 120: {heights}");
    }
}
