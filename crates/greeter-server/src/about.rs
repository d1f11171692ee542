//! What the greeter says of itself in the initial metadata of each reply.

use std::sync::Arc;

use anyhow::Context;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use service_kit::Label;
use tonic::metadata::AsciiMetadataValue;

const HOSTNAME: HeaderName = HeaderName::from_static(greeter_proto::HOSTNAME);
const VERSION: HeaderName = HeaderName::from_static(greeter_proto::VERSION);
const COLOR: HeaderName = HeaderName::from_static(greeter_proto::COLOR);

/// The host name, and the version and its colour if they are set.
#[derive(Clone, Debug)]
pub(crate) struct About {
    hostname: HeaderValue,
    /// Empty by default, so that it costs a call nothing.
    label: Arc<[(HeaderName, HeaderValue)]>,
}

/// # Errors
/// If the host name cannot be sent as metadata.
pub(crate) fn about(hostname: &str, label: &Label) -> anyhow::Result<About> {
    AsciiMetadataValue::try_from(hostname)
        .with_context(|| format!("--hostname {hostname:?} must be printable ASCII"))?;
    let mut more = Vec::new();
    for (name, value) in [(VERSION, label.version()), (COLOR, label.color())] {
        if let Some(value) = value {
            more.push((name, HeaderValue::from_str(value)?));
        }
    }
    Ok(About {
        hostname: HeaderValue::from_str(hostname)?,
        label: more.into(),
    })
}

impl About {
    pub(crate) fn insert_into(&self, headers: &mut HeaderMap) {
        headers.insert(HOSTNAME, self.hostname.clone());
        for (name, value) in &*self.label {
            headers.insert(name.clone(), value.clone());
        }
    }
}
