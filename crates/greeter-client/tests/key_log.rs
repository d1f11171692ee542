//! SSLKEYLOGFILE.

mod support;

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use support::{Run, command, greeter, run, tls_greeter};
use tempfile::tempdir;
use testkit::Pki;

/// Runs the client with this SSLKEYLOGFILE.
async fn with_key_log(file: &Path, args: &[&str]) -> Run {
    let mut command = command(&[], args);
    command.env("SSLKEYLOGFILE", file);
    run(command).await
}

#[tokio::test]
async fn the_keys_are_written_with_a_warning() {
    let (pki, directory) = (Pki::new(), tempdir().unwrap());
    let addr = tls_greeter(&pki, &[]).await;
    let file = directory.path().join("keys");
    let args = ["--tls", "--cacert", &pki.ca(), "--addr", &addr];
    for connections in 1..=2 {
        let run = with_key_log(&file, &args).await;
        assert_eq!(run.code, 0, "{run:?}");
        let warning = "warning: SSLKEYLOGFILE: the keys of the connection are written to ";
        assert!(run.stderr.contains(warning), "{run:?}");
        let keys = fs::read_to_string(&file).unwrap();
        let secrets = keys.matches("CLIENT_TRAFFIC_SECRET_0 ").count();
        assert_eq!(secrets, connections, "{keys}");
    }
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn plaintext_has_no_keys() {
    let (addr, directory) = (greeter(&[]).await, tempdir().unwrap());
    let file = directory.path().join("keys");
    let run = with_key_log(&file, &["--addr", &addr]).await;
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert!(!file.exists());
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_refused() {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    let args = ["--tls", "--cacert", &pki.ca(), "--addr", &addr];
    let run = with_key_log(Path::new("/does/not/exist/keys"), &args).await;
    let parts = ["cannot write /does/not/exist/keys", "or unset it"];
    run.fails_with(2, &parts);
}
