//! The log of the process: peers cannot fill it, and nobody needs to read it.

mod support;

use std::process::{Command, Stdio};

use support::{connect, greeter, named, process::Process};
use testkit::{
    frames::{ACK, PING, frame, opening},
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::spawn_blocking,
};

#[tokio::test]
async fn a_flood_of_ping_acknowledgements_writes_no_line() {
    let server = Process::start(&[]);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&opening(&[])).await.unwrap();
    let acknowledgements = frame(PING, ACK, 0, b"not sent").repeat(10_000);
    // The server may close the connection before it has read all.
    let _ = stream.write_all(&acknowledgements).await;
    let _ = stream.write_all(&frame(PING, 0, 0, b"all read")).await;
    let mut received = Vec::new();
    let answered = async {
        while !received.windows(8).any(|bytes| bytes == b"all read") {
            if stream.read_buf(&mut received).await.unwrap_or(0) == 0 {
                break;
            }
        }
    };
    soon(answered).await;

    assert_eq!(server.rest(), "");
}

#[tokio::test]
async fn failed_handshakes_are_counted() {
    let pki = testkit::Pki::new();
    let (cert, key) = pki.issue("server", &testkit::localhost());
    let server = Process::start(&["--tls-cert", &cert, "--tls-key", &key]);
    for _ in 0..100 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        soon(stream.read_to_end(&mut Vec::new())).await.unwrap();
    }
    let log = server.rest();
    assert_eq!(log.matches("TLS handshakes failed").count(), 1, "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[tokio::test]
async fn serves_and_stops_when_nobody_reads_its_output() {
    let mut server = Process::start(&[]);
    server.close_log();
    let channel = connect(server.address).await;
    greeter(&channel).say_hello(named("Alice")).await.unwrap();
    let exit = soon(spawn_blocking(|| server.stop())).await.unwrap();
    assert_eq!(exit.code(), Some(0));
}

#[tokio::test]
async fn reports_an_error_at_start_when_nobody_reads_it() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut process = Command::new(env!("CARGO_BIN_EXE_greeter-server"))
        .args(["--log", "info,hyper=loud"])
        .stdin(Stdio::null())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .spawn()
        .unwrap();
    let exit = soon(spawn_blocking(move || process.wait().unwrap())).await;
    assert_eq!(exit.unwrap().code(), Some(1));
}
