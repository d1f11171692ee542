//! The gateway's certificate and its CA.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use pki::{Authority, Leaf};

/// A CA, and the directory of its files.
pub(super) struct Certificates {
    authority: Authority,
    directory: PathBuf,
}

impl Certificates {
    /// Writes `cert.pem`, `key.pem` and `ca.pem`.
    pub(super) fn create(directory: &Path) -> anyhow::Result<Self> {
        let certificates = Self {
            authority: Authority::new("local-mesh CA")?,
            directory: directory.to_owned(),
        };
        let ca = certificates.ca();
        fs::write(&ca, certificates.authority.pem())
            .with_context(|| format!("cannot write {}", ca.display()))?;
        certificates.renew()?;
        Ok(certificates)
    }

    /// The path of `ca.pem`.
    pub(super) fn ca(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// Moves a new `key.pem` and `cert.pem` into place: Envoy must not read a file
    /// that is half written. Returns the certificate, as PEM.
    pub(super) fn renew(&self) -> anyhow::Result<String> {
        let names = ["localhost", "example.com", "127.0.0.1", "::1"];
        let issued = self.authority.issue(&Leaf::new(names))?;
        let new = self.directory.join("new");
        fs::create_dir_all(&new)?;
        issued.write(&new.join("cert.pem"), &new.join("key.pem"))?;
        for file in ["key.pem", "cert.pem"] {
            fs::rename(new.join(file), self.directory.join(file))?;
        }
        Ok(issued.cert)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Certificates")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}
