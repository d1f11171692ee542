//! A CA with its files, and rustls servers with certificates that it issues.

use std::path::PathBuf;

use pki::{Authority, Leaf};
use rustls::ServerConfig;
use tempfile::TempDir;

use crate::tls;

/// A CA, and a directory for its files. Its functions panic on errors.
pub struct Pki {
    /// Deleted on drop.
    pub directory: TempDir,
    /// The CA.
    pub authority: Authority,
}

impl Default for Pki {
    fn default() -> Self {
        Self::named("Test CA")
    }
}

impl Pki {
    /// A CA with the common name "Test CA".
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A CA with this common name; writes its certificate to `ca.pem`.
    #[must_use]
    pub fn named(common_name: &str) -> Self {
        let pki = Self {
            directory: TempDir::new().unwrap(),
            authority: Authority::new(common_name).unwrap(),
        };
        std::fs::write(pki.ca(), pki.authority.pem()).unwrap();
        pki
    }

    /// The path of a file in the directory.
    #[must_use]
    pub fn path(&self, file: &str) -> String {
        let path = self.directory.path().join(file);
        path.into_os_string().into_string().unwrap()
    }

    /// The path of the CA's certificate.
    #[must_use]
    pub fn ca(&self) -> String {
        self.path("ca.pem")
    }

    /// Issues a certificate; writes it to `<name>.pem` and its key to
    /// `<name>.key`, and returns both paths.
    #[must_use]
    pub fn issue(&self, name: &str, leaf: &Leaf) -> (String, String) {
        let (cert, key) = (
            self.path(&format!("{name}.pem")),
            self.path(&format!("{name}.key")),
        );
        let issued = self.authority.issue(leaf).unwrap();
        issued
            .write(&PathBuf::from(&cert), &PathBuf::from(&key))
            .unwrap();
        (cert, key)
    }

    /// A server with this certificate and these ALPN protocols.
    #[must_use]
    pub fn server(&self, leaf: &Leaf, alpn: &[&str]) -> ServerConfig {
        tls::config(&self.authority.issue(leaf).unwrap(), alpn)
    }

    /// A server with ALPN `h2` whose certificate an intermediate CA issues, which
    /// is valid as long as `validity`.
    #[must_use]
    pub fn server_below(&self, validity: &Leaf, leaf: &Leaf) -> ServerConfig {
        let intermediate = self.authority.intermediate("Intermediate CA", validity);
        let intermediate = intermediate.unwrap();
        let mut issued = intermediate.issue(leaf).unwrap();
        issued.cert += &intermediate.pem();
        tls::config(&issued, &["h2"])
    }

    /// A server with ALPN `h2` that requests a client certificate of this CA, and
    /// accepts clients without one.
    #[must_use]
    pub fn asking_server(&self, leaf: &Leaf) -> ServerConfig {
        let issued = self.authority.issue(leaf).unwrap();
        tls::asking_config(&issued, &self.authority.pem(), &["h2"])
    }
}

/// A leaf for `localhost`.
#[must_use]
pub fn localhost() -> Leaf {
    Leaf::new(["localhost"])
}
