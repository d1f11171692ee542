//! The gateway's configuration: a template and its values.

use std::net::{IpAddr, SocketAddr};

use crate::process::Addresses;

const TEMPLATE: &str = include_str!("../envoy.yaml");

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
}

impl Settings<'_> {
    /// Envoy's configuration as YAML. It names `cert.pem`, `key.pem` and
    /// `greeter.sock` relative to Envoy's working directory.
    #[must_use]
    pub fn render(&self) -> String {
        let greeters = self.greeters.iter().map(|it| endpoint(it.public, ""));
        let hello = self.hello.iter().map(|it| {
            // `/readyz` is served by the admin listener only.
            let check = format!(
                ", health_check_config: {{ port_value: {} }}",
                it.admin.port()
            );
            endpoint(it.public, &check)
        });
        TEMPLATE
            .replace("${ADDRESS}", &self.address.to_string())
            .replace("${HTTP_PORT}", &self.http_port.to_string())
            .replace("${HTTPS_PORT}", &self.https_port.to_string())
            .replace(
                "${GREETER_ENDPOINTS}",
                &greeters.collect::<Vec<_>>().join(", "),
            )
            .replace("${HELLO_ENDPOINTS}", &hello.collect::<Vec<_>>().join(", "))
    }
}

fn endpoint(address: SocketAddr, more: &str) -> String {
    format!(
        "{{ endpoint: {{ address: {{ socket_address: {{ address: {}, port_value: {} }} }}{more} }} }}",
        address.ip(),
        address.port()
    )
}
