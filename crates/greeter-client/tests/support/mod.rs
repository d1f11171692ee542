//! Servers, whole and broken, and the real client program.
#![allow(dead_code, missing_docs, reason = "each test file uses a part of it")]

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Parser;
use pki::{Authority, Issued, Leaf};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use service_kit::Listeners;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    process::Command,
};
use tokio_rustls::TlsAcceptor;

/// How a run of the client ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

/// Runs the client program.
pub(crate) async fn client(args: &[&str]) -> Run {
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_greeter-client"))
        .args(args)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: started.elapsed(),
    }
}

impl Run {
    /// Checks that it failed within a second, in one line that has all of this.
    #[track_caller]
    pub(crate) fn fails_with(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in {self:?}");
        }
        assert!(self.took < Duration::from_secs(1), "{self:?}");
    }
}

/// A CA with its files, and the certificates that it issues.
pub(crate) struct Pki {
    directory: TempDir,
    authority: Authority,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let pki = Self {
            directory: TempDir::new().unwrap(),
            authority: Authority::new("Test CA").unwrap(),
        };
        std::fs::write(pki.directory.path().join("ca.pem"), pki.authority.pem()).unwrap();
        pki
    }

    pub(crate) fn path(&self, file: &str) -> String {
        self.directory
            .path()
            .join(file)
            .to_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn ca(&self) -> String {
        self.path("ca.pem")
    }

    /// Issues a leaf and writes `<name>.pem` and `<name>.key`; gives both paths.
    pub(crate) fn issue(&self, name: &str, leaf: &Leaf) -> (String, String) {
        let (cert, key) = (
            self.path(&format!("{name}.pem")),
            self.path(&format!("{name}.key")),
        );
        let issued = self.authority.issue(leaf).unwrap();
        issued
            .write(&PathBuf::from(&cert), &PathBuf::from(&key))
            .unwrap();
        (cert, key)
    }

    /// A rustls server's configuration with this leaf and these protocols.
    pub(crate) fn server(&self, leaf: &Leaf, alpn: &[&str]) -> ServerConfig {
        server(&self.authority.issue(leaf).unwrap(), alpn)
    }
}

/// A rustls server's configuration with this certificate and these protocols.
pub(crate) fn server(issued: &Issued, alpn: &[&str]) -> ServerConfig {
    let cert = CertificateDer::from_pem_slice(issued.cert.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)
        .unwrap();
    config.alpn_protocols = alpn
        .iter()
        .map(|protocol| protocol.as_bytes().to_vec())
        .collect();
    config
}

/// A leaf for `localhost`.
pub(crate) fn localhost() -> Leaf {
    Leaf::new(["localhost"])
}

/// The real greeter on a port of its own, with these further flags.
pub(crate) async fn greeter(flags: &[&str]) -> String {
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let listeners = Listeners::bind(any, any).await.unwrap();
    let port = listeners.public.local_addr().unwrap().port();
    let args = ["greeter-server", "--hostname", "greeter-under-test"];
    let config = greeter_server::Config::parse_from(args.iter().chain(flags));
    tokio::spawn(greeter_server::run(
        listeners,
        config,
        std::future::pending(),
    ));
    format!("localhost:{port}")
}

/// A greeter with a certificate for `localhost` of this CA.
pub(crate) async fn tls_greeter(pki: &Pki, flags: &[&str]) -> String {
    let (cert, key) = pki.issue("greeter", &localhost());
    let tls = ["--tls-cert", cert.as_str(), "--tls-key", key.as_str()];
    greeter(&[&tls[..], flags].concat()).await
}

/// A server that treats each connection as `handle` says.
pub(crate) async fn serve<F: Future<Output = ()> + Send + 'static>(
    handle: impl Fn(TcpStream) -> F + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(handle(stream));
        }
    });
    format!("localhost:{port}")
}

/// A server that completes TLS handshakes and then says nothing.
pub(crate) async fn silent_tls(config: ServerConfig) -> String {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let _stream = acceptor.accept(stream).await;
            std::future::pending().await
        }
    })
    .await
}
