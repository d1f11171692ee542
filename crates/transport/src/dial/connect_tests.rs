//! Real sockets that refuse, do not respond, or accept.

use std::time::Duration;

use testkit::{any_port, servers::full_backlog};
use tokio::{net::TcpListener, time::Instant};

use super::connect::{ATTEMPT_DELAY, connect, interleave};
use crate::{Address, ConnectAttempt};

/// Longer than the tests take.
fn deadline() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

async fn accepting() -> (TcpListener, Address) {
    let listener = TcpListener::bind(any_port()).await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, Address::Tcp(address))
}

/// An address where nothing listens.
async fn refusing() -> Address {
    accepting().await.1
}

/// Connects, and returns the address of the connection, the attempts and the time.
async fn run(addresses: &[&Address]) -> (String, Vec<ConnectAttempt>, Duration) {
    let addresses: Vec<_> = addresses.iter().map(|&it| it.clone()).collect();
    let (started, mut attempts) = (Instant::now(), Vec::new());
    let (address, _) = connect(&addresses, deadline(), &mut attempts)
        .await
        .unwrap();
    (address.to_string(), attempts, started.elapsed())
}

#[tokio::test]
async fn a_silent_address_delays_the_next_by_a_quarter_of_a_second() {
    let (_silent, address) = full_backlog().await;
    let silent = Address::Tcp(address);
    let (_listener, good) = accepting().await;
    let (address, attempts, took) = run(&[&silent, &good]).await;
    assert_eq!(address, good.to_string());
    assert!(took >= ATTEMPT_DELAY, "{took:?}");
    assert!(took < Duration::from_millis(400), "{took:?}");
    let [first, second] = &attempts[..] else {
        panic!("{attempts:?}");
    };
    assert_eq!(first.address, silent.to_string());
    assert_eq!(first.error.as_deref(), Some("no response"));
    assert!(first.time >= ATTEMPT_DELAY, "{first:?}");
    assert_eq!(second.address, good.to_string());
    assert_eq!(second.error, None);
    assert!(second.time < first.time, "{attempts:?}");
}

#[tokio::test]
async fn a_failure_starts_the_next_attempt_at_once() {
    let (_listener, good) = accepting().await;
    let (one, other) = (refusing().await, refusing().await);
    let (address, attempts, took) = run(&[&one, &other, &good]).await;
    assert_eq!(address, good.to_string());
    assert!(took < ATTEMPT_DELAY, "{took:?}");
    let errors: Vec<_> = attempts.iter().map(|it| it.error.as_deref()).collect();
    let refused = Some("connection refused");
    assert_eq!(errors, [refused, refused, None]);
}

#[tokio::test]
async fn the_first_connection_ends_the_race() {
    let (_listener, good) = accepting().await;
    let (_other, next) = accepting().await;
    let (address, attempts, _) = run(&[&good, &next]).await;
    assert_eq!(address, good.to_string());
    assert_eq!(attempts.len(), 1, "{attempts:?}");
}

#[tokio::test]
async fn a_deadline_ends_all_attempts() {
    let (_silent, address) = full_backlog().await;
    let addresses = [Address::Tcp(address), refusing().await];
    let deadline = Instant::now() + 2 * ATTEMPT_DELAY;
    let mut attempts = Vec::new();
    let result = connect(&addresses, deadline, &mut attempts).await;
    let error = result.map(|(address, _)| address).unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(attempts.len(), 2, "{attempts:?}");
}

#[test]
fn families_alternate_from_the_first() {
    let parse = |text: &str| Address::Tcp(text.parse().unwrap());
    let resolved = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"].map(parse);
    let order: Vec<_> = interleave(&resolved)
        .iter()
        .map(ToString::to_string)
        .collect();
    let expected = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"];
    assert_eq!(order, expected);
}
