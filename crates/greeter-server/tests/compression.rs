//! Compression: replies as the request came.

mod support;

use support::{Greeter, connect, framed, greeter, named};
use tonic::codec::CompressionEncoding::{self, Gzip, Zstd};

/// The coding of the reply to a request sent in one and accepting another.
async fn reply_coding(
    send: Option<CompressionEncoding>,
    accept: CompressionEncoding,
) -> Option<String> {
    let server = Greeter::start([]).await;
    let mut client = greeter(&connect(server.public).await).accept_compressed(accept);
    if let Some(encoding) = send {
        client = client.send_compressed(encoding);
    }
    let name = "a".repeat(4000);
    let reply = client.say_hello(named(&name)).await.unwrap();
    assert_eq!(reply.get_ref().message, format!("Hello {name}"));
    let coding = reply.metadata().get("grpc-encoding")?;
    Some(coding.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn compresses_the_reply_to_a_compressed_request() {
    assert_eq!(
        reply_coding(Some(Gzip), Gzip).await.as_deref(),
        Some("gzip")
    );
    assert_eq!(
        reply_coding(Some(Zstd), Zstd).await.as_deref(),
        Some("zstd")
    );
    assert_eq!(
        reply_coding(Some(Gzip), Zstd).await.as_deref(),
        Some("zstd")
    );
}

#[tokio::test]
async fn does_not_compress_for_those_who_would_only_accept_it() {
    assert_eq!(reply_coding(None, Gzip).await, None);
    assert_eq!(reply_coding(None, Zstd).await, None);
}

#[tokio::test]
async fn compresses_the_very_message_and_not_only_the_header_says_so() {
    let server = Greeter::start([]).await;
    let client = reqwest::Client::builder().no_proxy();
    let client = client.http2_prior_knowledge().build().unwrap();
    let call = async |coding: &str| {
        let url = format!("http://{}/helloworld.Greeter/SayHello", server.public);
        let request = client
            .post(url)
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-encoding", coding)
            .header("grpc-accept-encoding", "gzip")
            // A frame may stay uncompressed whatever the coding of the call.
            .body(framed(&named("Alice")));
        request.send().await.unwrap()
    };
    let gzip = call("gzip").await;
    assert_eq!(gzip.headers()["grpc-encoding"], "gzip");
    let body = gzip.bytes().await.unwrap();
    // The flag of a compressed frame, and gzip's magic number.
    assert_eq!((body[0], &body[5..7]), (1, &[0x1f, 0x8b][..]));

    let identity = call("identity").await;
    assert_eq!(identity.headers().get("grpc-encoding"), None);
    assert_eq!(identity.bytes().await.unwrap()[0], 0);

    let unknown = call("snappy").await;
    assert_eq!(unknown.headers()["grpc-status"], "12");
    let accepted = &unknown.headers()["grpc-accept-encoding"];
    assert_eq!(accepted, "gzip,zstd,identity");
}
