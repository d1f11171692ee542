//! A CA with its files, and rustls servers with certificates of it.

use std::{path::PathBuf, sync::Arc};

use ::pki::{Authority, Issued, Leaf};
use rustls::{
    ConfigBuilder, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{WantsServerCert, WebPkiClientVerifier},
};
use tempfile::TempDir;

/// A CA, and a directory for what it issues.
pub(crate) struct Pki {
    pub(crate) directory: TempDir,
    authority: Authority,
}

impl Pki {
    pub(crate) fn new() -> Self {
        Self::named("Test CA")
    }

    pub(crate) fn named(name: &str) -> Self {
        let pki = Self {
            directory: TempDir::new().unwrap(),
            authority: Authority::new(name).unwrap(),
        };
        std::fs::write(pki.ca(), pki.authority.pem()).unwrap();
        pki
    }

    pub(crate) fn path(&self, file: &str) -> String {
        let path = self.directory.path().join(file);
        path.to_str().unwrap().to_owned()
    }

    /// The file of the CA's certificate.
    pub(crate) fn ca(&self) -> String {
        self.path("ca.pem")
    }

    /// Issues a leaf to `<name>.pem` and `<name>.key`, and gives both paths.
    pub(crate) fn issue(&self, name: &str, leaf: &Leaf) -> (String, String) {
        let issued = self.authority.issue(leaf).unwrap();
        let paths = (
            self.path(&format!("{name}.pem")),
            self.path(&format!("{name}.key")),
        );
        issued
            .write(&PathBuf::from(&paths.0), &PathBuf::from(&paths.1))
            .unwrap();
        paths
    }

    /// A server's configuration with this leaf and these protocols.
    pub(crate) fn server(&self, leaf: &Leaf, alpn: &[&str]) -> ServerConfig {
        config(&self.authority.issue(leaf).unwrap(), alpn)
    }

    /// A server's configuration with this leaf of an intermediate CA, which is as
    /// long valid as `validity` is.
    pub(crate) fn server_below(&self, validity: &Leaf, leaf: &Leaf) -> ServerConfig {
        let between = self.authority.intermediate("Intermediate CA", validity);
        let between = between.unwrap();
        let mut issued = between.issue(leaf).unwrap();
        issued.cert += &between.pem();
        config(&issued, &["h2"])
    }

    /// The same as [`Self::server`], which asks for a client certificate and takes any or none of
    /// this CA.
    pub(crate) fn asking_server(&self, leaf: &Leaf) -> ServerConfig {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.authority.pem().as_bytes()).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone())
            .allow_unauthenticated()
            .build()
            .unwrap();
        let issued = self.authority.issue(leaf).unwrap();
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        finish(
            builder.with_client_cert_verifier(verifier),
            &issued,
            &["h2"],
        )
    }
}

/// A leaf for `localhost`.
pub(crate) fn localhost() -> Leaf {
    Leaf::new(["localhost"])
}

/// A server's configuration with this certificate and these protocols.
pub(crate) fn config(issued: &Issued, alpn: &[&str]) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    finish(builder.with_no_client_auth(), issued, alpn)
}

fn finish(
    builder: ConfigBuilder<ServerConfig, WantsServerCert>,
    issued: &Issued,
    alpn: &[&str],
) -> ServerConfig {
    let chain = CertificateDer::pem_slice_iter(issued.cert.as_bytes());
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    config
}
