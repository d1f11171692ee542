//! The gateway's configuration: a template and its values.

use std::{
    fs, io,
    net::{IpAddr, SocketAddr},
    path::Path,
};

use super::features::{Features, indented};
use crate::process::Addresses;

const TEMPLATE: &str = include_str!("../envoy.yaml");
const HTTP: &str = include_str!("http.yaml");
const FAULTS: &str = include_str!("faults.yaml");
const CERTIFICATE: &str = include_str!("certificate.yaml");

/// The name of the configuration's file.
pub(super) const CONFIG_FILE: &str = "envoy.yaml";
const CERTIFICATE_FILE: &str = "certificate.yaml";

/// The values of the gateway's configuration.
#[derive(Debug)]
pub struct Settings<'a> {
    /// The address to listen on.
    pub address: IpAddr,
    /// The plaintext port; 0 for a free one.
    pub http_port: u16,
    /// The TLS port; 0 for a free one.
    pub https_port: u16,
    /// The addresses of the greeters.
    pub greeters: &'a [Addresses],
    /// The addresses of the hello servers.
    pub hello: &'a [Addresses],
    /// What only some gateways have.
    pub features: Features,
}

impl Settings<'_> {
    /// Writes Envoy's configuration into a directory: `envoy.yaml`, and the file that
    /// names the certificate's files, `cert.pem` and `key.pem`. Envoy's working
    /// directory must be this one.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        fs::write(directory.join(CERTIFICATE_FILE), CERTIFICATE)?;
        fs::write(directory.join(CONFIG_FILE), self.render())
    }

    /// Envoy's configuration as YAML.
    #[must_use]
    pub fn render(&self) -> String {
        let features = &self.features;
        let greeters = self.greeters.iter().zip((0..self.greeters.len()).rev());
        let greeters =
            greeters.map(|(it, from_last)| endpoint(it.public, "", &features.weight(from_last)));
        let hello = self.hello.iter().map(|it| {
            // `/readyz` is served by the admin listener only.
            let check = format!(
                ", health_check_config: {{ port_value: {} }}",
                it.admin.port()
            );
            endpoint(it.public, &check, "")
        });
        TEMPLATE
            .replace("${GATEWAY_FILTERS}", &self.filters("gateway"))
            .replace("${SIDECAR_FILTERS}", &self.filters("sidecar"))
            .replace("${GREETER_LIMITS}", &indented(&features.resilience(), 6))
            .replace("${COLLECTOR}", &indented(&features.collector(), 4))
            .replace("${ADDRESS}", &self.address.to_string())
            .replace("${HTTP_PORT}", &self.http_port.to_string())
            .replace("${HTTPS_PORT}", &self.https_port.to_string())
            .replace(
                "${GREETER_ENDPOINTS}",
                &greeters.collect::<Vec<_>>().join(", "),
            )
            .replace("${HELLO_ENDPOINTS}", &hello.collect::<Vec<_>>().join(", "))
    }

    /// The HTTP connection manager of a listener.
    fn filters(&self, proxy: &str) -> String {
        let faults = if proxy == "gateway" { FAULTS } else { "" };
        let http = HTTP
            .replace("${PROXY}", proxy)
            .replace("${FAULTS}", &indented(faults, 6))
            .replace("${TRACING}", &indented(&self.features.tracing(proxy), 4));
        indented(&http, 10)
    }
}

fn endpoint(address: SocketAddr, check: &str, weight: &str) -> String {
    format!(
        "{{ endpoint: {{ address: {{ socket_address: {{ address: {}, port_value: {} }} }}{check} }}{weight} }}",
        address.ip(),
        address.port()
    )
}
