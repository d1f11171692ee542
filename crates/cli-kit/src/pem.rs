//! Certificates and keys in PEM files, named by flags.

use std::path::Path;

use anyhow::{Context, ensure};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

/// A certificate with fewer days left is worth a warning. cert-manager renews one of
/// 90 days 30 days before its end, and certbot does so too: the renewal has failed.
pub const EXPIRY_WARNING_DAYS: i64 = 14;

/// The message for a private key that does not match its certificate.
pub const KEY_MISMATCH: &str = "the key does not belong to the certificate";

/// Reads all certificates of a file, in order.
///
/// # Errors
/// If the file cannot be read or parsed, or holds no certificate; the error
/// names the flag and the file.
pub fn certificates(path: &Path, flag: &str) -> anyhow::Result<Vec<CertificateDer<'static>>> {
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

/// Reads the first private key of a file.
///
/// # Errors
/// If the file cannot be read, or holds no private key; the error names the
/// flag and the file.
pub fn private_key(path: &Path, flag: &str) -> anyhow::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(path)
        .with_context(|| format!("cannot read a private key from {flag} {}", path.display()))
}
