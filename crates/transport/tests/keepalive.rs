//! HTTP/2 pings: only while calls are open, and an answered ping ends nothing.

use std::time::Duration;

use futures_util::stream;
use greeter_proto::helloworld::HelloReply;
use testkit::{
    frames::PING,
    http2_server::{reply, serve},
    soon,
};
use transport::{
    Dialer, Keepalive,
    call::{Call, Kind, Options},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_silent_but_alive_goes_on() {
    let address = serve(|mut server| async move {
        let stream = server.request().await?;
        for _ in 0..3 {
            server.next(PING).await?;
        }
        let message = "Hello".to_owned();
        server.send(&[reply(stream, &HelloReply { message })]).await
    })
    .await;
    let mut dialer = Dialer::new(address.parse().unwrap(), None, Duration::from_secs(10));
    // The timeout of a ping is as long: the pings are answered in time.
    dialer.keepalive = Keepalive::new(Duration::from_millis(300));
    let channel = dialer.dial().await.map_err(|it| it.error).unwrap().channel;
    let options = Options {
        kind: Kind::Unary,
        headers: Vec::new(),
        timeout: None,
        compression: None,
    };
    let names = stream::once(std::future::ready("Ann".to_owned()));
    let mut call = soon(Call::start(channel, &options, names)).await.unwrap();
    assert_eq!(call.next().await.unwrap().unwrap().message, "Hello");
}
