//! The gateway's certificate and its CA.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use pki::{Authority, Leaf};

/// Writes `cert.pem`, `key.pem` and `ca.pem`. Returns the path of `ca.pem`.
pub(super) fn write(directory: &Path) -> anyhow::Result<PathBuf> {
    let authority = Authority::new("local-mesh CA")?;
    let ca = directory.join("ca.pem");
    fs::write(&ca, authority.pem()).with_context(|| format!("cannot write {}", ca.display()))?;
    authority
        .issue(&Leaf::new(["localhost", "example.com", "127.0.0.1", "::1"]))?
        .write(&directory.join("cert.pem"), &directory.join("key.pem"))?;
    Ok(ca)
}
