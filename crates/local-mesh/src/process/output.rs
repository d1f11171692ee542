//! The output of a process: logged, and searched for the `listening` line.

use std::{net::SocketAddr, sync::Arc};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::{mpsc, watch},
};

/// Takes the output of all processes, line by line.
pub type Log = mpsc::UnboundedSender<String>;

/// Takes the output of one process, line by line.
pub type OnLine = Arc<dyn Fn(&str) + Send + Sync>;

/// Sends each line of a process to the log, with its name.
pub(crate) fn labelled(name: &str, log: &Log) -> OnLine {
    let (name, log) = (name.to_owned(), log.clone());
    Arc::new(move |line| {
        // Tests drop the receiver of the log.
        let _ = log.send(format!("[{name}] {line}"));
    })
}

/// The addresses on which a server listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// Its public listener.
    pub public: SocketAddr,
    /// Its admin listener.
    pub admin: SocketAddr,
}

/// Where the output of a process goes.
#[derive(Clone)]
pub(super) struct Output {
    pub(super) on_line: OnLine,
    pub(super) last_line: watch::Sender<String>,
    pub(super) addresses: watch::Sender<Option<Addresses>>,
}

impl Output {
    /// Reads standard output or standard error to its end.
    pub(super) async fn read(self, stream: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(addresses) = addresses(&line) {
                self.addresses.send_replace(Some(addresses));
            }
            (self.on_line)(&line);
            self.last_line.send_replace(line);
        }
    }
}

/// The addresses in a server's `listening` line, as JSON or text.
fn addresses(line: &str) -> Option<Addresses> {
    if let Ok(line) = line.parse::<Value>() {
        let address = |name: &str| line[name].as_str()?.parse().ok();
        return Some(Addresses {
            public: address("public")?,
            admin: address("admin")?,
        });
    }
    let (_, fields) = line.split_once(" listening ")?;
    let value = |key: &str| {
        let field = fields
            .split(' ')
            .find_map(|field| field.strip_prefix(key))?;
        field.parse().ok()
    };
    Some(Addresses {
        public: value("public=")?,
        admin: value("admin=")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_addresses_in_a_listening_line() {
        let line = "2026-01-01T00:00:00Z  INFO listening program=\"x\" public=127.0.0.1:1 admin=[::1]:2 tls=false";
        let json =
            r#"{"severity":"INFO","message":"listening","public":"127.0.0.1:1","admin":"[::1]:2"}"#;
        for line in [line, json] {
            let found = addresses(line).unwrap();
            assert_eq!(found.public, "127.0.0.1:1".parse().unwrap());
            assert_eq!(found.admin, "[::1]:2".parse().unwrap());
        }
        for line in [
            "2026-01-01T00:00:00Z  INFO stopped",
            r#"{"message":"stopped"}"#,
            "1",
        ] {
            assert!(addresses(line).is_none(), "{line}");
        }
    }
}
