//! The certificates that are trusted, and those read from files.

use std::path::Path;

use anyhow::{Context, ensure};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// The system's roots, or the built-in public ones where it has none, as in a
/// container made from scratch.
pub(super) fn of_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

pub(super) fn from_file(path: &Path) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path, "--cacert")? {
        roots
            .add(certificate)
            .with_context(|| format!("--cacert {} holds no CA certificate", path.display()))?;
    }
    Ok(roots)
}

pub(super) fn certificates(
    path: &Path,
    flag: &str,
) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read {flag} {}", path.display()))?;
    ensure!(
        !certificates.is_empty(),
        "{flag} {} holds no PEM certificate",
        path.display()
    );
    Ok(certificates)
}
