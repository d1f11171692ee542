//! Keys and signatures that verifiers refuse as too weak.

use x509_parser::{
    der_parser::{Oid, oid},
    prelude::X509Certificate,
    public_key::PublicKey,
};

/// The smallest RSA key in bits that verifiers accept.
const RSA_BITS: usize = 2048;

/// Signatures over a broken hash function.
const BROKEN: &[(Oid<'static>, &str)] = &[
    (oid!(1.2.840.113549.1.1.5), "SHA-1"),
    (oid!(1.2.840.10045.4.1), "SHA-1"),
    (oid!(1.2.840.113549.1.1.4), "MD5"),
];

/// The weakness of a certificate's key or signature. The signature of a certificate
/// that signs itself proves nothing, so its hash function does not count.
pub(super) fn of(certificate: &X509Certificate<'_>) -> Option<String> {
    if let Ok(PublicKey::RSA(key)) = certificate.public_key().parsed()
        && (1..RSA_BITS).contains(&key.key_size())
    {
        return Some(format!("has an RSA key of {} bits", key.key_size()));
    }
    let algorithm = &certificate.signature_algorithm.algorithm;
    let (_, hash) = BROKEN.iter().find(|(oid, _)| oid == algorithm)?;
    (certificate.subject() != certificate.issuer()).then(|| format!("is signed with {hash}"))
}
