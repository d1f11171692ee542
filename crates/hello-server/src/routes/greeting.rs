//! A greeting as JSON.

use serde::Serialize;
use tonic::metadata::MetadataMap;

use super::Shared;

/// A greeting, and who took part in it.
#[derive(Serialize)]
struct Greeting<'a> {
    /// The greeting.
    message: &'a str,
    /// The host name of the greeter.
    from: &'a str,
    /// The host name of this server.
    via: &'a str,
    /// The greeter's version, for the page only: curl gets what it always got.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// The colour of the version, as the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<&'a str>,
}

/// The greeting of a reply with this metadata, as JSON; with the greeter's version if it
/// is detailed.
pub(super) fn greeting(
    app: &Shared,
    metadata: &MetadataMap,
    message: &str,
    is_detailed: bool,
) -> Vec<u8> {
    let detail = |key| text(metadata, key).filter(|_| is_detailed);
    json(&Greeting {
        message,
        from: text(metadata, greeter_proto::HOSTNAME).unwrap_or("unknown"),
        via: &app.hostname,
        version: detail(greeter_proto::VERSION),
        color: detail(greeter_proto::COLOR),
    })
}

fn text<'a>(metadata: &'a MetadataMap, key: &str) -> Option<&'a str> {
    metadata.get(key)?.to_str().ok()
}

pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    // Serializing text cannot fail.
    serde_json::to_vec(value).unwrap_or_default()
}
