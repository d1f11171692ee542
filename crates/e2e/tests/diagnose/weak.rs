//! Certificates that OpenSSL issues and serves, and that verifiers refuse as weak:
//! no library of the workspace makes such certificates.

use std::{fs, path::Path, process::Stdio};

use tempfile::TempDir;
use testkit::soon;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::scenario::Scenario;

/// An RSA key of 1024 bits.
pub(crate) async fn tls_weak_certificate() -> Scenario {
    serving("rsa:1024", "-sha256", true).await
}

#[tokio::test]
async fn a_weak_key_or_signature_is_named_even_if_the_issuer_is_unknown() {
    for (key, hash, shown) in [
        ("rsa:1024", "-sha256", "has an RSA key of 1024 bits"),
        ("rsa:2048", "-sha1", "is signed with SHA-1"),
    ] {
        for trusted in [true, false] {
            let scenario = serving(key, hash, trusted).await;
            let run = scenario.diagnosed_as("tls_weak_certificate").await;
            run.shows(shown);
        }
    }
}

/// A server whose certificate has a key of this type and a signature over this hash.
async fn serving(key: &str, hash: &str, trusted: bool) -> Scenario {
    let directory = TempDir::new().unwrap();
    let extensions = "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n";
    fs::write(directory.path().join("extensions"), extensions).unwrap();
    for line in [
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=Test-CA".to_owned(),
        format!("req -newkey {key} -nodes -keyout leaf.key -out leaf.csr -subj /CN=localhost"),
        format!(
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial {hash} -extfile extensions -out leaf.pem"
        ),
    ] {
        let output = openssl(directory.path(), &line).output().await.unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
    }
    let server = "s_server -accept 127.0.0.1:0 -cert leaf.pem -key leaf.key -alpn h2 -cipher DEFAULT@SECLEVEL=0";
    let mut server = openssl(directory.path(), server)
        .stdout(Stdio::piped())
        // At the end of its input it exits.
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let port = loop {
        let line = soon(lines.next_line()).await.unwrap().unwrap();
        if let Some((_, port)) = line
            .strip_prefix("ACCEPT ")
            .and_then(|it| it.rsplit_once(':'))
        {
            break port.to_owned();
        }
    };
    let addr = format!("localhost:{port}");
    let ca = directory.path().join("ca.pem");
    match trusted {
        true => Scenario::new(["--tls", "--cacert", ca.to_str().unwrap(), "--addr", &addr]),
        false => Scenario::new(["--tls", "--addr", &addr]),
    }
    .keep((directory, server, lines))
}

fn openssl(directory: &Path, line: &str) -> Command {
    let mut command = Command::new("openssl");
    command
        .args(line.split(' '))
        .current_dir(directory)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}
