//! Interoperability with other gRPC implementations, as clients and as servers.
//! `make interop` installs them and runs these tests.

use std::{path::Path, process::Stdio};

use e2e::TestMesh;
use pki::{Authority, Leaf};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop");
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools");

/// Runs a tool of `.tools`. Returns its standard output.
async fn run(tool: &str, args: &[&str]) -> String {
    let program = Path::new(TOOLS).join(tool);
    let output = Command::new(&program)
        .args(args)
        .current_dir(HERE)
        .output()
        .await
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{tool} {args:?}: {} {errors}",
        output.status
    );
    String::from_utf8(output.stdout).unwrap()
}

async fn python(args: &[&str]) -> String {
    run("interop/bin/python", args).await
}

async fn grpcurl(args: &[&str]) -> String {
    run("bin/grpcurl", args).await
}

/// grpcurl's arguments for a greeter: directly, and through the gateway.
fn targets(mesh: &TestMesh) -> [Vec<String>; 2] {
    let direct = vec![
        "-plaintext".to_owned(),
        mesh.greeter_addresses[0].to_string(),
    ];
    let gateway = ["-cacert", mesh.cacert(), &mesh.https_addr()];
    [direct, gateway.map(str::to_owned).into()]
}

#[tokio::test]
#[ignore = "needs the tools that `make interop` installs"]
async fn grpcurl_lists_describes_and_calls_the_greeter() {
    let mesh = TestMesh::start().await;
    for target in targets(&mesh) {
        let target: Vec<_> = target.iter().map(String::as_str).collect();
        let services = grpcurl(&[&target[..], &["list"]].concat()).await;
        for service in ["helloworld.Greeter", "grpc.health.v1.Health"] {
            assert!(services.lines().any(|line| line == service), "{services}");
        }
        let described = grpcurl(&[&target[..], &["describe", "helloworld.Greeter"]].concat()).await;
        assert!(described.contains("rpc SayHelloBidiStream"), "{described}");

        let call = ["-d", r#"{"name": "Go"}"#];
        let reply = grpcurl(&[&call[..], &target, &["helloworld.Greeter/SayHello"]].concat()).await;
        let reply: Value = serde_json::from_str(&reply).unwrap();
        assert_eq!(reply["message"], "Hello Go");
        let list = grpcurl(&[&target[..], &["grpc.health.v1.Health/List"]].concat()).await;
        let list: Value = serde_json::from_str(&list).unwrap();
        assert_eq!(list["statuses"]["helloworld.Greeter"]["status"], "SERVING");
    }
}

#[tokio::test]
#[ignore = "needs the tools that `make interop` installs"]
async fn grpc_health_probe_finds_the_greeter_serving() {
    let mesh = TestMesh::start().await;
    let direct = format!("-addr={}", mesh.greeter_addresses[0]);
    let gateway = format!("-addr={}", mesh.https_addr());
    let ca = format!("-tls-ca-cert={}", mesh.ca.display());
    for target in [&[direct.as_str()][..], &[&gateway, "-tls", &ca]] {
        for service in [&[][..], &["-service=helloworld.Greeter"]] {
            // The result is the exit status.
            run("bin/grpc-health-probe", &[target, service].concat()).await;
        }
    }
}

#[tokio::test]
#[ignore = "needs the tools that `make interop` installs"]
async fn a_python_client_greets_directly_and_through_the_gateway() {
    let mesh = TestMesh::start().await;
    let direct = mesh.greeter_addresses[0].to_string();
    let gateway = mesh.https_addr();
    for target in [&[direct.as_str()][..], &[&gateway, mesh.cacert()]] {
        let output = python(&[&["client.py"], target].concat()).await;
        let lines: Vec<_> = output.lines().collect();
        assert!(
            lines[0].starts_with("unary: Hello Python from greeter-"),
            "{output}"
        );
        let rest = [
            "server: 5 x Hello Python",
            "bidi: 3 x Hello Python",
            "refused: INVALID_ARGUMENT",
            "health: SERVING",
        ];
        assert_eq!(lines[1..], rest, "{output}");
    }
}

/// Starts the Python server. Returns it and its address.
async fn python_server(args: &[&str]) -> (Child, String) {
    let mut server = Command::new(Path::new(TOOLS).join("interop/bin/python"))
        .arg("server.py")
        .args(args)
        .current_dir(HERE)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let port = lines.next_line().await.unwrap().expect("the server's port");
    (server, format!("localhost:{port}"))
}

#[tokio::test]
#[ignore = "needs the tools that `make interop` installs"]
async fn our_client_greets_a_python_server() {
    let directory = TempDir::new().unwrap();
    let [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map(|file| directory.path().join(file));
    let authority = Authority::new("Interop CA").unwrap();
    std::fs::write(&ca, authority.pem()).unwrap();
    authority
        .issue(&Leaf::new(["localhost"]))
        .unwrap()
        .write(&cert, &key)
        .unwrap();
    let [ca, cert, key] = [&ca, &cert, &key].map(|path| path.to_str().unwrap());

    for (server_args, client_args) in [
        (&[][..], &[][..]),
        (&[cert, key], &["--tls", "--cacert", ca]),
    ] {
        let (_server, addr) = python_server(server_args).await;
        for (kind, expected) in [
            (&[][..], "Hello Rust from python\n".to_owned()),
            (
                &["--stream", "server"],
                "Hello Rust from unknown\n".repeat(3),
            ),
            (
                &["--stream", "bidi", "--repeat", "2"],
                "Hello Rust from unknown\n".repeat(2),
            ),
            (
                &["--compress", "gzip"],
                "Hello Rust from python\n".to_owned(),
            ),
        ] {
            let target = ["--addr", &addr, "Rust"];
            let run = e2e::client(&[client_args, kind, &target].concat()).await;
            assert!(run.status.success(), "{run:?}");
            assert_eq!(String::from_utf8(run.stdout).unwrap(), expected);
        }
    }
}
