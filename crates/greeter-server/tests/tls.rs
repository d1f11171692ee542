//! TLS without a mesh, and clients by certificate.

mod support;

use std::path::PathBuf;

use greeter_client::{DialError, tls::Tls};
use pki::{Authority, Leaf};
use support::{Greeter, dial, greeter, named};
use tempfile::TempDir;

/// The files of a CA, and of a server and client that it vouches for.
struct Pki(TempDir);

impl Pki {
    fn new() -> Self {
        let authority = Authority::new("a CA").unwrap();
        let pki = Self(tempfile::tempdir().unwrap());
        std::fs::write(pki.file("ca.pem"), authority.pem()).unwrap();
        let leaf = authority.issue(&Leaf::new(["127.0.0.1"])).unwrap();
        leaf.write(&pki.file("cert.pem"), &pki.file("key.pem"))
            .unwrap();
        pki
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What trusts this CA's servers.
    fn tls(&self) -> Tls {
        Tls::verified("127.0.0.1", Some(&self.file("ca.pem"))).unwrap()
    }

    /// Shows a certificate of this CA.
    fn identify(&self, tls: Tls) -> Tls {
        tls.with_identity(&self.file("cert.pem"), &self.file("key.pem"))
            .unwrap()
    }

    async fn start(&self, client_ca: bool) -> Greeter {
        let [cert, key, ca] = ["cert.pem", "key.pem", "ca.pem"]
            .map(|name| self.file(name).into_os_string().into_string().unwrap());
        if client_ca {
            Greeter::start(["--tls-cert", &cert, "--tls-key", &key, "--client-ca", &ca]).await
        } else {
            Greeter::start(["--tls-cert", &cert, "--tls-key", &key]).await
        }
    }
}

async fn greeting(server: &Greeter, tls: Tls) -> Result<String, DialError> {
    let (channel, facts) = dial(server.public, Some(tls)).await?;
    assert_eq!(facts.tls.unwrap().alpn.as_deref(), Some("h2"));
    let reply = greeter(&channel).say_hello(named("Alice")).await.unwrap();
    Ok(reply.into_inner().message)
}

#[tokio::test]
async fn greets_over_tls() {
    let pki = Pki::new();
    let server = pki.start(false).await;
    assert_eq!(greeting(&server, pki.tls()).await.unwrap(), "Hello Alice");
}

#[tokio::test]
async fn greets_only_clients_that_the_client_ca_vouches_for() {
    let (pki, stranger) = (Pki::new(), Pki::new());
    let server = pki.start(true).await;
    let anonymous = greeting(&server, pki.tls()).await.unwrap_err();
    assert!(
        matches!(anonymous, DialError::ClientCertificateRequired),
        "{anonymous:?}"
    );
    let unknown = greeting(&server, stranger.identify(pki.tls())).await;
    let unknown = unknown.unwrap_err();
    assert!(
        matches!(unknown, DialError::ClientCertificateRejected { .. }),
        "{unknown:?}"
    );
    let known = greeting(&server, pki.identify(pki.tls())).await;
    assert_eq!(known.unwrap(), "Hello Alice");
}
