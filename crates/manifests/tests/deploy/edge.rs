//! The public path through Google's load balancer, against a local HTTPS server that
//! answers as Google's do.

mod site;

use std::{net::TcpListener as Listener, sync::Arc};

use pki::{Authority, Leaf};
use site::{Site, serve};
use tokio::{net::TcpListener, runtime::Runtime};
use tokio_rustls::TlsAcceptor;

use crate::machine::{Machine, Run};

const DOMAIN: &str = "hello.example.net";

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
    let settings = [("EDGE_TIMEOUT", "30"), ("EDGE_OPEN", "10")];
    let run = check("gke-l7-iap", Site::Opening, &settings);
    assert!(run.success, "{run:?}");
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
