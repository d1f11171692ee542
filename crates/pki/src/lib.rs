//! A certificate authority that is created at run time, and its certificates:
//! valid ones for the demo, and ones with a defect for tests. It knows neither TLS
//! nor the users of the certificates.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType,
};
use time::{Duration, OffsetDateTime};

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// The contents of a leaf certificate.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// DNS names, IP addresses and URIs.
    pub names: Vec<String>,
    /// The start of its validity.
    pub not_before: OffsetDateTime,
    /// The end of its validity.
    pub not_after: OffsetDateTime,
    /// Whether its extended key usage includes serverAuth.
    pub for_servers: bool,
    /// Whether its extended key usage includes clientAuth.
    pub for_clients: bool,
}

/// A certificate and its private key, as PEM.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate.
    pub cert: String,
    /// The private key.
    pub key: String,
}

impl Leaf {
    /// A leaf for these names, valid from yesterday for 90 days.
    #[must_use]
    pub fn new<const N: usize>(names: [&str; N]) -> Self {
        let now = OffsetDateTime::now_utc();
        Self {
            names: names.map(str::to_owned).into(),
            not_before: now - Duration::days(1),
            not_after: now + Duration::days(90),
            for_servers: true,
            for_clients: true,
        }
    }
}

impl Authority {
    /// A new authority with this common name.
    ///
    /// # Errors
    /// If the key cannot be generated.
    pub fn new(common_name: &str) -> anyhow::Result<Self> {
        let params = Self::params(common_name, &Leaf::new([]));
        let key = KeyPair::generate()?;
        Ok(Self(CertifiedIssuer::self_signed(params, key)?))
    }

    /// An intermediate authority that this one issues, with the validity of
    /// `validity`.
    ///
    /// # Errors
    /// If the key cannot be generated.
    pub fn intermediate(&self, common_name: &str, validity: &Leaf) -> anyhow::Result<Self> {
        let params = Self::params(common_name, validity);
        let key = KeyPair::generate()?;
        Ok(Self(CertifiedIssuer::signed_by(params, key, &self.0)?))
    }

    fn params(common_name: &str, validity: &Leaf) -> CertificateParams {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = (validity.not_before, validity.not_after);
        params
    }

    /// The authority's certificate, as PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// The authority's own certificate and key, for a server that presents them.
    #[must_use]
    pub fn own(&self) -> Issued {
        Issued {
            cert: self.pem(),
            key: self.0.key().serialize_pem(),
        }
    }

    /// Issues a certificate.
    ///
    /// # Errors
    /// If a name is neither a DNS name, nor an IP address, nor a URI.
    pub fn issue(&self, leaf: &Leaf) -> anyhow::Result<Issued> {
        let (uris, hosts): (Vec<_>, Vec<_>) =
            leaf.names.iter().partition(|name| name.contains("://"));
        let mut params = CertificateParams::new(hosts.into_iter().cloned().collect::<Vec<_>>())?;
        for uri in uris {
            let uri = SanType::URI(uri.as_str().try_into()?);
            params.subject_alt_names.push(uri);
        }
        let common_name = leaf.names.first().map_or("nobody", String::as_str);
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        let usages = [
            (leaf.for_clients, ExtendedKeyUsagePurpose::ClientAuth),
            (leaf.for_servers, ExtendedKeyUsagePurpose::ServerAuth),
        ];
        let usages = usages.into_iter().filter(|(wanted, _)| *wanted);
        params.extended_key_usages = usages.map(|(_, usage)| usage).collect();
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = (leaf.not_before, leaf.not_after);
        let key = KeyPair::generate()?;
        Ok(Issued {
            cert: params.signed_by(&key, &self.0)?.pem(),
            key: key.serialize_pem(),
        })
    }
}

impl Issued {
    /// Writes both files; only the owner can read the key.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self, cert: &Path, key: &Path) -> anyhow::Result<()> {
        fs::write(cert, &self.cert).with_context(|| format!("cannot write {}", cert.display()))?;
        fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(key)
            .and_then(|mut file| file.write_all(self.key.as_bytes()))
            .with_context(|| format!("cannot write {}", key.display()))
    }
}
