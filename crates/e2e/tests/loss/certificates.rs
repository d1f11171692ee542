//! Certificates that are renewed while they are used.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use e2e::TestMesh;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use testkit::{Pki, localhost};
use tokio::{
    net::TcpStream,
    time::{interval, timeout},
};
use tokio_rustls::TlsConnector;

use crate::{
    greeter,
    greeters::gateway as target_of,
    load::{Row, Target, while_replaced},
};

/// Longer than a server takes to see new files.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(20);

/// Envoy uses new files within milliseconds.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(1);

const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The gateway's files are moved into place.
pub(crate) async fn gateway() -> Row {
    let mesh = TestMesh::start().await;
    let target = target_of(&mesh);
    let mut pace = interval(RENEWAL_INTERVAL);
    while_replaced(&target, async || {
        pace.tick().await;
        let certificate = mesh.renew_certificate()?;
        served(&target, &certificate).await
    })
    .await
}

/// A greeter's files are replaced as Kubernetes replaces those of a mounted Secret.
/// Its connections are renewed too, so that calls meet the new certificate.
pub(crate) async fn greeter() -> Row {
    let pki = Pki::new();
    let secret = Secret::new(&pki);
    let (cert, key) = (secret.path("tls.crt"), secret.path("tls.key"));
    let tls = ["--tls-cert", &cert, "--tls-key", &key];
    let age = ["--max-connection-age", "2s"];
    let (_greeter, addr) = greeter::start(&[tls.as_slice(), &age].concat()).await;
    let target = Target {
        addr,
        ca: Some(pki.ca()),
    };
    let mut version = 1;
    while_replaced(&target, async || {
        version += 1;
        let certificate = secret.update(&pki, version);
        served(&target, &certificate).await
    })
    .await
}

/// The volume of a Secret: the files are links into a folder, and an update replaces
/// the link to the folder.
struct Secret(PathBuf);

impl Secret {
    fn new(pki: &Pki) -> Self {
        let secret = Self(pki.directory.path().join("secret"));
        fs::create_dir(&secret.0).unwrap();
        secret.update(pki, 1);
        for file in ["tls.crt", "tls.key"] {
            symlink(Path::new("..data").join(file), secret.0.join(file)).unwrap();
        }
        secret
    }

    fn path(&self, file: &str) -> String {
        self.0.join(file).display().to_string()
    }

    /// Returns the new certificate, as PEM.
    fn update(&self, pki: &Pki, version: usize) -> String {
        let folder = format!("..{version}");
        let files = self.0.join(&folder);
        fs::create_dir(&files).unwrap();
        let issued = pki.authority.issue(&localhost()).unwrap();
        let (cert, key) = (files.join("tls.crt"), files.join("tls.key"));
        issued.write(&cert, &key).unwrap();
        let link = self.0.join("..data_tmp");
        symlink(folder, &link).unwrap();
        fs::rename(link, self.0.join("..data")).unwrap();
        issued.cert
    }
}

/// Waits until new handshakes get this certificate.
async fn served(target: &Target, certificate: &str) -> anyhow::Result<()> {
    let expected = CertificateDer::from_pem_slice(certificate.as_bytes())?;
    let ca = fs::read(target.ca.as_deref().context("the target has no TLS")?)?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&ca)?)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let mut poll = interval(POLL_INTERVAL);
    let matches = async {
        loop {
            poll.tick().await;
            let stream = TcpStream::connect(&target.addr).await?;
            let stream = connector
                .connect(ServerName::try_from("localhost")?, stream)
                .await?;
            let (_, session) = stream.get_ref();
            if session.peer_certificates().and_then(<[_]>::first) == Some(&expected) {
                return Ok(());
            }
        }
    };
    timeout(RELOAD_TIMEOUT, matches)
        .await
        .with_context(|| format!("the old certificate is still used after {RELOAD_TIMEOUT:?}"))?
}
