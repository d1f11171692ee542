//! A greeter without a mesh.

use std::env;

use local_mesh::{Process, binary};
use tokio::sync::mpsc;

/// Starts a greeter on free ports. Returns its address as `localhost:PORT` too.
pub(crate) async fn start(more: &[&str]) -> (Process, String) {
    let args = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    let args: Vec<_> = args.iter().chain(more).map(|&arg| arg.to_owned()).collect();
    let program = binary("greeter-server").unwrap();
    let log = mpsc::unbounded_channel().0;
    let process = Process::start("greeter", &program, &args, &env::temp_dir(), &log).unwrap();
    let port = process.listening().await.unwrap().public.port();
    (process, format!("localhost:{port}"))
}
