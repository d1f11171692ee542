//! The CA certificates that are trusted.

use std::path::Path;

use anyhow::Context;
use cli_kit::pem;
use rustls::RootCertStore;

/// The system's roots, or the built-in public ones if the system has none, as in a
/// container image made from scratch.
pub(super) fn of_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// The CA certificates of a PEM file.
pub(super) fn from_file(path: &Path) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in pem::certificates(path, "--cacert")? {
        roots
            .add(certificate)
            .with_context(|| format!("--cacert {} holds no CA certificate", path.display()))?;
    }
    Ok(roots)
}
