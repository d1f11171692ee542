//! The output of successful greetings.

mod support;

use support::{Run, client, greeter, tls_greeter};
use testkit::Pki;

use pki::Leaf;
use serde_json::Value;

impl Run {
    #[track_caller]
    fn prints(&self, stdout: &str) {
        assert_eq!((self.code, self.stdout.as_str()), (0, stdout), "{self:?}");
    }

    #[track_caller]
    fn json(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap();
        self.stdout.lines().map(parse).collect()
    }
}

#[tokio::test]
async fn greets_by_name_and_prints_the_host() {
    let addr = greeter(&[]).await;
    client(&["--addr", &addr])
        .await
        .prints("Hello world from greeter-under-test\n");
    client(&["--addr", &addr, "Alice"])
        .await
        .prints("Hello Alice from greeter-under-test\n");
    client(&["--addr", &format!("http://{addr}"), "--repeat", "2", "Zoë"])
        .await
        .prints(&"Hello Zoë from greeter-under-test\n".repeat(2));
}

#[tokio::test]
async fn greets_over_verified_tls() {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    let (ca, url) = (pki.ca(), format!("https://{addr}"));
    let greeting = "Hello world from greeter-under-test\n";
    client(&["--tls", "--cacert", &ca, "--addr", &addr])
        .await
        .prints(greeting);
    client(&["--cacert", &ca, "--addr", &url])
        .await
        .prints(greeting);
    let by_address = addr.replace("localhost", "127.0.0.1");
    client(&[
        "--tls",
        "--cacert",
        &ca,
        "--server-name",
        "localhost",
        "--addr",
        &by_address,
    ])
    .await
    .prints(greeting);
}

#[tokio::test]
async fn greets_with_a_client_certificate() {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &["--client-ca", &pki.ca()]).await;
    let (cert, key) = pki.issue("client", &Leaf::new(["client"]));
    let tls = [
        "--tls",
        "--cacert",
        &pki.ca(),
        "--cert",
        &cert,
        "--key",
        &key,
    ];
    client(&[&tls[..], &["--addr", &addr]].concat())
        .await
        .prints("Hello world from greeter-under-test\n");
}

#[tokio::test]
async fn greets_unverified_only_with_a_warning() {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    let run = client(&["--tls", "--insecure-skip-verify", "--addr", &addr]).await;
    run.prints("Hello world from greeter-under-test\n");
    assert!(run.stderr.contains("not verified"), "{run:?}");
    let run = client(&[
        "--tls",
        "--insecure-skip-verify",
        "--addr",
        &addr,
        "--output",
        "json",
    ])
    .await;
    assert_eq!(run.json()[0]["tls"]["verified"], false);
}

#[tokio::test]
async fn greets_over_a_unix_socket() {
    let addr = greeter(&[]).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("greeter.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        while let Ok((mut local, _)) = listener.accept().await {
            let mut remote = tokio::net::TcpStream::connect(&addr).await.unwrap();
            tokio::spawn(
                async move { tokio::io::copy_bidirectional(&mut local, &mut remote).await },
            );
        }
    });
    client(&["--addr", &format!("unix:{}", path.display())])
        .await
        .prints("Hello world from greeter-under-test\n");
}

#[tokio::test]
async fn greets_across_the_maximum_age_of_connections() {
    let addr = greeter(&["--max-connection-age", "20ms"]).await;
    let run = client(&["--addr", &addr, "--repeat", "1000"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(run.stdout.lines().count(), 1000);
}

#[tokio::test]
async fn streams_replies() {
    let addr = greeter(&[]).await;
    let line = "Hello Bob from greeter-under-test\n";
    client(&["--addr", &addr, "--stream", "server", "Bob"])
        .await
        .prints(&line.repeat(5));
    client(&["--addr", &addr, "--stream", "bidi", "--repeat", "3", "Bob"])
        .await
        .prints(&line.repeat(3));
}

#[tokio::test]
async fn compresses_with_the_requested_encoding() {
    let addr = greeter(&[]).await;
    for coding in ["gzip", "zstd"] {
        let run = client(&["--addr", &addr, "--compress", coding, "--output", "json"]).await;
        assert_eq!(
            run.json()[0]["headers"]["grpc-encoding"][0],
            coding,
            "{run:?}"
        );
    }
}

#[tokio::test]
async fn prints_a_reply_as_json() {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    let tls = ["--tls", "--cacert", &pki.ca(), "--addr", &addr];
    let run = client(&[&tls[..], &["--output", "json", "--repeat", "2"]].concat()).await;
    let replies = run.json();
    assert_eq!(replies.len(), 2, "{run:?}");
    let first = &replies[0];
    assert_eq!(first["message"], "Hello world");
    assert_eq!(first["from"], "greeter-under-test");
    assert_eq!(first["status"]["name"], "OK");
    assert_eq!(first["error"], Value::Null);
    assert_eq!(first["headers"]["hostname"][0], "greeter-under-test");
    assert_eq!(first["trailers"]["grpc-status"][0], "0");
    assert_eq!(first["tls"]["version"], "TLSv1.3");
    assert_eq!(first["tls"]["alpn"], "h2");
    assert_eq!(first["tls"]["key_exchange"], "X25519MLKEM768");
    assert_eq!(first["tls"]["verified"], true);
    assert_eq!(first["tls"]["certificates"][0]["issuer"], "CN=Test CA");
    assert_eq!(first["tls"]["certificates"][0]["names"][0], "localhost");
    for phase in ["resolve", "connect", "tls", "http2", "rpc"] {
        assert!(
            first["timings_ms"][phase].as_f64().unwrap() > 0.0,
            "{phase}: {run:?}"
        );
    }
    let second = &replies[1];
    assert_eq!(second["connection"]["reused"], true);
    assert_eq!(second["timings_ms"]["tls"], Value::Null);
}

#[tokio::test]
async fn prints_failures_as_json() {
    let addr = greeter(&[]).await;
    let run = client(&["--addr", &addr, "--output", "json", "a\nb"]).await;
    let failure = &run.json()[0];
    assert_eq!(run.code, 8, "{run:?}");
    assert_eq!(failure["status"]["name"], "INVALID_ARGUMENT");
    assert_eq!(failure["status"]["violations"][0]["field"], "name");
    assert_eq!(failure["error"]["exit_code"], 8);

    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    let run = client(&["--tls", "--addr", &addr, "--output", "json"]).await;
    let failure = &run.json()[0];
    assert_eq!(run.code, 5, "{run:?}");
    assert_eq!(failure["error"]["exit_code"], 5);
    assert_eq!(failure["tls"]["certificates"][0]["issuer"], "CN=Test CA");
}

#[tokio::test]
async fn prints_the_connection_with_verbose() {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    let run = client(&["-v", "--tls", "--cacert", &pki.ca(), "--addr", &addr]).await;
    run.prints("Hello world from greeter-under-test\n");
    for part in [
        "resolved to",
        "connected to",
        "TLSv1.3",
        "X25519MLKEM768",
        "ALPN h2",
        "CN=Test CA",
    ] {
        assert!(run.stderr.contains(part), "no {part:?} in {run:?}");
    }
}
