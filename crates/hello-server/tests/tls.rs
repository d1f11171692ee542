//! TLS without a mesh: the protocol by ALPN, and clients by certificate.

mod support;

use pki::{Authority, Leaf};
use reqwest::{Certificate, ClientBuilder, Identity, Version};
use support::Hello;
use tempfile::TempDir;

/// A CA, and the files of a server that it vouches for.
struct Pki {
    authority: Authority,
    directory: TempDir,
}

impl Pki {
    fn new() -> Self {
        let authority = Authority::new("a CA").unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = |name| directory.path().join(name);
        std::fs::write(path("ca.pem"), authority.pem()).unwrap();
        let leaf = authority.issue(&Leaf::new(["127.0.0.1"])).unwrap();
        leaf.write(&path("cert.pem"), &path("key.pem")).unwrap();
        Self {
            authority,
            directory,
        }
    }

    fn file(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn client(&self) -> ClientBuilder {
        let root = Certificate::from_pem(self.authority.pem().as_bytes()).unwrap();
        reqwest::Client::builder().no_proxy().tls_certs_only([root])
    }

    fn identity(&self) -> Identity {
        let issued = self.authority.issue(&Leaf::new(["a client"])).unwrap();
        Identity::from_pem((issued.cert + &issued.key).as_bytes()).unwrap()
    }
}

#[tokio::test]
async fn serves_the_protocol_that_alpn_agrees_on() {
    let pki = Pki::new();
    let (cert, key) = (pki.file("cert.pem"), pki.file("key.pem"));
    let hello = Hello::start(["--tls-cert", &cert, "--tls-key", &key]).await;
    let url = format!("https://{}/a?b", hello.public);
    for (client, version) in [
        (pki.client(), Version::HTTP_2),
        (pki.client().http1_only(), Version::HTTP_11),
    ] {
        let answer = client.build().unwrap().get(&url).send().await.unwrap();
        assert_eq!(answer.version(), version);
        assert_eq!(answer.text().await.unwrap(), "Hello World! /a?b");
    }
}

#[tokio::test]
async fn keeps_the_admin_port_in_plaintext_under_tls() {
    let pki = Pki::new();
    let (cert, key) = (pki.file("cert.pem"), pki.file("key.pem"));
    let hello = Hello::start(["--tls-cert", &cert, "--tls-key", &key]).await;
    let url = format!("http://{}/readyz", hello.admin);
    assert_eq!(
        support::http1().get(url).send().await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn serves_only_clients_that_the_client_ca_vouches_for() {
    let (pki, stranger) = (Pki::new(), Pki::new());
    let (cert, key) = (pki.file("cert.pem"), pki.file("key.pem"));
    let ca = pki.file("ca.pem");
    let hello = Hello::start(["--tls-cert", &cert, "--tls-key", &key, "--client-ca", &ca]).await;
    let url = format!("https://{}/", hello.public);
    let get = async |client: ClientBuilder| client.build().unwrap().get(&url).send().await;

    let anonymous = get(pki.client()).await;
    assert!(anonymous.is_err(), "{anonymous:?}");
    let unknown = get(pki.client().identity(stranger.identity())).await;
    assert!(unknown.is_err(), "{unknown:?}");
    let known = get(pki.client().identity(pki.identity())).await.unwrap();
    assert_eq!(known.text().await.unwrap(), "Hello World! /");
}
