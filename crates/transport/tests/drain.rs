//! A connection that ends loses no response that has arrived, and a call reports whether
//! the server has processed it.

use std::{io, time::Duration};

use futures_util::stream;
use greeter_proto::helloworld::{HelloReply, HelloRequest};
use http::Response;
use testkit::{
    frames::{ANY_STREAM, NO_ERROR, REFUSED_STREAM, RST_STREAM, goaway, rst_stream},
    grpc::framed,
    http2_server::{self, Http2Server, reply},
    servers::serve,
    soon,
};
use tonic::{Code, Status};
use transport::{
    Channel, ChannelError, Dialer,
    call::{Call, Kind, Options},
};

const ROUNDS: usize = 1000;

async fn server<F: Future<Output = io::Result<()>> + Send + 'static>(
    handle: impl Fn(Http2Server) -> F + Clone + Send + 'static,
) -> Dialer {
    let address = http2_server::serve(handle).await;
    Dialer::new(address.parse().unwrap(), None, Duration::from_secs(10))
}

fn hello() -> HelloReply {
    HelloReply {
        message: "Hello".to_owned(),
    }
}

async fn connect(dialer: &Dialer) -> Channel {
    dialer.dial().await.map_err(|it| it.error).unwrap().channel
}

/// A call, with its trailers.
async fn greet(channel: Channel) -> Result<String, Status> {
    greet_name(channel, "Ann".to_owned()).await
}

async fn greet_name(channel: Channel, name: String) -> Result<String, Status> {
    let options = Options {
        kind: Kind::Unary,
        headers: Vec::new(),
        timeout: None,
        compression: None,
    };
    let names = stream::once(std::future::ready(name));
    soon(async {
        let mut call = Call::start(channel, &options, names).await?;
        let message = call.next().await?.expect("a reply").message;
        call.trailers().await?;
        Ok(message)
    })
    .await
}

async fn greet_often(dialer: &Dialer) {
    for round in 0..ROUNDS {
        let reply = greet(connect(dialer).await).await;
        assert_eq!(reply.as_deref().ok(), Some("Hello"), "{round}: {reply:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_in_one_write_with_goaway_and_close_arrives() {
    let dialer = server(|mut server| async move {
        let stream = server.request().await?;
        let goaway = goaway(stream, NO_ERROR);
        server.send(&[goaway, reply(stream, &hello())]).await
    })
    .await;
    greet_often(&dialer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_before_a_tcp_reset_arrives() {
    let dialer = server(|mut server| async move {
        let stream = server.request().await?;
        let goaway = goaway(stream, NO_ERROR);
        server.send(&[goaway, reply(stream, &hello())]).await?;
        server.reset();
        Ok(())
    })
    .await;
    greet_often(&dialer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_after_two_goaways_arrives() {
    let dialer = server(|mut server| async move {
        let stream = server.request().await?;
        server.send(&[goaway(ANY_STREAM, NO_ERROR)]).await?;
        server.send(&[goaway(stream, NO_ERROR)]).await?;
        server.send(&[reply(stream, &hello())]).await
    })
    .await;
    let channel = connect(&dialer).await;
    assert_eq!(greet(channel.clone()).await.unwrap(), "Hello");
    assert!(channel.is_closed() && channel.is_drained());
    let status = greet(channel).await.unwrap_err();
    let error = ChannelError::of_status(&status).unwrap();
    assert!(matches!(error, ChannelError::NotSent(_)), "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_not_processed_says_so() {
    for refuse in [
        |stream| goaway(stream - 1, NO_ERROR),
        |stream| rst_stream(stream, REFUSED_STREAM),
    ] {
        let dialer = server(move |mut server| async move {
            let stream = server.request().await?;
            server.send(&[refuse(stream)]).await
        })
        .await;
        let channel = connect(&dialer).await;
        let status = greet(channel.clone()).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
        let error = ChannelError::of_status(&status).unwrap();
        assert!(error.is_unprocessed(), "{status:?}");
        assert!(!channel.is_drained(), "{status:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_may_have_been_processed_says_so() {
    let dialer = server(|mut server| async move {
        let stream = server.request().await?;
        server.send(&[goaway(stream, NO_ERROR)]).await
    })
    .await;
    let status = greet(connect(&dialer).await).await.unwrap_err();
    let error = ChannelError::of_status(&status).unwrap();
    assert!(
        matches!(error, ChannelError::ConnectionLost(_)),
        "{status:?}"
    );
    assert_eq!(status.code(), Code::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_dropped_closes_its_connection() {
    let (closed, mut is_closed) = tokio::sync::mpsc::channel(1);
    let dialer = server(move |server| {
        let closed = closed.clone();
        async move {
            server.closed().await;
            let _ = closed.send(()).await;
            Ok(())
        }
    })
    .await;
    drop(connect(&dialer).await);
    soon(is_closed.recv()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_dropped_is_cancelled() {
    let (reset, mut resets) = tokio::sync::mpsc::channel(1);
    let dialer = server(move |mut server| {
        let reset = reset.clone();
        async move {
            server.request().await?;
            let _ = reset.send(None).await;
            let frame = server.next(RST_STREAM).await?;
            let _ = reset.send(Some(frame.payload)).await;
            Ok(())
        }
    })
    .await;
    let channel = connect(&dialer).await;
    tokio::select! {
        _ = greet(channel.clone()) => {}
        sent = resets.recv() => assert_eq!(sent, Some(None)),
    }
    assert_eq!(soon(resets.recv()).await, Some(Some(vec![0, 0, 0, 8])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_larger_than_the_windows_arrives_whole() {
    // The windows of this server are 64 KiB.
    let address = serve(async |stream| {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((mut request, mut respond))) = connection.accept().await {
            tokio::spawn(async move {
                let mut received = 0;
                while let Some(Ok(data)) = request.body_mut().data().await {
                    received += data.len();
                    let window = request.body_mut().flow_control();
                    window.release_capacity(data.len()).unwrap();
                }
                let response = Response::builder()
                    .header("content-type", "application/grpc")
                    .header("grpc-status", "3")
                    .header("grpc-message", received.to_string());
                respond.send_response(response.body(()).unwrap(), true)
            });
        }
    })
    .await;
    let dialer = Dialer::new(address.parse().unwrap(), None, Duration::from_secs(10));
    let name = "a".repeat(1 << 20);
    let request = HelloRequest { name: name.clone() };
    let status = greet_name(connect(&dialer).await, name).await.unwrap_err();
    assert_eq!(
        status.message(),
        framed(&request).len().to_string(),
        "{status:?}"
    );
}
