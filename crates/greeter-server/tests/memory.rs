//! Memory that an attack took is returned to the system.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use testkit::{
    http2::{DATA, HEADERS, PREFACE, SETTINGS},
    soon,
};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::yield_now};

const CONNECTIONS: usize = 200;
const STREAMS: u8 = 100;

/// What the attack takes at least, in KiB.
const TAKEN: u64 = 8 * 1024;

/// A process that is killed on drop.
struct Process(Child);

impl Process {
    fn start() -> (Self, SocketAddr) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_greeter-server"))
            .args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut lines = lines.map(Result::unwrap);
        let line = lines.find(|it| it.contains("public="));
        let line = line.expect("a line `listening`");
        let address = line.split_once("public=").unwrap().1;
        let address = address.split_whitespace().next().unwrap().parse();
        (Self(process), address.unwrap())
    }

    /// Its resident memory in KiB.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    let head = [0, 0, length, kind, flags, 0, 0, 0, stream];
    [&head, payload].concat()
}

/// A header in HPACK that is not indexed.
fn header(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}

/// The start of a connection with calls whose messages do not end.
fn unfinished_calls() -> Vec<u8> {
    let headers = [
        // POST and http, of the static table.
        vec![0x83, 0x86],
        header(":path", "/helloworld.Greeter/SayHello"),
        header(":authority", "a"),
        header("content-type", "application/grpc"),
        header("te", "trailers"),
    ]
    .concat();
    let message = [&[0, 0, 0, 19, 136][..], &[b'a'; 100]].concat();
    let mut bytes = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    for stream in (1..2 * STREAMS).step_by(2) {
        bytes.extend(frame(HEADERS, 4, stream, &headers));
        bytes.extend(frame(DATA, 0, stream, &message));
    }
    bytes
}

#[tokio::test]
async fn returns_its_memory_after_an_attack() {
    let (process, address) = Process::start();
    let start = process.memory();
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server may close the connection.
        let _ = stream.write_all(&unfinished_calls()).await;
        connections.push(stream);
    }
    let taken = async {
        while process.memory() < start + TAKEN {
            yield_now().await;
        }
    };
    soon(taken).await;
    drop(connections);
    let returned = async {
        while process.memory() > start + TAKEN / 2 {
            yield_now().await;
        }
    };
    soon(returned).await;
}
