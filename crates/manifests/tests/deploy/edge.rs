//! The public path through Google's load balancer, against a local HTTPS server that
//! answers as Google's do.

use std::{
    net::TcpListener as Listener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use pki::{Authority, Leaf};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use tokio_rustls::TlsAcceptor;

use crate::machine::{Machine, Run};

const DOMAIN: &str = "hello.example.net";
const SIGN_IN: &str = "https://accounts.google.com/o/oauth2/v2/auth?client_id=1";

/// What answers at the public name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Site {
    /// Identity-Aware Proxy, which knows one token.
    Guarded,
    /// The same, after some answers of a load balancer without a backend.
    Starting,
    /// The site without Identity-Aware Proxy.
    Open,
    /// A load balancer without a backend.
    Down,
    /// A redirect, but not to sign in.
    Elsewhere,
}

fn answer(site: Site, count: usize, request: &str) -> (&'static str, &'static str) {
    let greeting = ("200 OK", "Hello smoke from greeter-1");
    let request = request.to_ascii_lowercase();
    match site {
        Site::Open => greeting,
        Site::Elsewhere => ("302 Found", "https://example.net/"),
        Site::Down => ("502 Bad Gateway", ""),
        Site::Starting if count < 2 => ("502 Bad Gateway", ""),
        Site::Guarded | Site::Starting if request.contains("proxy-authorization: bearer a.b.c") => {
            greeting
        }
        Site::Guarded | Site::Starting if request.contains("proxy-authorization") => {
            ("401 Unauthorized", "")
        }
        Site::Guarded | Site::Starting => ("302 Found", SIGN_IN),
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, site: Site) {
    let count = Arc::new(AtomicUsize::new(0));
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, count) = (acceptor.clone(), count.clone());
        tokio::spawn(async move {
            // curl closes the connection if it does not trust the certificate.
            let _ = respond(stream, acceptor, site, &count).await;
        });
    }
}

async fn respond(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    site: Site,
    count: &AtomicUsize,
) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut request = Vec::new();
    while !request.windows(4).any(|it| it == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request);
    let (status, text) = answer(site, count.fetch_add(1, Ordering::Relaxed), &request);
    let location = match status.starts_with('3') {
        true => format!("Location: {text}\r\n"),
        false => String::new(),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\n{location}Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.shutdown().await
}

/// Runs the check against the site. curl trusts its CA, and finds it at the public name.
fn check(overlay: &str, site: Site, settings: &[(&str, &str)]) -> Run {
    let ca = Authority::new("edge").unwrap();
    let issued = ca.issue(&Leaf::new([DOMAIN])).unwrap();
    let config = testkit::tls::config(&issued, &["http/1.1"]);
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    let runtime = Runtime::new().unwrap();
    runtime.spawn(async move {
        let listener = TcpListener::from_std(listener).unwrap();
        serve(listener, TlsAcceptor::from(Arc::new(config)), site).await;
    });

    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("ca.pem");
    std::fs::write(&file, ca.pem()).unwrap();
    let curlrc = format!(
        "connect-to = \"{DOMAIN}:443:127.0.0.1:{port}\"\ncacert = \"{}\"\n",
        file.display()
    );
    let machine = Machine::new()
        .with_real("curl")
        .with_cloud()
        .with_file(".curlrc", &curlrc)
        .with("OVERLAY", overlay)
        .with("DOMAIN", DOMAIN)
        .with("GCP_PROJECT", "mine")
        .with("STAND_IN_CONTEXT", "gke_mine_europe-west1_hello")
        .with("STAND_IN_TOKEN", "a.b.c")
        .with("EDGE_TIMEOUT", "1")
        .with("EDGE_INTERVAL", "0.1");
    let machine = settings
        .iter()
        .fold(machine, |machine, (key, value)| machine.with(key, value));
    machine.script("edge", &[])
}

#[test]
fn greets_with_a_token_where_everyone_else_must_sign_in() {
    let run = check("gke-l7-iap", Site::Starting, &[("EDGE_TIMEOUT", "30")]);
    assert!(run.success, "{run:?}");
    for line in [
        "== an anonymous request is redirected to sign in",
        "== https://hello.example.net/greet/smoke: Hello smoke from greeter-1",
        "== https://hello.example.net greets over gRPC",
    ] {
        assert!(run.output.contains(line), "no {line} in {run:?}");
    }
    let token = "gcloud auth print-identity-token --impersonate-service-account=hello-caller@mine.iam.gserviceaccount.com --audiences=000000000000-example.apps.googleusercontent.com --include-email";
    assert!(run.calls.iter().any(|call| call == token), "{run:?}");
    // Without gcloud, for example in a pipeline.
    let run = check("gke-l7-iap", Site::Guarded, &[("IAP_TOKEN", "a.b.c")]);
    assert!(run.success, "{run:?}");
    assert_eq!(run.called("gcloud"), 0);
}

#[test]
fn greets_everyone_without_identity_aware_proxy() {
    let run = check("gke-l7", Site::Open, &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(run.called("gcloud"), 0);
    let run = check("gke-l7", Site::Down, &[]);
    assert!(!run.success, "{run:?}");
    let message = "edge: hello.example.net does not greet (502 ); 502 and 503: ";
    assert!(run.last_line().starts_with(message), "{run:?}");
}

#[test]
fn fails_if_staging_is_open_or_does_not_answer() {
    for (site, settings, message) in [
        (
            Site::Open,
            &[][..],
            "edge: an open staging site: hello.example.net answers anonymous requests with 200",
        ),
        (
            Site::Elsewhere,
            &[],
            "edge: an anonymous request to hello.example.net is not redirected to https://accounts.google.com/ (302 https://example.net/)",
        ),
        (
            Site::Down,
            &[],
            "edge: an anonymous request to hello.example.net is not redirected to https://accounts.google.com/ (502 )",
        ),
        (
            Site::Guarded,
            &[("IAP_TOKEN", "d.e.f")],
            "edge: hello.example.net does not greet (401 ); 401 and 403: ",
        ),
        (
            Site::Guarded,
            &[("STAND_IN_FAIL", "gcloud auth print-identity-token *")],
            "edge: gcloud gives no token for Identity-Aware Proxy; its error is above; run make gcp",
        ),
        (
            Site::Guarded,
            &[("STAND_IN_ATTACHED", "False")],
            "edge: Google has not attached the GCPBackendPolicy istio-ingress/istio-ingressgateway; its status is above",
        ),
    ] {
        let run = check("gke-l7-iap", site, settings);
        assert!(!run.success, "{site:?}: {run:?}");
        assert!(run.last_line().starts_with(message), "{site:?}: {run:?}");
        assert!(!run.output.contains("a.b.c") && !run.errors.contains("a.b.c"));
    }
}
