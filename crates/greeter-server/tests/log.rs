//! The log of the process: peers cannot fill it, and nobody needs to read it.

mod support;

use std::{
    io::{BufRead, BufReader, PipeReader, Read, pipe},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use support::{connect, greeter, named};
use testkit::{
    http2::{PING, PREFACE, SETTINGS},
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::spawn_blocking,
};

/// A greeter in a process of its own.
struct Greeter {
    process: Child,
    address: SocketAddr,
    log: BufReader<PipeReader>,
}

impl Greeter {
    /// Starts one whose standard output and error are the same pipe.
    fn start(flags: &[&str]) -> Self {
        let (reader, writer) = pipe().unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_greeter-server"))
            .args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(["--drain-delay", "0s"])
            .args(flags)
            .stderr(writer.try_clone().unwrap())
            .stdout(writer)
            .spawn()
            .unwrap();
        let mut log = BufReader::new(reader);
        let mut line = String::new();
        while !line.contains("listening") {
            line.clear();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "no line `listening`");
        }
        let address = line.split_once("public=").unwrap().1;
        let address = address.split_whitespace().next().unwrap();
        Self {
            process,
            address: address.parse().unwrap(),
            log,
        }
    }

    /// Closes the read end of the pipe.
    fn unread(self) -> (Child, SocketAddr) {
        (self.process, self.address)
    }

    /// Kills the process; returns the rest of its log.
    fn rest(mut self) -> String {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        log
    }
}

fn terminate(process: &Child) {
    let pid = Pid::from_raw(process.id().cast_signed());
    kill(pid, Signal::SIGTERM).unwrap();
}

/// The exit status of a process.
async fn exit(mut process: Child) -> ExitStatus {
    soon(spawn_blocking(move || process.wait().unwrap()))
        .await
        .unwrap()
}

fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, flags, 0, 0, 0, 0], payload].concat()
}

#[tokio::test]
async fn a_flood_of_ping_acknowledgements_writes_no_line() {
    let server = Greeter::start(&[]);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let start = [PREFACE, &frame(SETTINGS, 0, &[])].concat();
    stream.write_all(&start).await.unwrap();
    let acknowledgements = frame(PING, 1, b"not sent").repeat(10_000);
    // The server may close the connection before it has read all.
    let _ = stream.write_all(&acknowledgements).await;
    let _ = stream.write_all(&frame(PING, 0, b"all read")).await;
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
    let server = Greeter::start(&["--tls-cert", &cert, "--tls-key", &key]);
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
    let (process, address) = Greeter::start(&[]).unread();
    let channel = connect(address).await;
    greeter(&channel).say_hello(named("Alice")).await.unwrap();
    terminate(&process);
    assert_eq!(exit(process).await.code(), Some(0));
}

#[tokio::test]
async fn reports_an_error_at_start_when_nobody_reads_it() {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let process = Command::new(env!("CARGO_BIN_EXE_greeter-server"))
        .args(["--log", "info,hyper=loud"])
        .stdin(Stdio::null())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .spawn()
        .unwrap();
    assert_eq!(exit(process).await.code(), Some(1));
}
