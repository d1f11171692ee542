//! `helloworld.Greeter` over `h2`, with messages that are encoded by hand.

use anyhow::{Context, ensure};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use h2::{
    RecvStream,
    server::{self, SendResponse},
};
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};

/// The bytes of a gRPC message before the message itself: a flag and the length.
const PREFIX: usize = 5;

/// The tag of a message's first field, if it is a string.
const FIRST_STRING: u8 = 0x0a;

/// The number of greetings in a streaming reply, as of the other servers.
const STREAM_REPLIES: usize = 5;

/// Serves a connection until it ends.
pub(crate) async fn serve<T>(stream: T) -> anyhow::Result<()>
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let mut connection = server::handshake(stream).await?;
    while let Some(call) = connection.accept().await {
        let (request, respond) = call?;
        tokio::spawn(answer(request, respond));
    }
    Ok(())
}

async fn answer(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
) -> anyhow::Result<()> {
    let streams = request.uri().path().ends_with("/SayHelloStreamReply");
    let replies = if streams { STREAM_REPLIES } else { 1 };
    let reply = reply(&receive(request.into_body()).await?)?;

    let mut response = Response::new(());
    let grpc = HeaderValue::from_static("application/grpc");
    response.headers_mut().insert("content-type", grpc);
    let mut send = respond.send_response(response, false)?;
    for _ in 0..replies {
        send.send_data(reply.clone(), false)?;
    }
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    send.send_trailers(trailers)?;
    Ok(())
}

async fn receive(mut body: RecvStream) -> anyhow::Result<Bytes> {
    let mut received: Option<BytesMut> = None;
    let mut first = Bytes::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        match &mut received {
            None if first.is_empty() => first = data,
            None => received = Some([first.as_ref(), &data].concat().as_slice().into()),
            Some(received) => received.extend_from_slice(&data),
        }
    }
    Ok(received.map_or(first, BytesMut::freeze))
}

/// The reply `Hello <name>`, framed, to a framed request.
fn reply(mut request: &[u8]) -> anyhow::Result<Bytes> {
    ensure!(request.len() > PREFIX, "the request has no message");
    request.advance(PREFIX);
    ensure!(request.get_u8() == FIRST_STRING, "the request has no name");
    let length = varint(&mut request)?;
    let name = request.get(..length).context("the name is cut short")?;

    let text = "Hello ".len() + name.len();
    let mut message = BytesMut::with_capacity(PREFIX + 1 + 10 + text);
    message.put_bytes(0, PREFIX);
    message.put_u8(FIRST_STRING);
    put_varint(&mut message, text);
    message.put_slice(b"Hello ");
    message.put_slice(name);
    let length = u32::try_from(message.len() - PREFIX)?;
    message[1..PREFIX].copy_from_slice(&length.to_be_bytes());
    Ok(message.freeze())
}

fn varint(bytes: &mut &[u8]) -> anyhow::Result<usize> {
    let mut value = 0;
    for shift in (0..28).step_by(7) {
        let byte = bytes.try_get_u8()?;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    anyhow::bail!("the length is too large")
}

fn put_varint(bytes: &mut BytesMut, mut value: usize) {
    while value >= 0x80 {
        bytes.put_u8((value % 0x80) as u8 | 0x80);
        value /= 0x80;
    }
    bytes.put_u8(value as u8);
}
