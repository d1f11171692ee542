//! Each failure prints its cause and a hint, and has its exit code, within a second.

mod slow_greeter;
mod support;

use std::sync::Arc;

use pki::{Authority, Leaf};
use support::{client, closed_port, greeter, tls_greeter};
use testkit::{
    Pki, localhost,
    servers::{closing, http1_only, serve, silent, silent_tls},
    tls::config,
};
use time::{Duration, OffsetDateTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn a_name_that_does_not_resolve_exits_3() {
    let run = client(&["--addr", "does-not-exist.invalid:443"]).await;
    run.fails_with(
        3,
        &[
            "cannot resolve does-not-exist.invalid",
            "check the name in --addr",
        ],
    );
}

#[tokio::test]
async fn a_port_where_nothing_listens_exits_4() {
    let address = closed_port().await;
    let run = client(&["--addr", &address]).await;
    run.fails_with(4, &["nothing listens on", &address, "check the port"]);
}

#[tokio::test]
async fn a_unix_socket_that_is_not_there_exits_4() {
    let run = client(&["--addr", "unix:/does/not/exist.sock"]).await;
    run.fails_with(
        4,
        &["no socket at /does/not/exist.sock; is the server running?"],
    );
}

#[tokio::test]
async fn an_unknown_issuer_exits_5_and_is_named() {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    let run = client(&["--tls", "--addr", &addr]).await;
    run.fails_with(
        5,
        &[
            "not trusted",
            "CN=Test CA",
            "--cacert",
            "--insecure-skip-verify",
        ],
    );
}

#[tokio::test]
async fn another_authority_of_the_same_name_exits_5() {
    let (pki, other) = (Pki::new(), Pki::new());
    let addr = tls_greeter(&pki, &[]).await;
    let run = client(&["--tls", "--cacert", &other.ca(), "--addr", &addr]).await;
    run.fails_with(5, &["--cacert", "--insecure-skip-verify"]);
}

#[tokio::test]
async fn a_certificate_of_an_authority_itself_exits_5() {
    let authority = Authority::new("Home CA").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let ca = directory.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).unwrap();
    let addr = silent_tls(config(&authority.own(), &["h2"])).await;
    let run = client(&["--tls", "--cacert", ca.to_str().unwrap(), "--addr", &addr]).await;
    run.fails_with(5, &["sends a CA certificate as its own", "CN=Home CA"]);
}

#[tokio::test]
async fn an_expired_certificate_exits_5() {
    let pki = Pki::new();
    let yesterday = OffsetDateTime::now_utc() - Duration::days(1);
    let leaf = Leaf {
        not_before: yesterday - Duration::days(9),
        not_after: yesterday,
        ..localhost()
    };
    let addr = silent_tls(pki.server(&leaf, &["h2"])).await;
    let run = client(&["--tls", "--cacert", &pki.ca(), "--addr", &addr]).await;
    let day = yesterday.date().to_string();
    run.fails_with(
        5,
        &["the certificate expired on", &day, "--insecure-skip-verify"],
    );
}

#[tokio::test]
async fn a_certificate_of_tomorrow_exits_5() {
    let pki = Pki::new();
    let tomorrow = OffsetDateTime::now_utc() + Duration::days(1);
    let leaf = Leaf {
        not_before: tomorrow,
        ..localhost()
    };
    let addr = silent_tls(pki.server(&leaf, &["h2"])).await;
    let run = client(&["--tls", "--cacert", &pki.ca(), "--addr", &addr]).await;
    let day = tomorrow.date().to_string();
    run.fails_with(
        5,
        &[
            "not valid before",
            &day,
            "check the clocks",
            "--insecure-skip-verify",
        ],
    );
}

#[tokio::test]
async fn a_certificate_for_other_names_exits_5_and_names_them() {
    let pki = Pki::new();
    let leaf = Leaf::new(["example.com", "www.example.com"]);
    let addr = silent_tls(pki.server(&leaf, &["h2"])).await;
    let run = client(&["--tls", "--cacert", &pki.ca(), "--addr", &addr]).await;
    run.fails_with(
        5,
        &[
            "not for localhost",
            "example.com, www.example.com",
            "--server-name",
        ],
    );
}

#[tokio::test]
async fn a_missing_client_certificate_exits_5() {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &["--client-ca", &pki.ca()]).await;
    let run = client(&["--tls", "--cacert", &pki.ca(), "--addr", &addr]).await;
    run.fails_with(
        5,
        &[
            "requires a client certificate",
            "--cert FILE and --key FILE",
        ],
    );
}

#[tokio::test]
async fn a_client_certificate_of_another_authority_exits_5() {
    let (pki, other) = (Pki::new(), Pki::new());
    let addr = tls_greeter(&pki, &["--client-ca", &pki.ca()]).await;
    let (cert, key) = other.issue("client", &Leaf::new(["client"]));
    let (ca, tls) = (pki.ca(), ["--tls", "--cert", &cert, "--key", &key]);
    let run = client(&[&tls[..], &["--cacert", &ca, "--addr", &addr]].concat()).await;
    run.fails_with(5, &["rejects the client certificate (", "--cert"]);
}

#[tokio::test]
async fn another_alert_does_not_blame_a_client_certificate() {
    let pki = Pki::new();
    let mut config = pki.server(&localhost(), &["h2"]);
    // Without a certificate for the name, rustls sends the alert `access_denied`.
    config.cert_resolver = Arc::new(rustls::server::ResolvesServerCertUsingSni::new());
    let addr = silent_tls(config).await;
    let run = client(&["--tls", "--cacert", &pki.ca(), "--addr", &addr]).await;
    run.fails_with(5, &["the TLS handshake failed", "AccessDenied"]);
    assert!(!run.stderr.contains("client certificate"), "{run:?}");
}

#[tokio::test]
async fn tls_to_a_plaintext_server_that_waits_exits_5() {
    let addr = serve(|mut stream| async move {
        let mut request = Vec::new();
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let _ = stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            .await;
    })
    .await;
    let run = client(&["--tls", "--addr", &addr]).await;
    run.fails_with(5, &["plaintext (HTTP/1.1)", "leave out --tls"]);
}

#[tokio::test]
async fn tls_to_plaintext_http1_exits_5() {
    let addr = http1_only().await;
    let run = client(&["--tls", "--addr", &addr]).await;
    run.fails_with(5, &["plaintext (HTTP/1.1)", "leave out --tls"]);
}

#[tokio::test]
async fn tls_to_a_plaintext_greeter_exits_5() {
    let addr = greeter(&[]).await;
    let run = client(&["--tls", "--addr", &addr]).await;
    run.fails_with(5, &["the port speaks plaintext", "leave out --tls"]);
}

#[tokio::test]
async fn a_tls_server_that_closes_at_once_exits_5() {
    let addr = closing().await;
    let run = client(&["--tls", "--addr", &addr]).await;
    run.fails_with(
        5,
        &[
            "closed the connection during the TLS handshake",
            "--server-name",
        ],
    );
}

#[tokio::test]
async fn a_silent_tls_server_exits_5() {
    let addr = silent().await;
    let run = client(&["--tls", "--connect-timeout", "300ms", "--addr", &addr]).await;
    run.fails_with(5, &["TLS handshake timed out", "--connect-timeout"]);
}

#[tokio::test]
async fn a_tls_server_without_alpn_exits_6() {
    let pki = Pki::new();
    let addr = silent_tls(pki.server(&localhost(), &[])).await;
    let run = client(&["--tls", "--cacert", &pki.ca(), "--addr", &addr]).await;
    run.fails_with(6, &["did not select HTTP/2 (h2) by ALPN", "h2"]);
}

#[tokio::test]
async fn a_tls_server_with_only_http1_exits_6() {
    let pki = Pki::new();
    let addr = silent_tls(pki.server(&localhost(), &["http/1.1"])).await;
    let run = client(&["--tls", "--cacert", &pki.ca(), "--addr", &addr]).await;
    run.fails_with(6, &["does not support HTTP/2 (h2) by ALPN", "h2"]);
}

#[tokio::test]
async fn plaintext_to_a_tls_port_exits_6() {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    let run = client(&["--addr", &addr]).await;
    run.fails_with(6, &["the port speaks TLS, not plaintext", "add --tls"]);
}

#[tokio::test]
async fn plaintext_to_an_http1_server_exits_6() {
    let addr = http1_only().await;
    let run = client(&["--addr", &addr]).await;
    run.fails_with(6, &["speaks HTTP/1.1 only", "gRPC or HTTP/2 port"]);
}

#[tokio::test]
async fn a_server_that_closes_at_once_exits_6() {
    let addr = closing().await;
    let run = client(&["--addr", &addr]).await;
    run.fails_with(6, &["closed the connection before it sent HTTP/2", "--tls"]);
}

#[tokio::test]
async fn a_silent_server_exits_6() {
    let addr = silent().await;
    let run = client(&["--connect-timeout", "300ms", "--addr", &addr]).await;
    run.fails_with(6, &["does not respond", "--connect-timeout"]);
}

#[tokio::test]
async fn a_call_without_a_response_in_time_exits_7() {
    let addr = slow_greeter::serve(|| std::time::Duration::from_secs(60)).await;
    let run = client(&["--timeout", "300ms", "--addr", &addr]).await;
    run.fails_with(7, &["DEADLINE_EXCEEDED", "--timeout"]);
}

#[tokio::test]
async fn a_status_that_is_not_ok_exits_8() {
    let addr = greeter(&[]).await;
    let run = client(&["--addr", &addr, "a\nb"]).await;
    run.fails_with(
        8,
        &[
            "INVALID_ARGUMENT",
            "control characters",
            "correct the request",
        ],
    );
}

#[tokio::test]
async fn contradicting_flags_exit_2() {
    for (args, message) in [
        (
            &["--tls", "--addr", "http://localhost:1"][..],
            "--tls contradicts http://",
        ),
        (&["--cacert", "ca.pem"], "--cacert requires --tls"),
        (
            &["--tls", "--cacert", "/does/not/exist.pem"],
            "cannot read --cacert /does/not/exist.pem",
        ),
        (&["--addr", "no-port"], "the port is missing"),
        (&["--header", "grpc-timeout=1S"], "see --timeout"),
        (&["--timeout", "580000000000y"], "longer than"),
    ] {
        let run = client(args).await;
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains(message), "no {message:?} in {run:?}");
    }
}
