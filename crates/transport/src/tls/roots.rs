//! The CA certificates that are trusted, and the verification against them.
//!
//! Systems keep their roots twice: in one file, and in a folder with a file for each, to
//! which administrators can add some. To read the folder costs more than a handshake. It
//! is read once the file does not suffice, within the handshake: what the file's roots
//! verify, the roots of both verify too. If the folder cannot be read, the file's roots
//! remain; the built-in ones never join them.

use std::{
    env,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use anyhow::Context;
use cli_kit::pem;
use rustls::{
    Error, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerified},
    crypto::CryptoProvider,
};

/// A verifier that is built when it is needed.
type Later =
    LazyLock<Arc<WebPkiServerVerifier>, Box<dyn FnOnce() -> Arc<WebPkiServerVerifier> + Send>>;

/// Verifies certificates against the trusted roots.
#[derive(Debug)]
pub(super) struct Roots {
    first: Arc<WebPkiServerVerifier>,
    /// With all trusted roots; `None` if `first` has them.
    all: Option<Later>,
}

impl Roots {
    /// The system's roots, or the built-in public ones if the system has none, as in a
    /// container image made from scratch.
    pub(super) fn of_system(provider: &Arc<CryptoProvider>) -> Self {
        let file = of_file_of_system();
        if file.is_empty() {
            let mut roots = all_of_system();
            if roots.is_empty() {
                roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            }
            return Self {
                first: verifier(roots, provider),
                all: None,
            };
        }
        Self::with_more(file, all_of_system, provider)
    }

    /// The CA certificates of a PEM file.
    pub(super) fn from_file(path: &Path, provider: &Arc<CryptoProvider>) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in pem::certificates(path, "--cacert")? {
            roots
                .add(certificate)
                .with_context(|| format!("--cacert {} holds no CA certificate", path.display()))?;
        }
        Ok(Self {
            first: verifier(roots, provider),
            all: None,
        })
    }

    /// Some roots, and more of them, which are read when they are needed.
    fn with_more(
        first: RootCertStore,
        more: impl FnOnce() -> RootCertStore + Send + 'static,
        provider: &Arc<CryptoProvider>,
    ) -> Self {
        let (known, later) = (first.roots.clone(), Arc::clone(provider));
        let all = move || {
            let mut roots = more();
            roots.extend(known);
            verifier(roots, &later)
        };
        Self {
            first: verifier(first, provider),
            all: Some(LazyLock::new(Box::new(all))),
        }
    }

    /// The result of `verify` with a verifier that has the trusted roots.
    ///
    /// # Errors
    /// The error with all of them.
    pub(super) fn verify(
        &self,
        verify: impl Fn(&WebPkiServerVerifier) -> Result<ServerCertVerified, Error>,
    ) -> Result<ServerCertVerified, Error> {
        match (verify(&self.first), &self.all) {
            (Err(_), Some(all)) => verify(all),
            (result, _) => result,
        }
    }
}

fn verifier(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Arc<WebPkiServerVerifier> {
    let builder = WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider));
    builder.build().expect("there are roots")
}

/// The roots in the one file of the system or of the user; none if there is no such file.
fn of_file_of_system() -> RootCertStore {
    let named = env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let file = match named {
        // Then the user's folders replace the system's file, too.
        None if env::var_os("SSL_CERT_DIR").is_some() => None,
        // Other systems keep their roots elsewhere.
        None if cfg!(target_os = "linux") => openssl_probe::probe().cert_file,
        named => named,
    };
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_certs_from_paths(file.as_deref(), None);
    roots.add_parsable_certificates(found.certs);
    roots
}

fn all_of_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use pki::{Authority, Leaf};
    use rustls::{
        CertificateError,
        client::danger::ServerCertVerifier,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    };

    use super::*;

    fn store(authorities: &[&Authority]) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            let root = CertificateDer::from_pem_slice(authority.pem().as_bytes());
            roots.add(root.unwrap()).unwrap();
        }
        roots
    }

    fn verify(roots: &Roots, issuer: &Authority, name: &str) -> Result<(), Error> {
        let issued = issuer.issue(&Leaf::new(["localhost"])).unwrap();
        let leaf = CertificateDer::from_pem_slice(issued.cert.as_bytes()).unwrap();
        let name = ServerName::try_from(name).unwrap();
        let result = roots.verify(|verifier| {
            verifier.verify_server_cert(&leaf, &[], &name, &[], UnixTime::now())
        });
        result.map(|_| ())
    }

    #[test]
    fn all_roots_of_the_system_are_read_once_and_only_if_the_first_do_not_suffice() {
        static READ: AtomicUsize = AtomicUsize::new(0);
        let [file, folder, stranger] =
            ["file", "folder", "stranger"].map(|name| Authority::new(name).unwrap());
        let all = store(&[&file, &folder]);
        let read_all = || {
            READ.fetch_add(1, Ordering::Relaxed);
            all
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = Roots::with_more(store(&[&file]), read_all, &provider);

        assert_eq!(verify(&roots, &file, "localhost"), Ok(()));
        assert_eq!(READ.load(Ordering::Relaxed), 0);
        assert_eq!(verify(&roots, &folder, "localhost"), Ok(()));
        let refused = |error: CertificateError| Err(Error::InvalidCertificate(error));
        let unknown = refused(CertificateError::UnknownIssuer);
        assert_eq!(verify(&roots, &stranger, "localhost"), unknown);
        assert!(verify(&roots, &file, "example.com").is_err());
        assert!(verify(&roots, &folder, "example.com").is_err());
        assert_eq!(READ.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn the_first_roots_remain_if_no_more_can_be_read() {
        let [file, stranger] = ["file", "stranger"].map(|name| Authority::new(name).unwrap());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = Roots::with_more(store(&[&file]), RootCertStore::empty, &provider);
        assert!(verify(&roots, &stranger, "localhost").is_err());
        assert_eq!(verify(&roots, &file, "localhost"), Ok(()));
    }
}
