//! Calls without a deadline end when the server is gone.

mod support;

use std::sync::Arc;

use support::{greeter, start};
use testkit::{servers::serve, soon};
use tokio::{
    io::{AsyncBufReadExt, BufReader, copy_bidirectional},
    net::TcpStream,
    sync::Notify,
};

/// A proxy to `addr` that forwards nothing more on its first connection from the moment
/// that it is told so. Its socket stays open, as that of a process that hangs.
async fn freezing_proxy(addr: &str, freeze: Arc<Notify>) -> String {
    let addr = addr.to_owned();
    serve(move |mut near| {
        let (addr, freeze) = (addr.clone(), Arc::clone(&freeze));
        async move {
            let mut far = TcpStream::connect(&addr).await.unwrap();
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                () = freeze.notified() => std::future::pending().await,
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_and_a_stream_end_when_the_server_is_silent() {
    let addr = greeter(&[]).await;
    for (command, first) in [
        (&["health", "--watch"][..], "SERVING"),
        (
            &["--stream", "bidi", "--repeat", "2", "--interval", "1h"],
            "Hello world from greeter-under-test",
        ),
    ] {
        let freeze = Arc::<Notify>::default();
        let proxy = freezing_proxy(&addr, Arc::clone(&freeze)).await;
        let args = [command, &["--addr", &proxy, "--keepalive", "500ms"]].concat();
        let (mut child, mut lines) = start(&args);
        let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
        assert_eq!(soon(lines.next_line()).await.unwrap().unwrap(), first);
        freeze.notify_one();
        let error = soon(errors.next_line()).await.unwrap().unwrap();
        let reason = "the server did not answer a keepalive ping within 500ms";
        assert!(error.contains(reason), "{error}");
        assert!(error.contains("UNAVAILABLE"), "{error}");
    }
}
