//! Configurations of rustls servers. The functions panic on errors.

use std::sync::Arc;

use pki::Issued;
use rustls::{
    ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{WantsServerCert, WebPkiClientVerifier},
};

/// A server with this certificate chain and these ALPN protocols.
#[must_use]
pub fn config(issued: &Issued, alpn: &[&str]) -> ServerConfig {
    finish(builder().with_no_client_auth(), issued, alpn)
}

/// As [`config`], with a request for a client certificate of this CA (PEM);
/// clients without one are accepted.
#[must_use]
pub fn asking_config(issued: &Issued, client_ca: &str, alpn: &[&str]) -> ServerConfig {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(client_ca.as_bytes()).unwrap();
    roots.add(ca).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
        .allow_unauthenticated()
        .build()
        .unwrap();
    finish(builder().with_client_cert_verifier(verifier), issued, alpn)
}

fn builder() -> ConfigBuilder<ServerConfig, WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
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
