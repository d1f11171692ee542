//! Request metadata on the command line: `--header k=v` or `--header 'k: v'`.

use anyhow::{Context, bail, ensure};
use clap::Args;
use http::{HeaderMap, HeaderName, HeaderValue};
use tonic::metadata::MetadataMap;

/// Request metadata.
#[derive(Args, Clone, Debug)]
pub struct MetadataArgs {
    /// Send this metadata, as k=v or 'k: v'; may be repeated
    #[arg(long, value_name = "K=V", value_parser = header)]
    pub header: Vec<(HeaderName, HeaderValue)>,
}

/// The headers that gRPC sets itself.
const OF_GRPC: [&str; 3] = ["te", "content-type", "host"];

/// The headers that HTTP/2 forbids or sets itself (RFC 9113, section 8.2.2).
const OF_HTTP2: [&str; 6] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];

fn header(text: &str) -> anyhow::Result<(HeaderName, HeaderValue)> {
    if let Some(pseudo) = text.strip_prefix(':') {
        ensure!(!pseudo.starts_with("authority"), "use --authority");
        bail!("gRPC sets pseudo-headers itself; leave it out");
    }
    let (name, value) = text
        .split_once(['=', ':'])
        .context("write it as name=value or 'name: value'")?;
    let (name, value) = (name.trim(), value.trim());
    let name: HeaderName = name.parse().with_context(|| {
        format!("{name:?} is not a metadata key; use letters, digits, '-', '_' and '.'")
    })?;
    if name.as_str().starts_with("grpc-") || OF_GRPC.contains(&name.as_str()) {
        bail!("gRPC sets {name} itself; see --timeout, --compress and --authority");
    }
    if OF_HTTP2.contains(&name.as_str()) {
        bail!("HTTP/2 does not allow the header {name}; leave it out");
    }
    ensure!(
        value.bytes().all(|byte| matches!(byte, b' '..=b'~')),
        "the value must be printable ASCII; for anything else, use a key that ends in -bin with a value in base64"
    );
    let value: HeaderValue = value.parse().context("not a metadata value")?;
    if name.as_str().ends_with("-bin") {
        let headers = HeaderMap::from_iter([(name.clone(), value.clone())]);
        let metadata = MetadataMap::from_headers(headers);
        let decoded = metadata.get_bin(name.as_str()).map(|it| it.to_bytes());
        ensure!(
            decoded.is_some_and(|it| it.is_ok()),
            "the value of a key that ends in -bin must be base64"
        );
    }
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_both_forms() {
        for text in ["x-a=b: c", "x-a: b: c", " X-A = b: c "] {
            let (name, value) = header(text).unwrap();
            assert_eq!((name.as_str(), value.as_bytes()), ("x-a", &b"b: c"[..]));
        }
        assert_eq!(header("a=b=c").unwrap().1, "b=c");
        for binary in ["x-bin=AAEC", "x-bin=AAE=", "x-bin=AAE"] {
            assert!(header(binary).is_ok(), "{binary}");
        }
    }

    #[test]
    fn refuses_others_with_the_reason() {
        for (text, error) in [
            ("a", "write it as name=value"),
            (":authority=h", "use --authority"),
            (":path=/", "pseudo-headers"),
            ("a b=c", "is not a metadata key"),
            ("=c", "is not a metadata key"),
            ("grpc-timeout=1S", "see --timeout"),
            ("content-length=3", "HTTP/2 does not allow"),
            ("Transfer-Encoding: chunked", "HTTP/2 does not allow"),
            ("a=é", "printable ASCII"),
            ("a=b\nc", "printable ASCII"),
            ("x-bin=!!!", "must be base64"),
        ] {
            let found = header(text).unwrap_err().to_string();
            assert!(found.contains(error), "{text:?}: {found}");
        }
    }
}
