//! Memory that an attack took is returned to the system.

mod support;

use std::fs;

use support::{named, process::Process};
use testkit::{
    frames::{DATA, Request, frame, opening, stream},
    soon,
};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::yield_now};

const CONNECTIONS: usize = 200;
const STREAMS: u32 = 100;

/// What the attack takes at least, in KiB.
const TAKEN: u64 = 16 * 1024;

/// The resident memory of a process in KiB, without the pages of its executable,
/// which are loaded as the code runs.
fn memory(process: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let line = status
        .lines()
        .find(|it| it.starts_with("RssAnon:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The start of a connection with calls whose messages do not end.
fn unfinished_calls() -> Vec<u8> {
    let call = Request::grpc("/helloworld.Greeter/SayHello", &named("Alice"));
    let message = [&[0, 0, 0, 19, 136][..], &[b'a'; 100]].concat();
    let mut bytes = opening(&[]);
    for stream in (0..STREAMS).map(stream) {
        bytes.extend(call.open(stream));
        bytes.extend(frame(DATA, 0, stream, &message));
    }
    bytes
}

#[tokio::test]
async fn returns_its_memory_after_an_attack() {
    let process = Process::start(&[]);
    let start = memory(&process);
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(process.address).await.unwrap();
        // The server may close the connection.
        let _ = stream.write_all(&unfinished_calls()).await;
        connections.push(stream);
    }
    let taken = async {
        while memory(&process) < start + TAKEN {
            yield_now().await;
        }
    };
    soon(taken).await;
    drop(connections);
    let returned = async {
        while memory(&process) > start + TAKEN / 2 {
            yield_now().await;
        }
    };
    soon(returned).await;
}
