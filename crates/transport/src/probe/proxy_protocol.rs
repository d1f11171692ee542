//! A probe for servers that expect a PROXY protocol header first, as load balancers
//! send it (haproxy.org/download/3.0/doc/proxy-protocol.txt).

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;

use crate::{
    sniffer::Sniffer,
    socket::{Address, BoxedIo},
    tls::Tls,
};

/// The first byte of a TLS record with a ServerHello.
const HANDSHAKE: u8 = 0x16;

/// The signature of version 2, then: version 2, command PROXY.
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21";

/// The version of the PROXY protocol with which the port responds to a TLS
/// handshake; `None` if it responds to neither. Each version has half of `limit`.
pub async fn proxy_protocol(tls: &Tls, address: &Address, limit: Duration) -> Option<&'static str> {
    let (Address::Tcp(peer) | Address::Tunnel(peer, _)) = address else {
        return None;
    };
    let started = Instant::now();
    for (version, header, share) in [("v1", v1(*peer), limit / 2), ("v2", v2(*peer), limit)] {
        let responds = timeout_at(started + share, responds(tls, address, &header));
        if responds.await.ok().flatten() == Some(true) {
            return Some(version);
        }
    }
    None
}

/// Whether the port responds to this header and a TLS handshake with TLS.
async fn responds(tls: &Tls, address: &Address, header: &[u8]) -> Option<bool> {
    let mut stream: BoxedIo = address.open().await.ok()?;
    stream.write_all(header).await.ok()?;
    let (stream, first_bytes) = Sniffer::new(stream);
    let connector: TlsConnector = tls.probe(true, "h2").0;
    // A handshake that fails later proves the header too.
    let _ = connector.connect(tls.server_name.clone(), stream).await;
    // An alert proves nothing: a TLS server answers the header itself with one.
    Some(matches!(first_bytes.bytes()[..], [HANDSHAKE, 3, ..]))
}

/// Version 1: text. The server's address stands for both ends, since only the
/// syntax matters.
fn v1(peer: SocketAddr) -> Vec<u8> {
    let (ip, port) = (peer.ip().to_canonical(), peer.port());
    let family = if ip.is_ipv4() { "TCP4" } else { "TCP6" };
    format!("PROXY {family} {ip} {ip} {port} {port}\r\n").into_bytes()
}

/// Version 2: binary.
fn v2(peer: SocketAddr) -> Vec<u8> {
    let (family, ip) = match peer.ip().to_canonical() {
        std::net::IpAddr::V4(ip) => (0x11, ip.octets().to_vec()),
        std::net::IpAddr::V6(ip) => (0x21, ip.octets().to_vec()),
    };
    let port = peer.port().to_be_bytes();
    let addresses = [&ip[..], &ip, &port, &port].concat();
    let length = u8::try_from(addresses.len()).unwrap_or_default();
    [V2, &[family, 0, length], &addresses].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_have_the_format_of_the_specification() {
        let v4 = "192.0.2.1:443".parse().unwrap();
        assert_eq!(v1(v4), b"PROXY TCP4 192.0.2.1 192.0.2.1 443 443\r\n");
        let header = v2(v4);
        assert_eq!(&header[12..16], [0x21, 0x11, 0, 12]);
        assert_eq!(header.len(), 28);
        let v6 = "[2001:db8::1]:443".parse().unwrap();
        assert!(v1(v6).starts_with(b"PROXY TCP6 2001:db8::1 "));
        assert_eq!(v2(v6).len(), 52);
    }
}
