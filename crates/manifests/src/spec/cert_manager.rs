//! cert-manager's kinds.

use serde::Deserialize;

use super::{
    closed,
    gateway_api::{NameRef, ParentRef},
    kubernetes::KeyRef,
};

closed! {
    Certificate {
        secret_name: String,
        #[serde(rename = "isCA")]
        is_ca: bool,
        common_name: String,
        dns_names: Vec<String>,
        duration: String,
        private_key: PrivateKey,
        issuer_ref: IssuerRef,
    }
    PrivateKey { algorithm: String, size: u32, rotation_policy: String, }
    IssuerRef { group: String, kind: String, name: String, }
    ClusterIssuer { acme: Acme, ca: Ca, self_signed: SelfSigned, }
    SelfSigned {}
    Ca { secret_name: String, }
    Acme {
        server: String,
        email: String,
        private_key_secret_ref: NameRef,
        solvers: Vec<Solver>,
    }
    Solver { dns01: Dns01, http01: Http01, }
    Dns01 {
        #[serde(rename = "cloudDNS")]
        cloud_dns: CloudDns,
    }
    CloudDns { project: String, service_account_secret_ref: KeyRef, }
    Http01 {
        #[serde(rename = "gatewayHTTPRoute")]
        gateway_http_route: GatewayHttpRoute,
    }
    GatewayHttpRoute { parent_refs: Vec<ParentRef>, }
}
