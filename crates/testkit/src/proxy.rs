//! An HTTP proxy that opens tunnels with CONNECT.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};

use crate::servers::serve;

/// A proxy that connects every tunnel to `upstream`: it resolves every name to that
/// server. Returns its address, and the heads of the requests that it receives.
pub async fn tunnelling(upstream: &str) -> (String, UnboundedReceiver<String>) {
    let (upstream, (heads, received)) = (upstream.to_owned(), unbounded_channel());
    let address = serve(move |mut near| {
        let (upstream, heads) = (upstream.clone(), heads.clone());
        async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                if near.read_buf(&mut head).await.unwrap_or(0) == 0 {
                    return;
                }
            }
            let _ = heads.send(String::from_utf8_lossy(&head).into_owned());
            let Ok(mut far) = TcpStream::connect(upstream).await else {
                let _ = near.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
                return;
            };
            let _ = near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            let _ = copy_bidirectional(&mut near, &mut far).await;
        }
    })
    .await;
    (address, received)
}
