//! An Envoy container in the place of the Services and the gateway.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use local_mesh::envoy;
use pki::{Authority, Leaf};

use crate::{container::Container, engine::Network};

/// Envoy's binary needs glibc.
const BASE_IMAGE: &str = "debian:bookworm-slim";

/// Envoy logs this only after the first health checks.
const READY: &str = "starting main dispatch loop";

/// Starts Envoy with the `envoy.yaml` and the certificate of a directory.
pub(crate) async fn start(network: &Network, directory: &Path) -> Container {
    let program = format!("--volume={}:/envoy:ro", binary().display());
    let configuration = format!("--volume={}:/etc/envoy", directory.display());
    let network = format!("--network={}", network.name());
    let flags = [
        network.as_str(),
        "--network-alias=greeter.default.svc.cluster.local",
        "--network-alias=istio-ingressgateway.istio-ingress.svc.cluster.local",
        "--publish=127.0.0.1::80",
        &program,
        &configuration,
        "--workdir=/etc/envoy",
        "--entrypoint=/envoy",
    ];
    let args = ["--config-path", "envoy.yaml", "--disable-hot-restart"];
    let gateway = Container::create(&flags, BASE_IMAGE, &args).await;
    gateway.start(READY).await;
    gateway
}

/// Writes the gateway's certificate for `domain`, the CA as a Secret's volume has
/// it (`tls/ca.crt`), and an empty file.
pub(crate) fn write_certificates(directory: &Path, domain: &str) {
    let authority = Authority::new("A CA that nobody knows").unwrap();
    let issued = authority.issue(&Leaf::new([domain])).unwrap();
    let file = |name: &str| directory.join(name);
    issued.write(&file("cert.pem"), &file("key.pem")).unwrap();
    fs::create_dir(file("tls")).unwrap();
    fs::set_permissions(file("tls"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(file("tls/ca.crt"), authority.pem()).unwrap();
    fs::write(file("empty"), "").unwrap();
}

/// Envoy's binary. The Python package's `bin/envoy` is a script.
fn binary() -> PathBuf {
    let found = envoy::find().unwrap().canonicalize().unwrap();
    if fs::read(&found).unwrap().starts_with(b"\x7fELF") {
        return found;
    }
    let libraries = found.parent().unwrap().join("../lib");
    let mut versions = fs::read_dir(libraries).unwrap().flatten();
    versions
        .find_map(|python| {
            let program = python.path().join("site-packages/envoy/_bin/envoy");
            program.is_file().then_some(program)
        })
        .expect("Envoy's Python package has no binary; install it again with `make clean envoy`")
}
