//! The page in a real browser, through the gateway over TLS. `make test-page` installs
//! what it needs and runs these tests.

mod aborts;
mod accessible;
mod greet;
mod live;
mod load;
mod pace;
mod pauses;
mod pictures;
mod responses;
mod rollout;

use e2e::TestMesh;
use testkit::browser::{Browser, Page};

/// The page of a mesh, in a browser of its own.
struct Open {
    page: Page,
    browser: Browser,
    mesh: TestMesh,
}

impl Open {
    async fn start() -> Self {
        Self::with_hello(&[]).await
    }

    async fn with_hello(args: &[&str]) -> Self {
        Self::of(TestMesh::with_hello(args).await).await
    }

    async fn of(mesh: TestMesh) -> Self {
        let browser = Browser::start();
        let page = browser.page().await;
        page.look(1280, 900, false).await;
        page.open(&url(&mesh)).await;
        Self {
            page,
            browser,
            mesh,
        }
    }
}

/// The address of the page, over TLS.
fn url(mesh: &TestMesh) -> String {
    format!("https://{}/", mesh.https_addr())
}
