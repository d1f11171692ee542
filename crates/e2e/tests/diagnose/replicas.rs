//! Several servers for one name: by several addresses, or behind a TCP load balancer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use pki::Leaf;
use testkit::{Pki, with_hosts};
use time::{Duration, OffsetDateTime};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

use crate::{scenario::Scenario, servers::named_greeter};

/// A name of several addresses, by a hosts file.
pub(crate) const NAME: &str = "fleet.test";

/// The port of a name whose addresses have a server each: a TCP proxy to the greeter
/// or to the broken server that `backend` names.
pub(crate) async fn addresses(servers: &[(&str, &str)]) -> u16 {
    loop {
        let (host, _) = servers[0];
        let first = TcpListener::bind((host, 0)).await.unwrap();
        let port = first.local_addr().unwrap().port();
        let mut listeners = vec![first];
        for (host, _) in &servers[1..] {
            if let Ok(listener) = TcpListener::bind((*host, port)).await {
                listeners.push(listener);
            }
        }
        // Another program can hold the port on one of the addresses.
        if listeners.len() == servers.len() {
            for (listener, (_, backend)) in listeners.into_iter().zip(servers) {
                balance(listener, &[*backend]);
            }
            return port;
        }
    }
}

/// Forwards connections to these servers in turn; counts the connections.
fn balance(listener: TcpListener, backends: &[&str]) -> Arc<AtomicUsize> {
    let backends: Vec<_> = backends.iter().map(|&it| it.to_owned()).collect();
    let count = Arc::new(AtomicUsize::new(0));
    let accepted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let number = accepted.fetch_add(1, Ordering::SeqCst);
            let backend = backends[number % backends.len()].clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(backend).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    count
}

/// A TCP load balancer in front of these servers: its address and its connections.
pub(crate) async fn balancer(backends: &[&str]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = balance(listener, backends);
    (format!("localhost:{}", address.port()), count)
}

/// A diagnosis of a name with these lines in the hosts file.
pub(crate) fn resolving(hosts: &str, args: &[&str]) -> Scenario {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), hosts).unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let mut scenario = Scenario::new([]).within(&with_hosts(&path)).keep(file);
    scenario.args = args.iter().map(|&arg| arg.to_owned()).collect();
    scenario
}

/// A greeter with a certificate for [`NAME`] and localhost.
pub(crate) async fn tls_greeter(pki: &Pki, hostname: &str, is_expired: bool) -> String {
    let mut leaf = Leaf::new([NAME, "localhost"]);
    if is_expired {
        let yesterday = OffsetDateTime::now_utc() - Duration::days(1);
        leaf.not_before = yesterday - Duration::days(9);
        leaf.not_after = yesterday;
    }
    let (cert, key) = pki.issue(hostname, &leaf);
    let flags = ["--tls-cert", &cert, "--tls-key", &key];
    named_greeter(hostname, &flags).await
}
