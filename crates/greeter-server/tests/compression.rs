//! Compression: a reply is compressed if its request was.

mod support;

use support::{connect, greeter, named, start};
use testkit::{clients::h2c, grpc::framed};
use tonic::codec::CompressionEncoding::{self, Gzip, Zstd};

/// The encoding of the reply to a request that is sent in one encoding and
/// accepts another.
async fn reply_encoding(
    send: Option<CompressionEncoding>,
    accept: CompressionEncoding,
) -> Option<String> {
    let server = start([]).await;
    let mut client = greeter(&connect(server.public).await).accept_compressed(accept);
    if let Some(encoding) = send {
        client = client.send_compressed(encoding);
    }
    let name = "a".repeat(4000);
    let reply = client.say_hello(named(&name)).await.unwrap();
    assert_eq!(reply.get_ref().message, format!("Hello {name}"));
    let encoding = reply.metadata().get("grpc-encoding")?;
    Some(encoding.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn compresses_the_reply_to_a_compressed_request() {
    assert_eq!(
        reply_encoding(Some(Gzip), Gzip).await.as_deref(),
        Some("gzip")
    );
    assert_eq!(
        reply_encoding(Some(Zstd), Zstd).await.as_deref(),
        Some("zstd")
    );
    assert_eq!(
        reply_encoding(Some(Gzip), Zstd).await.as_deref(),
        Some("zstd")
    );
}

#[tokio::test]
async fn does_not_compress_the_reply_to_an_uncompressed_request() {
    assert_eq!(reply_encoding(None, Gzip).await, None);
    assert_eq!(reply_encoding(None, Zstd).await, None);
}

#[tokio::test]
async fn compresses_the_message_itself() {
    let server = start([]).await;
    let client = h2c();
    let call = async |encoding: &str| {
        let url = server.url("/helloworld.Greeter/SayHello");
        let request = client
            .post(url)
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-encoding", encoding)
            .header("grpc-accept-encoding", "gzip")
            // A message may be uncompressed in a call of any encoding.
            .body(framed(&named("Alice")));
        request.send().await.unwrap()
    };
    let gzip = call("gzip").await;
    assert_eq!(gzip.headers()["grpc-encoding"], "gzip");
    let body = gzip.bytes().await.unwrap();
    // The flag of a compressed message, and gzip's magic number.
    assert_eq!((body[0], &body[5..7]), (1, &[0x1f, 0x8b][..]));

    let identity = call("identity").await;
    assert_eq!(identity.headers().get("grpc-encoding"), None);
    assert_eq!(identity.bytes().await.unwrap()[0], 0);

    let unknown = call("snappy").await;
    assert_eq!(unknown.headers()["grpc-status"], "12");
    let accepted = &unknown.headers()["grpc-accept-encoding"];
    assert_eq!(accepted, "gzip,zstd,identity");
}
